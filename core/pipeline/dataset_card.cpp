// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_card.h"

#include "base/file.h"
#include "base/hash.h"
#include "cleaner/steps.h"
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_scan.h"

namespace attune::pipeline {
namespace {

constexpr int kMostVersions = 200;

std::string fileName(const std::string& path)
{
    return fs::path(path).filename().string();
}

/// A cell of a Markdown table.
std::string cell(std::string text)
{
    for (std::size_t at = text.find_first_of("|\n\r"); at != std::string::npos; at = text.find_first_of("|\n\r", at + 2))
        text.replace(at, 1, text[at] == '|' ? "\\|" : "  ");
    return text;
}

std::string tableRow(const std::vector<std::string>& cells)
{
    std::string line = "|";
    for (const auto& text : cells)
        line += " " + cell(text) + " |";
    return line + "\n";
}

std::string tableHead(const std::vector<std::string>& cells)
{
    std::string line = tableRow(cells) + "|";
    for (std::size_t i = 0; i < cells.size(); ++i)
        line += "---|";
    return line + "\n";
}

const char* sizeCategory(std::int64_t rows)
{
    return rows < 1'000 ? "n<1K" : rows < 10'000 ? "1K<n<10K" : rows < 100'000 ? "10K<n<100K" : rows < 1'000'000 ? "100K<n<1M" : rows < 10'000'000 ? "1M<n<10M" : "10M<n<100M";
}

std::string frontMatter(const importer::Dataset& data, const DataExportReport& report)
{
    // Names are letters, digits, '.', '_' and '-'; the file's own name may hold anything, and JSON text is YAML.
    return fmt::format("---\npretty_name: {}\nsize_categories:\n- {}\nconfigs:\n- config_name: default\n  data_files: {}\n---\n\n", toLine(data.name()), sizeCategory(report.rows), toLine(fileName(report.path)));
}

std::string factsOf(const importer::Dataset& data, const DataExportReport& report, const std::string& style, const std::string& sha)
{
    return "## The file\n\n" + tableHead({"", ""}) + tableRow({"file", fileName(report.path)}) + tableRow({"rows", std::to_string(report.rows)}) + tableRow({"bytes", std::to_string(report.bytes)}) + tableRow({"style", style})
        + tableRow({"SHA-256", sha}) + tableRow({"content hash (XXH3-128)", data.contentHash()}) + tableRow({"written", store::nowUtc() + " by Attune"}) + "\n";
}

std::string columnsOf(const importer::Dataset& data)
{
    std::string text = "## Columns of the dataset\n\n" + tableHead({"column", "type", "role"});
    for (const auto& column : data.columns())
        text += tableRow({column.name, column.type, std::string(importer::roleName(column.role))});
    return text + "\n";
}

std::string sourcesOf(const Json& info)
{
    const Json sources = info.value("sources", Json::array());
    if (sources.empty())
        return {};
    std::string text = "## Sources\n\n" + tableHead({"file", "format", "encoding", "rows", "bytes", "hash (XXH3-128)"});
    for (const auto& source : sources)
        text += tableRow({fileName(source.value("path", std::string())), source.value("format", std::string()), source.value("encoding", std::string()), std::to_string(source.value("rows", std::int64_t(0))),
            std::to_string(source.value("bytes", std::uint64_t(0))), source.value("hash", std::string())});
    if (const auto skipped = info.value("skipped", std::int64_t(0)))
        text += fmt::format("\n{} rows of the sources were broken and left out.\n", skipped);
    return text + "\n";
}

/// What a version did, in words.
std::string kindOf(const Json& info)
{
    const std::string kind = info.value("kind", std::string());
    if (kind == "split" && info.contains("splits")) {
        std::string parts;
        for (const auto& [name, rows] : info["splits"].items())
            parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", name, toLine(rows));
        return "split: " + parts;
    }
    if (kind == "combine" && info.contains("combined")) {
        std::string parts;
        for (const auto& part : info["combined"].value("parts", Json::array()))
            parts += fmt::format("{}{} ({} rows, hash {})", parts.empty() ? "" : ", ", part.value("dataset", std::string()), part.value("rows", std::int64_t(0)), part.value("hash", std::string()));
        return "combined from " + parts;
    }
    return kind;
}

/// Versions from the one given back to its import.
Result<std::vector<store::DatasetRow>> ancestry(store::Store& store, store::DatasetRow row)
{
    std::vector<store::DatasetRow> rows {row};
    while (rows.back().info.contains("parent") && rows.size() < kMostVersions) {
        const auto name = parseDatasetName(rows.back().info["parent"].get<std::string>());
        if (!name)
            break;
        ATTUNE_TRY(auto parent, store.dataset(name->name, name->version));
        if (!parent)
            break;  // removed since
        rows.push_back(std::move(*parent));
    }
    return rows;
}

Result<std::string> lineageOf(store::Store& store, const store::DatasetRow& row)
{
    ATTUNE_TRY(const auto versions, ancestry(store, row));
    std::string text = "## Lineage\n\n" + tableHead({"version", "made", "rows", "how"});
    for (auto it = versions.rbegin(); it != versions.rend(); ++it)
        text += tableRow({fmt::format("{}@{}", it->name, it->version), it->created, std::to_string(it->rows), kindOf(it->info)});
    text += "\n" + sourcesOf(versions.back().info);
    ATTUNE_TRY(const auto steps, stepsOf(row));
    if (!steps.empty())
        text += "## Steps\n\nReplaying these on the sources gives these rows again (`attune data clean --steps`).\n\n```yaml\n" + cleaner::toYaml(steps) + "```\n\n";
    return text;
}

Result<std::string> scanOf(store::Store& store, const std::string& dataset)
{
    ATTUNE_TRY(const auto scan, storedScan(store, dataset));
    std::string text = "## Personal data\n\n";
    if (!scan)
        return text + "This version was not scanned.\n";
    std::string found;
    for (const auto& [kind, count] : scan->counts)
        if (count > 0)
            found += fmt::format("{}{} {}", found.empty() ? "" : ", ", count, kind);
    text += fmt::format("Scanned {} for {}: {}", scan->created, fmt::join(scan->kinds, ", "), found.empty() ? "nothing found" : found + fmt::format(", in {} of {} rows", scan->rowsWithFindings, scan->rows));
    return text + fmt::format("; {} values and patterns were ignored.\n", scan->ignored.values.size() + scan->ignored.patterns.size());
}

/// The registered version that an argument names; nothing for a file.
Result<std::optional<store::DatasetRow>> registered(store::Store& store, const std::string& dataset)
{
    std::error_code error;
    if (fs::exists(absolutePath(dataset), error))
        return std::optional<store::DatasetRow>();
    ATTUNE_TRY(const auto name, parseDatasetName(dataset));
    ATTUNE_TRY(auto row, findDataset(store, name));
    return std::optional(std::move(row));
}

}

Result<std::string> writeDatasetCard(store::Store& store, const std::string& dataset, const importer::Dataset& data, const DataExportReport& report, const std::string& style)
{
    ATTUNE_TRY(const std::string sha, sha256OfFile(report.path));
    std::string text = frontMatter(data, report) + "# " + data.name() + "\n\n" + factsOf(data, report, style, sha) + columnsOf(data);
    ATTUNE_TRY(const auto row, registered(store, dataset));
    if (row) {
        ATTUNE_TRY(const auto lineage, lineageOf(store, *row));
        ATTUNE_TRY(const auto scan, scanOf(store, fmt::format("{}@{}", row->name, row->version)));
        text += lineage + scan;
    }
    const std::string path = report.path + ".md";
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(path, text));
    return path;
}

}
