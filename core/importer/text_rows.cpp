// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/text_rows.h"

#include "importer/chunks.h"

#include <simdjson.h>

#include <cstring>

namespace attune::importer {
namespace {

constexpr std::size_t kHashChunk = std::size_t(4) << 20;

bool isBlank(std::string_view line)
{
    return line.find_first_not_of(" \t\r\f\v") == std::string_view::npos;
}

std::size_t lineEnd(std::string_view text, std::size_t at)
{
    const auto* found = static_cast<const char*>(std::memchr(text.data() + at, '\n', text.size() - at));
    return found ? static_cast<std::size_t>(found - text.data()) : text.size();
}

class TextIndexer
{
public:
    explicit TextIndexer(std::string_view text)
        : m_text(text)
    {
        m_index.columns.push_back({"text", 1u << static_cast<unsigned>(Cell::Kind::Text)});
    }

    void take(std::size_t begin, std::size_t end, std::int64_t line)
    {
        while (end > begin && (m_text[end - 1] == '\r' || m_text[end - 1] == '\n'))
            --end;
        const bool isLong = end - begin >= UINT32_MAX;
        if (isLong || !simdjson::validate_utf8(m_text.data() + begin, end - begin)) {
            ++m_index.skipped;
            m_index.notUtf8 += !isLong;
            if (m_index.problems.size() < kMostProblems)
                m_index.problems.push_back({line, isLong ? "The row is longer than 4 GiB." : "The bytes are not UTF-8.", {}});
            return;
        }
        m_index.begins.push_back(begin);
        m_index.lengths.push_back(static_cast<std::uint32_t>(end - begin));
    }

    Status cut(std::size_t at, bool byLine, const JobContext& context)
    {
        constexpr std::size_t kNone = std::string_view::npos;
        std::size_t begin = kNone, end = 0;
        std::int64_t line = 0, firstLine = 0;
        for (; at < m_text.size(); at = end + 1) {
            end = lineEnd(m_text, at);
            ++line;
            const bool blank = isBlank(m_text.substr(at, end - at));
            if (byLine && !blank)
                take(at, end, line);
            if (!byLine && blank && begin != kNone) {
                take(begin, at, firstLine);
                begin = kNone;
            } else if (!byLine && !blank && begin == kNone) {
                begin = at;
                firstLine = line;
            }
            if (line % 65536 == 0 && context.isCancelled())
                return fail(ErrorCode::Cancelled, "Reading was cancelled.", "Nothing was changed.");
        }
        if (begin != kNone)
            take(begin, m_text.size(), firstLine);
        return {};
    }

    FileIndex m_index;

private:
    std::string_view m_text;
};

}

Result<FileIndex> indexText(const Body& body, const ImportOptions& options, const JobContext& context)
{
    const std::string_view text = body.text();
    TextIndexer indexer(text);
    if (options.split == "document") {
        if (!isBlank(text.substr(body.rowsBegin)) && text.find_first_not_of(" \t\r\n", body.rowsBegin) != std::string_view::npos)
            indexer.take(body.rowsBegin, text.size(), 1);
    } else {
        ATTUNE_RETURN_IF_ERROR(indexer.cut(body.rowsBegin, options.split == "line", context));
    }
    if (body.wantsHash)
        indexer.m_index.hash = RunningHash(text, kHashChunk).finish();
    return std::move(indexer.m_index);
}

bool readText(std::string_view bytes, const Layout& layout, Row& row)
{
    row.reset(layout.columns.size());
    for (std::size_t c = 0; c < layout.columns.size(); ++c)
        if (layout.columns[c] == "text")
            row[c] = {Cell::Kind::Text, bytes};
    return true;
}

bool looksLikeText(std::string_view head)
{
    std::size_t strange = 0;
    for (const char c : head) {
        const auto u = static_cast<unsigned char>(c);
        strange += (u < 0x20 && u != '\n' && u != '\r' && u != '\t' && u != '\f' && u != 0x1B) || u == 0x7F;
    }
    return strange * 200 <= head.size();
}

}
