// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_scan.h"

#include <sstream>

namespace attune::cli {
namespace {

constexpr std::size_t kMostShown = 20;

struct Flags {
    std::string dataset, names;
    cleaner::ScanOptions options;
    pipeline::ScanIgnores ignores;
    bool isForgetting = false;
};

std::string inWords(const pipeline::ScanReport& report)
{
    std::string text;
    for (const auto& [kind, count] : report.counts)
        text += fmt::format("{:<6} {}\n", kind, count);
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < std::min(kMostShown, report.findings.size()); ++i) {
        const auto& f = report.findings[i];
        rows.push_back({std::to_string(f.row), f.column + f.path, f.kind, fmt::format("{}-{}", f.start, f.end), f.text.substr(0, f.text.find('\n'))});
    }
    if (!rows.empty())
        text += table({"row", "column", "kind", "place", "text"}, rows);
    if (report.findings.size() > kMostShown)
        text += fmt::format("… and {} more; --json shows all of them\n", report.findings.size() - kMostShown);
    return text + fmt::format("{} findings in {} of {} rows ({:.2f} s)", report.findings.size(), report.rowsWithFindings, report.rows, report.seconds);
}

/// Values and patterns to ignore are kept with the dataset; for a file they count this once.
Status rememberIgnores(store::Store& store, Flags& flags)
{
    std::error_code error;
    if (fs::exists(absolutePath(flags.dataset), error)) {
        flags.options.ignoredValues = flags.ignores.values;
        flags.options.ignoredPatterns = flags.ignores.patterns;
        return {};
    }
    ATTUNE_TRY(const auto name, pipeline::parseDatasetName(flags.dataset));
    ATTUNE_TRY([[maybe_unused]] const auto row, pipeline::findDataset(store, name));
    ATTUNE_TRY(auto kept, pipeline::scanIgnores(store, name.name));
    if (flags.isForgetting)
        kept = {};
    kept.values.insert(kept.values.end(), flags.ignores.values.begin(), flags.ignores.values.end());
    kept.patterns.insert(kept.patterns.end(), flags.ignores.patterns.begin(), flags.ignores.patterns.end());
    return pipeline::setScanIgnores(store, name.name, kept);
}

Status scanData(Session& session, Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    if (!flags.names.empty()) {
        ATTUNE_TRY(const std::string text, readFile(absolutePath(flags.names), std::size_t(1) << 26));
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            flags.options.names.push_back(line);
    }
    if (flags.isForgetting || !flags.ignores.values.empty() || !flags.ignores.patterns.empty())
        ATTUNE_RETURN_IF_ERROR(rememberIgnores(*store, flags));
    ATTUNE_TRY(const auto report, pipeline::scanDataset(*store, flags.dataset, flags.options, session.context()));
    session.print(report.toJson(), inWords(report));
    return {};
}

}

const Command& data_scan()
{
    static const Command command {"data scan", "Find personal data and secrets; changes nothing", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("dataset", flags->dataset, "A dataset's name (name@version:split), or a file")->required();
        app.add_option("--kinds", flags->options.kinds, "What to look for: email phone card iban ip key url name (default: all but name)")->delimiter(',');
        app.add_option("--columns", flags->options.columns, "Look only in these columns")->delimiter(',');
        app.add_option("--names", flags->names, "A file with names of people, one a line, for the kind name");
        app.add_option("--ignore", flags->ignores.values, "Pass over this value, now and in later scans of the dataset");
        app.add_option("--ignore-pattern", flags->ignores.patterns, "Pass over values in which this regular expression is found");
        app.add_flag("--forget-ignored", flags->isForgetting, "Forget the values and patterns ignored so far");
        return [flags](Session& session) { return scanData(session, *flags); };
    }};
    return command;
}

}
