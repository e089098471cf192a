// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_scan.h"

#include "base/file.h"
#include "cleaner/cleaned_dataset.h"
#include "pipeline/dataset_lookup.h"

#include <chrono>
#include <set>

namespace attune::pipeline {
namespace {

constexpr const char* kReportFile = "scan.json";

std::string ignoresKey(const std::string& name)
{
    return "scan_ignores/" + name;
}

std::vector<std::string> textsIn(const Json& json, const char* key)
{
    std::vector<std::string> texts;
    if (const auto it = json.find(key); it != json.end() && it->is_array())
        for (const auto& text : *it)
            if (text.is_string())
                texts.push_back(text.get<std::string>());
    return texts;
}

Json toJson(const cleaner::Finding& finding)
{
    Json json {{"row", finding.row}, {"column", finding.column}, {"kind", finding.kind}, {"start", finding.start}, {"end", finding.end}, {"text", finding.text}};
    if (!finding.path.empty())
        json["path"] = finding.path;
    return json;
}

void count(ScanReport& report)
{
    for (const auto& kind : report.kinds)
        report.counts[kind] = 0;
    std::int64_t last = -1;
    for (const auto& finding : report.findings) {
        ++report.counts[finding.kind];
        ++report.byColumn[finding.column][finding.kind];
        report.rowsWithFindings += finding.row != last;
        last = finding.row;
    }
    report.findingsTotal = static_cast<std::int64_t>(report.findings.size());
}

/// Where the report of a dataset argument is kept; empty for files and splits.
Result<std::string> reportPath(store::Store& store, const std::string& dataset)
{
    std::error_code error;
    if (fs::exists(absolutePath(dataset), error))
        return std::string();
    ATTUNE_TRY(const auto name, parseDatasetName(dataset));
    if (!name.split.empty())
        return std::string();
    ATTUNE_TRY(const auto row, findDataset(store, name));
    return row.folder + "/" + kReportFile;
}

Status storeReport(const std::string& path, const ScanReport& report)
{
    Json json = report.toJson();
    Json& findings = json["findings"];
    if (findings.size() > kMostStoredFindings)
        findings.erase(findings.begin() + static_cast<std::ptrdiff_t>(kMostStoredFindings), findings.end());
    return writeFileAtomically(path, toLine(json) + "\n");
}

}

Json ScanReport::toJson() const
{
    Json list = Json::array();
    for (const auto& finding : findings)
        list.push_back(pipeline::toJson(finding));
    return {{"dataset", dataset}, {"content_hash", contentHash}, {"created", created}, {"rows", rows}, {"rows_with_findings", rowsWithFindings}, {"kinds", kinds}, {"counts", counts},
        {"columns", byColumn}, {"findings_total", findingsTotal}, {"findings", list}, {"ignored", {{"values", ignored.values}, {"patterns", ignored.patterns}}}, {"seconds", seconds}};
}

std::optional<ScanReport> ScanReport::fromJson(const Json& json)
{
    try {
        ScanReport report;
        report.dataset = json.at("dataset");
        report.contentHash = json.at("content_hash");
        report.created = json.at("created");
        report.rows = json.at("rows");
        report.rowsWithFindings = json.at("rows_with_findings");
        report.kinds = textsIn(json, "kinds");
        report.counts = json.at("counts").get<std::map<std::string, std::int64_t>>();
        report.byColumn = json.at("columns").get<decltype(report.byColumn)>();
        report.findingsTotal = json.at("findings_total");
        for (const auto& f : json.at("findings"))
            report.findings.push_back({f.at("row"), f.at("column"), f.value("path", std::string()), f.at("kind"), f.at("start"), f.at("end"), f.at("text")});
        report.ignored = {textsIn(json.at("ignored"), "values"), textsIn(json.at("ignored"), "patterns")};
        report.seconds = json.at("seconds");
        return report;
    } catch (const Json::exception&) {
        return {};  // written by another version, or damaged: as if it were not there
    }
}

Result<ScanReport> scanDataset(store::Store& store, const std::string& dataset, cleaner::ScanOptions options, const JobContext& context)
{
    const auto begin = std::chrono::steady_clock::now();
    ATTUNE_TRY([[maybe_unused]] const auto checked, cleaner::Scanner::create(options));
    ATTUNE_TRY(const auto data, openDataset(store, dataset, context));
    ATTUNE_TRY(const std::string path, reportPath(store, dataset));
    ScanReport report;
    if (!path.empty()) {
        ATTUNE_TRY(const auto name, parseDatasetName(dataset));
        ATTUNE_TRY(const auto kept, scanIgnores(store, name.name));
        options.ignoredValues.insert(options.ignoredValues.end(), kept.values.begin(), kept.values.end());
        options.ignoredPatterns.insert(options.ignoredPatterns.end(), kept.patterns.begin(), kept.patterns.end());
    }
    report.kinds = checked.kinds();
    report.ignored = {options.ignoredValues, options.ignoredPatterns};
    ATTUNE_TRY(report.findings, cleaner::scanRows(cleaner::DatasetRows(*data), options, context));
    report.dataset = data->name();
    report.contentHash = data->contentHash();
    report.created = store::nowUtc();
    report.rows = data->rows();
    count(report);
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!path.empty())
        ATTUNE_RETURN_IF_ERROR(storeReport(path, report));
    return report;
}

Result<std::optional<ScanReport>> storedScan(store::Store& store, const std::string& dataset)
{
    ATTUNE_TRY(const std::string path, reportPath(store, dataset));
    std::error_code error;
    if (path.empty() || !fs::exists(path, error))
        return std::optional<ScanReport>();
    ATTUNE_TRY(const std::string text, readFile(path, std::size_t(1) << 28));
    const auto json = parseJson(text);
    return json ? ScanReport::fromJson(*json) : std::optional<ScanReport>();
}

Result<ScanIgnores> scanIgnores(const store::Store& store, const std::string& name)
{
    ATTUNE_TRY(const Json json, store.value(ignoresKey(name)));
    if (!json.is_object())
        return ScanIgnores();
    return ScanIgnores {textsIn(json, "values"), textsIn(json, "patterns")};
}

Status setScanIgnores(store::Store& store, const std::string& name, const ScanIgnores& ignores)
{
    cleaner::ScanOptions options;
    options.ignoredPatterns = ignores.patterns;
    ATTUNE_TRY([[maybe_unused]] const auto checked, cleaner::Scanner::create(options));
    const auto unique = [](const std::vector<std::string>& texts) {
        const std::set<std::string> sorted(texts.begin(), texts.end());
        return Json(std::vector<std::string>(sorted.begin(), sorted.end()));
    };
    return store.putValue(ignoresKey(name), {{"values", unique(ignores.values)}, {"patterns", unique(ignores.patterns)}});
}

}
