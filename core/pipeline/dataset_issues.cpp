// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_issues.h"

#include "base/file.h"
#include "base/hash.h"
#include "cleaner/mojibake.h"
#include "cleaner/pii.h"
#include "cleaner/row_key.h"
#include "cleaner/text.h"
#include "importer/chunks.h"
#include "pipeline/dataset_lookup.h"

#include <algorithm>
#include <chrono>
#include <mutex>

namespace attune::pipeline {
namespace {

constexpr const char* kReportFile = "issues.json";
constexpr std::size_t kChunkRows = 1024;
constexpr std::size_t kMostShownBytes = 400;  // of what was found, in the report

using cleaner::Finding;

std::string acceptedKey(const std::string& name)
{
    return "accepted_rows/" + name;
}

std::string countsKey(const store::DatasetRow& row)
{
    return fmt::format("issues/{}@{}", row.name, row.version);
}

/// What the rows of one chunk gave.
struct Part {
    std::map<std::string, std::int64_t> rows;
    std::map<std::string, std::vector<Finding>> findings;
};

/// Counts rows by kind and keeps the first findings of each.
class Collector
{
public:
    Collector(Part& part, const std::set<std::string>& accepted)
        : m_part(part)
        , m_accepted(accepted)
    {
    }
    void begin(std::int64_t number, const importer::Row& row)
    {
        m_number = number;
        m_row = &row;
        m_seen.clear();
    }
    void add(const cleaner::QualityFind& found, const std::string& column)
    {
        const std::string kind(found.kind);
        if (!m_accepted.empty() && m_accepted.contains(kind + ":" + cleaner::rowHash(*m_row).hex()))
            return;
        if (m_seen.insert(kind).second)
            ++m_part.rows[kind];
        auto& list = m_part.findings[kind];
        if (list.size() >= kMostFindingsPerKind)
            return;
        const std::string_view value = found.text.substr(found.begin, found.end - found.begin);
        const std::int64_t start = cleaner::countCharacters(found.text.substr(0, found.begin));
        std::size_t shown = std::min(value.size(), kMostShownBytes);
        while (shown > 0 && shown < value.size() && (static_cast<unsigned char>(value[shown]) & 0xC0) == 0x80)
            --shown;
        list.push_back({m_number, column, found.path, kind, start, start + cleaner::countCharacters(value), std::string(value.substr(0, shown))});
    }

private:
    Part& m_part;
    const std::set<std::string>& m_accepted;
    const importer::Row* m_row = nullptr;
    std::int64_t m_number = 0;
    std::set<std::string> m_seen;
};

Result<std::vector<Part>> checkRows(const importer::Dataset& data, const cleaner::QualityCheck& check, const std::set<std::string>& accepted, const JobContext& context)
{
    const auto rows = static_cast<std::size_t>(data.rows());
    std::vector<Part> parts((rows + kChunkRows - 1) / kChunkRows);
    std::mutex mutex;
    std::optional<Error> problem;
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(parts.size(), importer::workerCount(0), context, [&](std::size_t chunk, unsigned) {
        importer::Row row;
        Collector collector(parts[chunk], accepted);
        for (std::size_t i = chunk * kChunkRows; i < std::min(rows, (chunk + 1) * kChunkRows); ++i) {
            if (auto status = data.read(static_cast<std::int64_t>(i), row); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
                return;
            }
            collector.begin(static_cast<std::int64_t>(i), row);
            check.find(row, [&](const cleaner::QualityFind& found) { collector.add(found, data.columns()[found.column].name); });
        }
        context.report("Looking at answers", chunk + 1, parts.size());
    }));
    if (problem)
        return *problem;
    return parts;
}

void addPersonal(const ScanReport& scan, IssueReport& report, std::map<std::string, std::vector<Finding>>& byKind)
{
    std::map<std::string, std::int64_t> last;
    for (const auto& finding : scan.findings) {
        const auto [it, isNew] = last.try_emplace(finding.kind, -1);
        report.rowsByKind[finding.kind] += it->second != finding.row;
        it->second = finding.row;
        if (auto& list = byKind[finding.kind]; list.size() < kMostFindingsPerKind)
            list.push_back(finding);
    }
}

Json toJson(const Finding& f)
{
    return Json::array({f.row, f.column, f.path, f.kind, f.start, f.end, f.text});
}

/// The string at a path of a cell's value; null if it is not there any more.
Json* stringAt(Json& value, const std::string& path)
{
    try {
        Json& found = path.empty() ? value : value.at(Json::json_pointer(path));
        return found.is_string() ? &found : nullptr;
    } catch (const Json::exception&) {
        return nullptr;
    }
}

/// Bytes of the code points [start, end) of a text; nothing when they are not there.
std::optional<std::pair<std::size_t, std::size_t>> bytesOf(const std::string& text, std::int64_t start, std::int64_t end)
{
    std::size_t begin = text.size(), stop = text.size();
    std::int64_t code = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80)
            continue;
        if (code == start)
            begin = i;
        if (code == end)
            stop = i;
        ++code;
    }
    if (start > code || end > code || begin > stop)
        return {};
    return std::pair(begin, stop);
}

std::string replacementFor(const Finding& finding, IssueAction action)
{
    const auto* kind = findIssueKind(finding.kind);
    if (action == IssueAction::Tag)
        return kind->tag;
    const auto* detector = cleaner::pii::findDetector(finding.kind);
    const std::string key = finding.kind + "\n" + (detector ? detector->canonical(finding.text) : finding.text);
    // The same words as redact_pii's pseudonyms: [EMAIL_4F0C2A91].
    return fmt::format("{}_{:08X}]", kind->tag.substr(0, kind->tag.size() - 1), hash64(key, 0) >> 32);
}

}

const std::vector<IssueKind>& issueKinds()
{
    static const std::vector<IssueKind> kinds = [] {
        std::vector<IssueKind> all;
        const std::map<std::string_view, std::string> labels {{"email", "E-mail address"}, {"phone", "Phone number"}, {"card", "Payment card"}, {"iban", "Bank account (IBAN)"},
            {"ip", "IP address"}, {"key", "Key or token"}, {"url", "Address with a password"}};
        for (const char* first : {"email", "phone", "card", "iban", "ip", "key", "url"})
            if (const auto* detector = cleaner::pii::findDetector(first))
                all.push_back({first, labels.at(first), std::string(detector->tag), true});
        all.push_back({std::string(cleaner::kNameKind), "Name", std::string(cleaner::kNameTag), true});
        for (const auto& kind : cleaner::qualityKinds())
            all.push_back({std::string(kind.kind), std::string(kind.label), {}, false});
        return all;
    }();
    return kinds;
}

const IssueKind* findIssueKind(const std::string& kind)
{
    const auto it = std::find_if(issueKinds().begin(), issueKinds().end(), [&](const IssueKind& one) { return one.kind == kind; });
    return it == issueKinds().end() ? nullptr : &*it;
}

std::int64_t IssueReport::total() const
{
    std::int64_t sum = 0;
    for (const auto& [kind, count] : rowsByKind)
        sum += count;
    return sum;
}

std::vector<const Finding*> IssueReport::of(const std::string& kind) const
{
    std::vector<const Finding*> list;
    for (const auto& finding : findings)
        if (finding.kind == kind)
            list.push_back(&finding);
    return list;
}

Json IssueReport::toJson() const
{
    Json list = Json::array();
    for (const auto& finding : findings)
        list.push_back(pipeline::toJson(finding));
    return {{"dataset", dataset}, {"content_hash", contentHash}, {"created", created}, {"rows", rows}, {"rows_by_kind", rowsByKind}, {"findings", std::move(list)},
        {"context_tokens", contextTokens}, {"seconds", seconds}};
}

std::optional<IssueReport> IssueReport::fromJson(const Json& json)
{
    try {
        IssueReport report;
        report.dataset = json.at("dataset");
        report.contentHash = json.at("content_hash");
        report.created = json.at("created");
        report.rows = json.at("rows");
        report.rowsByKind = json.at("rows_by_kind").get<std::map<std::string, std::int64_t>>();
        for (const auto& f : json.at("findings"))
            report.findings.push_back({f.at(0), f.at(1), f.at(2), f.at(3), f.at(4), f.at(5), f.at(6)});
        report.contextTokens = json.at("context_tokens");
        report.seconds = json.at("seconds");
        return report;
    } catch (const Json::exception&) {
        return {};  // written by another version, or damaged: as if it were not there
    }
}

Result<IssueReport> findIssues(store::Store& store, const std::string& dataset, const IssueOptions& options, const JobContext& context)
{
    const auto begin = std::chrono::steady_clock::now();
    ATTUNE_TRY(const auto name, parseDatasetName(dataset));
    ATTUNE_TRY(const auto row, findDataset(store, name));
    ATTUNE_TRY(const auto data, openVersion(row, {}));
    cleaner::ScanOptions looked;
    looked.names = options.names;
    ATTUNE_TRY(const auto scan, scanDataset(store, fmt::format("{}@{}", row.name, row.version), looked, context));
    ATTUNE_TRY(const auto accepted, acceptedRows(store, row.name));
    ATTUNE_TRY(const auto check, cleaner::QualityCheck::create(options.quality, data->columns()));
    ATTUNE_TRY(auto parts, checkRows(*data, check, accepted, context));
    IssueReport report;
    std::map<std::string, std::vector<Finding>> byKind;
    addPersonal(scan, report, byKind);
    for (auto& part : parts) {
        for (const auto& [kind, count] : part.rows)
            report.rowsByKind[kind] += count;
        for (auto& [kind, findings] : part.findings) {
            auto& list = byKind[kind];
            for (auto& finding : findings)
                if (list.size() < kMostFindingsPerKind)
                    list.push_back(std::move(finding));
        }
    }
    for (const auto& kind : issueKinds())
        for (auto& finding : byKind[kind.kind])
            report.findings.push_back(std::move(finding));
    report.dataset = data->name();
    report.contentHash = data->contentHash();
    report.created = store::nowUtc();
    report.rows = data->rows();
    report.contextTokens = options.quality.countTokens ? options.quality.contextTokens : 0;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(row.folder + "/" + kReportFile, toLine(report.toJson()) + "\n"));
    ATTUNE_RETURN_IF_ERROR(store.putValue(countsKey(row), {{"content_hash", report.contentHash}, {"rows_by_kind", report.rowsByKind}}));
    return report;
}

Result<std::optional<IssueReport>> storedIssues(store::Store& store, const std::string& dataset)
{
    ATTUNE_TRY(const auto name, parseDatasetName(dataset));
    ATTUNE_TRY(const auto row, findDataset(store, name));
    const std::string path = row.folder + "/" + kReportFile;
    std::error_code error;
    if (!fs::exists(path, error))
        return std::optional<IssueReport>();
    ATTUNE_TRY(const std::string text, readFile(path, std::size_t(1) << 28));
    const auto json = parseJson(text);
    return json ? IssueReport::fromJson(*json) : std::optional<IssueReport>();
}

Result<std::optional<std::map<std::string, std::int64_t>>> issueCounts(const store::Store& store, const store::DatasetRow& row)
{
    using Counts = std::map<std::string, std::int64_t>;
    ATTUNE_TRY(const Json json, store.value(countsKey(row)));
    if (!json.is_object() || !json.contains("rows_by_kind"))
        return std::optional<Counts>();
    Counts counts;
    for (const auto& [kind, count] : json["rows_by_kind"].items())
        if (count.is_number_integer())
            counts[kind] = count.get<std::int64_t>();
    return std::optional(counts);
}

Result<std::set<std::string>> acceptedRows(const store::Store& store, const std::string& name)
{
    ATTUNE_TRY(const Json json, store.value(acceptedKey(name)));
    std::set<std::string> accepted;
    if (json.is_array())
        for (const auto& entry : json)
            if (entry.is_string())
                accepted.insert(entry.get<std::string>());
    return accepted;
}

Status setAcceptedRows(store::Store& store, const std::string& name, const std::set<std::string>& accepted)
{
    return store.putValue(acceptedKey(name), Json(std::vector<std::string>(accepted.begin(), accepted.end())));
}

Result<cleaner::Step> issueStep(const store::Store& store, const std::string& name, const std::string& kind, IssueAction action, const IssueReport& report)
{
    const auto* known = findIssueKind(kind);
    if (!known)
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no kind of issue.", kind));
    if (known->isPersonal && action != IssueAction::Repair) {
        ATTUNE_TRY(const auto ignores, scanIgnores(store, name));
        Json options {{"kinds", {kind}}, {"mode", action == IssueAction::Tag ? "tag" : action == IssueAction::Pseudonym ? "pseudonym" : "drop"}};
        if (!ignores.values.empty())
            options["ignore"] = ignores.values;
        if (!ignores.patterns.empty())
            options["ignore_patterns"] = ignores.patterns;
        return cleaner::Step {"redact_pii", options};
    }
    if (kind == "mojibake" && action == IssueAction::Repair)
        return cleaner::Step {"fix_mojibake"};
    if (known->isPersonal || action != IssueAction::Drop)
        return fail(ErrorCode::Usage, fmt::format("Nothing can be put in the place of: {}.", known->label), "The rows can be dropped.");
    Json options {{"kinds", {kind}}};
    if (kind == "over_context")
        options["context_tokens"] = report.contextTokens;
    ATTUNE_TRY(const auto accepted, acceptedRows(store, name));
    Json ignore = Json::array();
    for (const auto& entry : accepted)
        if (entry.starts_with(kind + ":"))
            ignore.push_back(entry.substr(kind.size() + 1));
    if (!ignore.empty())
        options["ignore"] = ignore;
    return cleaner::Step {"drop_issues", options};
}

Result<cleaner::Step> findingStep(const importer::Dataset& data, const Finding& finding, IssueAction action, const JobContext& context)
{
    importer::Row row;
    ATTUNE_RETURN_IF_ERROR(data.read(finding.row, row));
    const std::string hash = cleaner::rowHash(row).hex();
    if (action == IssueAction::Drop)
        return cleaner::Step {"drop_rows", {{"row_hashes", Json::array({hash})}}};
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "Cancelled.", "Nothing was changed.");
    ATTUNE_TRY(Json values, data.values(finding.row));
    if (!values.contains(finding.column))
        return fail(ErrorCode::Usage, fmt::format("There is no column \"{}\".", finding.column), "Look for issues again.");
    Json& value = values[finding.column];
    Json* text = stringAt(value, finding.path);
    const auto place = text ? bytesOf(text->get_ref<const std::string&>(), finding.start, finding.end) : std::nullopt;
    if (!place)
        return fail(ErrorCode::Usage, fmt::format("Row {} is not what it was when issues were looked for.", finding.row), "Look for issues again.");
    std::string changed = text->get<std::string>();
    if (action == IssueAction::Repair) {
        std::string repaired;
        if (finding.kind != "mojibake" || !cleaner::fixMojibake(changed, repaired))
            return fail(ErrorCode::Usage, "Nothing can be repaired here.", "The row can be dropped or edited.");
        changed = std::move(repaired);
    } else if (const auto* kind = findIssueKind(finding.kind); kind && kind->isPersonal) {
        changed.replace(place->first, place->second - place->first, replacementFor(finding, action));
    } else {
        return fail(ErrorCode::Usage, "Only personal data has a tag to put in its place.", "The row can be dropped or edited.");
    }
    *text = changed;
    return cleaner::Step {"edit", {{"row_hash", hash}, {"column", finding.column}, {"value", value}}};
}

}
