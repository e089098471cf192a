// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/dataset_jobs.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string dataset, method = "exact", keep = "first", groups;
    double threshold = 0.8;
    std::vector<std::string> columns;
    bool isDryRun = false;
};

Status dedupeData(Session& session, const Flags& flags)
{
    cleaner::DuplicateOptions options;
    options.method = flags.method == "near" ? cleaner::DuplicateMethod::Near : flags.method == "normalized" ? cleaner::DuplicateMethod::Normalized : cleaner::DuplicateMethod::Exact;
    options.keep = flags.keep == "longest" ? cleaner::Keep::Longest : cleaner::Keep::First;
    options.threshold = flags.threshold;
    options.columns = flags.columns;
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto report, pipeline::dedupeDataset(*store, flags.dataset, options, flags.groups, flags.isDryRun, session.context()));
    session.print(report.toJson(), fmt::format("{} groups of duplicates; {} rows {}, {} of {} are left ({:.2f} s)", report.groups.size(), report.rowsIn - report.rowsOut,
        flags.isDryRun ? "would go" : "were dropped", report.rowsOut, report.rowsIn, report.seconds));
    return {};
}

}

const Command& data_dedupe()
{
    static const Command command {"data dedupe", "Drop duplicate rows, as one more step of a new version", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("dataset", flags->dataset, "A dataset's name")->required();
        app.add_option("--method", flags->method, "What counts as the same: exact, normalized, near")->check(CLI::IsMember({"exact", "normalized", "near"}));
        app.add_option("--threshold", flags->threshold, "near: the least similarity, 0 to 1")->check(CLI::Range(0.0, 1.0));
        app.add_option("--keep", flags->keep, "Which row of a group stays: first or longest")->check(CLI::IsMember({"first", "longest"}));
        app.add_option("--columns", flags->columns, "Compare only these columns")->delimiter(',');
        app.add_option("--groups", flags->groups, "Write the groups to this JSONL file");
        app.add_flag("--dry-run", flags->isDryRun, "Only look; change nothing");
        return [flags](Session& session) { return dedupeData(session, *flags); };
    }};
    return command;
}

}
