// SPDX-License-Identifier: GPL-3.0-or-later
// One JSON value per file: an array of objects (or of texts, or of conversations), an object that
// holds such an array ({"data": [...]}), or an object of arrays, one per column.
#include "importer/chunks.h"
#include "importer/json_rows.h"

namespace attune::importer {
namespace {

constexpr std::size_t kHashChunk = std::size_t(4) << 20;

bool isRow(char c)
{
    return c == '{' || c == '"' || c == '[';
}

/// A row that is no object stands for the one column that it can be.
std::string_view columnOfBareRow(std::string_view row)
{
    return row.starts_with('"') ? "text" : row.starts_with('[') ? "messages" : "";
}

/// The values of the outermost object: {"key": value …}.
struct Member {
    std::string key;
    std::size_t begin = 0, end = 0;
};

std::vector<Member> membersOf(std::string_view text, std::size_t at)
{
    std::vector<Member> members;
    at = skipJsonSpace(text, at);
    if (at >= text.size() || text[at] != '{')
        return members;
    for (++at; members.size() < kMostColumns;) {
        at = skipJsonSpace(text, at);
        const auto keyEnd = at < text.size() && text[at] == '"' ? endOfJsonValue(text, at) : std::nullopt;
        if (!keyEnd)
            return members;
        Member member;
        if (auto key = parseJson(text.substr(at, *keyEnd - at)); key && key->is_string())
            member.key = key->get<std::string>();
        at = skipJsonSpace(text, *keyEnd);
        if (at >= text.size() || text[at] != ':')
            return members;
        member.begin = skipJsonSpace(text, at + 1);
        const auto end = endOfJsonValue(text, member.begin);
        member.end = end.value_or(text.size());
        members.push_back(std::move(member));
        at = skipJsonSpace(text, members.back().end);
        if (!end || at >= text.size() || text[at] != ',')
            return members;
        ++at;
    }
    return members;
}

char firstOf(std::string_view text, const Member& member)
{
    if (member.begin >= text.size() || text[member.begin] != '[')
        return '\0';
    const std::size_t at = skipJsonSpace(text, member.begin + 1);
    return at < text.size() ? text[at] : '\0';
}

bool isConversation(std::string_view text, const Member& member)
{
    const std::string_view start = text.substr(member.begin, std::min<std::size_t>(200, member.end - member.begin));
    return start.find("\"role\"") != std::string_view::npos || start.find("\"from\"") != std::string_view::npos;
}

/// {"train": [{…}, …]}: the member whose list holds the rows.
const Member* listOfRows(std::string_view text, const std::vector<Member>& members)
{
    for (const auto& member : members)
        if (firstOf(text, member) == '{' && !isConversation(text, member))
            return &member;
    return nullptr;
}

bool isColumnar(std::string_view text, const std::vector<Member>& members)
{
    return !members.empty() && std::all_of(members.begin(), members.end(), [&](const Member& m) { return text[m.begin] == '[' && !isConversation(text, m); });
}

int sniff(const Head& head)
{
    const std::size_t at = skipJsonSpace(head.text, 0);
    if (at >= head.text.size())
        return 0;
    if (head.text[at] == '[') {
        const std::size_t next = skipJsonSpace(head.text, at + 1);
        return next < head.text.size() && (isRow(head.text[next]) || head.text[next] == ']') ? 90 : 30;
    }
    if (head.text[at] != '{')
        return 0;
    const auto members = membersOf(head.text, at);
    if (members.empty())
        return head.fileName.ends_with(".json") ? 30 : 0;
    const auto end = endOfJsonValue(head.text, at);
    const bool isAlone = !end || skipJsonSpace(head.text, *end) >= head.text.size();
    if (isAlone && (isColumnar(head.text, members) || listOfRows(head.text, members)))
        return 97;
    return 30;
}

class ArrayIndexer
{
public:
    ArrayIndexer(std::string_view text, std::size_t begin)
        : m_text(text)
        , m_at(begin)
    {
    }

    Status run(const JobContext& context)
    {
        for (std::int64_t n = 0;; ++n) {
            m_at = skipJsonSpace(m_text, m_at);
            if (m_at >= m_text.size())
                return note(m_text.size(), "The file ends before the list is closed; the rows before are complete."), Status {};
            if (m_text[m_at] == ']')
                return {};
            if (m_text[m_at] == ',' || m_text[m_at] == '}' || m_text[m_at] == ':') {
                ++m_at;
                continue;
            }
            const auto end = endOfJsonValue(m_text, m_at);
            if (!end) {
                leaveOut(m_at, fmt::format("The file ends inside row {} (byte {}).", n, m_text.size()));
                return {};
            }
            take(m_at, *end);
            m_at = *end;
            if (n % 4096 == 0) {
                context.report("Reading rows", m_at, m_text.size());
                if (context.isCancelled())
                    return fail(ErrorCode::Cancelled, "Reading was cancelled.", "Nothing was changed.");
            }
        }
    }

    FileIndex index;

private:
    void take(std::size_t begin, std::size_t end)
    {
        const std::string_view row = m_text.substr(begin, end - begin);
        if (row.size() >= UINT32_MAX)
            return leaveOut(begin, "The row is longer than 4 GiB.");
        const std::string_view bare = columnOfBareRow(row);
        std::string wrapped;
        if (!bare.empty())
            wrapped = fmt::format("{{\"{}\":{}}}", bare, row);
        const auto verdict = bare.empty() ? m_checker.check(row, m_text.size() - begin) : m_checker.check(wrapped, wrapped.size());
        if (verdict != JsonRowChecker::Verdict::Good) {
            index.notUtf8 += verdict == JsonRowChecker::Verdict::NotUtf8;
            return leaveOut(begin, m_checker.reason());
        }
        index.begins.push_back(begin);
        index.lengths.push_back(static_cast<std::uint32_t>(row.size()));
    }
    void leaveOut(std::size_t at, std::string why)
    {
        ++index.skipped;
        note(at, std::move(why));
    }
    void note(std::size_t at, std::string why)
    {
        if (index.problems.size() >= kMostProblems)
            return;
        m_line += std::count(m_text.begin() + static_cast<std::ptrdiff_t>(m_lineAt), m_text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        m_lineAt = at;
        index.problems.push_back({m_line, std::move(why), {}});
    }

public:
    std::vector<ColumnFacts> takeColumns() { return m_checker.takeColumns(); }

private:
    std::string_view m_text;
    std::size_t m_at = 0;
    JsonRowChecker m_checker;
    std::int64_t m_line = 1;
    std::size_t m_lineAt = 0;
};

Error noRows(const Body& body, const std::vector<Member>& members)
{
    std::vector<std::string> keys;
    for (const auto& member : members)
        if (keys.size() < 6)
            keys.push_back(member.key);
    return fail(ErrorCode::FormatUnknown,
        fmt::format("No rows were found in {}. It holds one object with the keys {}; a list of rows was expected.", body.path,
            keys.empty() ? "(none)" : fmt::format("{}", fmt::join(keys, ", "))),
        "Give a file that holds a list of objects, or one object a line.");
}

Result<FileIndex> index(const Body& body, const ImportOptions&, const JobContext& context)
{
    const std::string_view text = body.text();
    std::size_t begin = skipJsonSpace(text, body.rowsBegin);
    if (begin < text.size() && text[begin] == '{') {
        const auto members = membersOf(text, begin);
        const Member* list = listOfRows(text, members);
        if (!list)
            return noRows(body, members);
        begin = list->begin;
    }
    if (begin >= text.size() || text[begin] != '[')
        return fail(ErrorCode::FormatUnknown, fmt::format("{} holds no list of rows.", body.path), "Give a file that holds a list of objects, or one object a line.");
    ArrayIndexer indexer(text, begin + 1);
    ATTUNE_RETURN_IF_ERROR(indexer.run(context));
    indexer.index.columns = indexer.takeColumns();
    if (body.wantsHash)
        indexer.index.hash = RunningHash(text, kHashChunk).finish();
    return std::move(indexer.index);
}

/// The elements of one column's list.
std::vector<std::string_view> elementsOf(std::string_view text, const Member& member)
{
    std::vector<std::string_view> elements;
    for (std::size_t at = member.begin + 1; at < member.end;) {
        at = skipJsonSpace(text, at);
        if (at >= member.end || text[at] == ']')
            break;
        const auto end = endOfJsonValue(text.substr(0, member.end), at);
        if (!end || *end == at)
            break;
        elements.push_back(text.substr(at, *end - at));
        at = skipJsonSpace(text, *end);
        if (at < member.end && text[at] == ',')
            ++at;
    }
    return elements;
}

/// An object of arrays is written out as JSON lines: its rows lie scattered over the file.
Result<bool> rewrite(const Body& body, formats::FileWriter& out, const JobContext& context)
{
    const std::string_view text = body.text();
    const auto members = membersOf(text, body.rowsBegin);
    if (!isColumnar(text, members) || listOfRows(text, members))
        return false;
    std::vector<std::vector<std::string_view>> columns;
    std::size_t rows = 0;
    for (const auto& member : members) {
        columns.push_back(elementsOf(text, member));
        rows = std::max(rows, columns.back().size());
    }
    for (std::size_t r = 0; r < rows; ++r) {
        if (r % 4096 == 0 && context.isCancelled())
            return fail(ErrorCode::Cancelled, "Reading was cancelled.", "Nothing was changed.");
        std::string line = "{";
        for (std::size_t c = 0; c < columns.size(); ++c)
            if (r < columns[c].size()) {
                std::string element(columns[c][r]);
                std::replace(element.begin(), element.end(), '\n', ' ');  // between tokens only: strings cannot hold one
                line += fmt::format("{}{}: {}", line.size() > 1 ? ", " : "", toLine(Json(members[c].key)), element);
            }
        out.write(line + "}\n");
    }
    return true;
}

bool read(std::string_view bytes, const Layout& layout, Row& row)
{
    const std::string_view bare = columnOfBareRow(bytes);
    if (bare.empty())
        return readJsonObject(bytes, layout, row);
    Row whole;
    const std::string object = fmt::format("{{\"{}\":{}}}", bare, bytes);
    if (!readJsonObject(object, layout, whole))
        return false;
    row.reset(layout.columns.size());
    for (std::size_t c = 0; c < whole.size(); ++c)
        row[c] = {whole[c].kind, whole[c].isMissing() ? std::string_view() : row.keep(std::string(whole[c].text))};
    return true;
}

}

const Source& json()
{
    static const Source source {"json", "JSON", ".json", sniff, index, read, rewrite};
    return source;
}

}
