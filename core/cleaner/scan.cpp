// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/scan.h"

#include "base/edit_distance.h"
#include "cleaner/text.h"
#include "importer/chunks.h"

#include <mutex>

namespace attune::cleaner {
namespace {

constexpr std::int64_t kChunkRows = 1024;

/// One step of a JSON pointer (RFC 6901).
std::string pointerStep(const std::string& key)
{
    std::string out = "/";
    for (const char c : key)
        out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
}

/// Calls visit(path, label, string) for every string in the value, which may change it.
template<typename Value, typename Visit>
void eachString(Value& value, const std::string& path, const std::string& label, const Visit& visit)
{
    if (value.is_string()) {
        visit(path, label, value);
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i)
            eachString(value[i], path + "/" + std::to_string(i), label, visit);
    } else if (value.is_object()) {
        for (auto it = value.begin(); it != value.end(); ++it)
            eachString(it.value(), path + pointerStep(it.key()), toLower(it.key()), visit);
    }
}

/// Whether a list or object may hold something, without building it: strings without escapes are looked at
/// where they lie. True whenever that is not enough to tell.
bool mayHold(const Scanner& scanner, std::string_view json, std::string_view column)
{
    std::vector<Found> found;
    std::string label(column);
    for (std::size_t at = json.find('"'); at != std::string_view::npos; at = json.find('"', at)) {
        const std::size_t begin = ++at;
        while (at < json.size() && json[at] != '"' && json[at] != '\\')
            ++at;
        if (at >= json.size() || json[at] == '\\')
            return true;
        const std::string_view text = json.substr(begin, at - begin);
        ++at;
        while (at < json.size() && (json[at] == ' ' || json[at] == '\n' || json[at] == '\t' || json[at] == '\r'))
            ++at;
        if (at < json.size() && json[at] == ':') {
            label = toLower(text);
            continue;
        }
        scanner.scan(text, label, found);
        if (!found.empty())
            return true;
    }
    return false;
}

bool isNested(const Cell& cell)
{
    return cell.kind == Cell::Kind::List || cell.kind == Cell::Kind::Object;
}

std::string replaced(std::string_view text, const std::vector<Found>& found, const CellScanner::Replacement& replacement)
{
    std::string out;
    std::size_t at = 0;
    for (const Found& f : found) {
        out += text.substr(at, f.begin - at);
        out += replacement(text.substr(f.begin, f.end - f.begin), f);
        at = f.end;
    }
    out += text.substr(at);
    return out;
}

Result<std::vector<std::size_t>> chosenColumns(const std::vector<Column>& columns, const std::vector<std::string>& named)
{
    std::vector<std::size_t> chosen;
    std::vector<std::string> names;
    for (const auto& column : columns)
        names.push_back(column.name);
    for (const auto& name : named) {
        const auto it = std::find(names.begin(), names.end(), name);
        if (it == names.end()) {
            const std::string near = nearest(name, names);
            return fail(ErrorCode::Usage, fmt::format("There is no column \"{}\".", name), near.empty() ? fmt::format("Columns are {}.", fmt::join(names, ", ")) : fmt::format("Did you mean \"{}\"?", near));
        }
        chosen.push_back(static_cast<std::size_t>(it - names.begin()));
    }
    for (std::size_t c = 0; c < columns.size() && named.empty(); ++c)
        chosen.push_back(c);
    return chosen;
}

}

CellScanner::CellScanner(Scanner scanner, const std::vector<Column>& columns)
    : m_scanner(std::move(scanner))
{
    for (const auto& column : columns)
        m_labels.push_back(toLower(column.name));
}

void CellScanner::find(const Cell& cell, std::size_t column, const Seen& seen) const
{
    std::vector<Found> found;
    if (cell.isText() || cell.kind == Cell::Kind::Number) {
        m_scanner.scan(cell.text, m_labels[column], found);
        for (const Found& f : found)
            seen({}, cell.text, f);
    } else if (isNested(cell) && mayHold(m_scanner, cell.text, m_labels[column])) {
        const Json value = importer::toJson(cell);
        eachString(value, {}, m_labels[column], [&](const std::string& path, const std::string& label, const Json& leaf) {
            const auto& text = leaf.template get_ref<const std::string&>();
            m_scanner.scan(text, label, found);
            for (const Found& f : found)
                seen(path, text, f);
        });
    }
}

bool CellScanner::isAnyIn(const Cell& cell, std::size_t column) const
{
    bool isAny = false;
    find(cell, column, [&](const std::string&, std::string_view, const Found&) { isAny = true; });
    return isAny;
}

bool CellScanner::replace(Row& row, std::size_t column, const Replacement& replacement) const
{
    const Cell cell = row[column];
    std::vector<Found> found;
    if (cell.isText() || cell.kind == Cell::Kind::Number) {
        m_scanner.scan(cell.text, m_labels[column], found);
        if (!found.empty())
            row.setText(column, replaced(cell.text, found, replacement));
        return !found.empty();
    }
    if (!isNested(cell) || !mayHold(m_scanner, cell.text, m_labels[column]))
        return false;
    Json value = importer::toJson(cell);
    bool isChanged = false;
    eachString(value, {}, m_labels[column], [&](const std::string&, const std::string& label, Json& leaf) {
        const std::string text = leaf.get<std::string>();
        m_scanner.scan(text, label, found);
        if (found.empty())
            return;
        leaf = replaced(text, found, replacement);
        isChanged = true;
    });
    if (isChanged)
        importer::setCell(row, column, value);
    return isChanged;
}

Result<std::vector<Finding>> scanRows(const RowSource& rows, const ScanOptions& options, const JobContext& context)
{
    ATTUNE_TRY(auto scanner, Scanner::create(options));
    const auto& columns = rows.columns();
    ATTUNE_TRY(const auto chosen, chosenColumns(columns, options.columns));
    const CellScanner cells(std::move(scanner), columns);
    const std::int64_t total = rows.rows();
    const auto chunks = static_cast<std::size_t>((total + kChunkRows - 1) / kChunkRows);
    std::vector<std::vector<Finding>> parts(chunks);
    std::mutex mutex;
    std::optional<Error> problem;
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(chunks, importer::workerCount(0), context, [&](std::size_t chunk, unsigned) {
        Row row;
        const std::int64_t end = std::min(total, static_cast<std::int64_t>(chunk + 1) * kChunkRows);
        for (std::int64_t i = static_cast<std::int64_t>(chunk) * kChunkRows; i < end; ++i) {
            if (auto status = rows.read(i, row); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
                return;
            }
            for (const std::size_t c : chosen)
                cells.find(row[c], c, [&](const std::string& path, std::string_view text, const Found& f) {
                    const std::string_view value = text.substr(f.begin, f.end - f.begin);
                    const std::int64_t start = countCharacters(text.substr(0, f.begin));
                    parts[chunk].push_back({i, columns[c].name, path, std::string(f.kind), start, start + countCharacters(value), std::string(value)});
                });
        }
        context.report("Looking for personal data", chunk + 1, chunks);
    }));
    if (problem)
        return *problem;
    std::vector<Finding> findings;
    for (auto& part : parts)
        findings.insert(findings.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    return findings;
}

}
