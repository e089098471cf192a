// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/data_arguments.h"
#include "pipeline/dataset_jobs.h"

namespace attune::cli {
namespace {

struct Flags {
    std::vector<std::string> files, map;
    std::string name, delimiter;
    importer::ImportOptions options;
    bool isReplace = false;
};

Status readDelimiter(const std::string& text, importer::ImportOptions& options)
{
    if (text == "\\t" || text == "tab")
        options.delimiter = '\t';
    else if (text.size() == 1)
        options.delimiter = text[0];
    else if (!text.empty())
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no delimiter.", text), "Give one character, or tab.");
    return {};
}

std::string inWords(const pipeline::ImportReport& report)
{
    const auto& header = report.header;
    std::string text = fmt::format("{}: {} row{} from {} in {:.2f} s\n", report.row.name, header.rows, header.rows == 1 ? "" : "s", header.sources.size() == 1 ? header.sources[0].path : fmt::format("{} files", header.sources.size()), report.seconds);
    if (!header.sentence.empty())
        text += header.sentence + "\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto& column : header.columns)
        rows.push_back({column.name, column.type, std::string(importer::roleName(column.role))});
    text += table({"column", "type", "role"}, rows);
    if (header.skipped > 0)
        text += fmt::format("{} {} left out:\n", header.skipped, header.skipped == 1 ? "row was" : "rows were");
    for (std::size_t i = 0; i < std::min<std::size_t>(10, header.problems.size()); ++i)
        text += fmt::format("  line {}: {}\n", header.problems[i].line, header.problems[i].message);
    return text;
}

Status importData(Session& session, Flags flags)
{
    ATTUNE_RETURN_IF_ERROR(readRoleMap(flags.map, flags.options.roles));
    ATTUNE_RETURN_IF_ERROR(readDelimiter(flags.delimiter, flags.options));
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto report, pipeline::importDataset(*store, flags.files, flags.name, flags.options, flags.isReplace, session.context()));
    session.print(report.toJson(), inWords(report));
    return {};
}

}

const Command& data_import()
{
    static const Command command {"data import", "Add files as a dataset: JSONL, JSON, CSV, TSV, text, Markdown", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("files", flags->files, "Files, or folders of files")->required();
        app.add_option("--name", flags->name, "The dataset's name (default: the first file's)");
        app.add_option("--format", flags->options.format, "jsonl json csv tsv text markdown (default: by content)");
        app.add_option("--map", flags->map, "Roles of columns: role=column,…")->delimiter(',');
        app.add_option("--split", flags->options.split, "Text and Markdown: what a row is")->check(CLI::IsMember({"line", "paragraph", "document"}));
        app.add_option("--delimiter", flags->delimiter, "CSV: the character between fields (default: by content)");
        app.add_option("--header", flags->options.header, "CSV: whether the first line holds names")->check(CLI::IsMember({"auto", "yes", "no"}));
        app.add_flag("--copy", flags->options.copy, "Keep a copy of the files in the workspace");
        app.add_flag("--replace", flags->isReplace, "Make a new version of a dataset of that name");
        return [flags](Session& session) { return importData(session, *flags); };
    }};
    return command;
}

}
