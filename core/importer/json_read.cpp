// SPDX-License-Identifier: GPL-3.0-or-later
// Reading single JSON rows. They were checked at import, but the file may have changed since, so
// every step is bounds-checked; what does not parse makes the reader answer false.
#include "importer/json_rows.h"

#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace attune::importer {
namespace {

/// The next quote or backslash from `at` on; text.size() if there is none.
std::size_t findStringSpecial(std::string_view text, std::size_t at)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    for (; at + 16 <= text.size(); at += 16) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash))));
        if (mask)
            return at + static_cast<std::size_t>(std::countr_zero(mask));
    }
#endif
    while (at < text.size() && text[at] != '"' && text[at] != '\\')
        ++at;
    return at;
}

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void appendUtf8(std::string& out, std::uint32_t code)
{
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

/// Walks over the outermost level of an object.
class Cursor
{
public:
    explicit Cursor(std::string_view text)
        : m_text(text)
    {
    }
    bool take(char c)
    {
        m_at = skipJsonSpace(m_text, m_at);
        if (m_at >= m_text.size() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }
    char peek()
    {
        m_at = skipJsonSpace(m_text, m_at);
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }
    /// The string that starts here, unescaped; a view of the source where nothing was escaped.
    bool string(std::string_view& out, Row& row)
    {
        if (!take('"'))
            return false;
        const std::size_t begin = m_at;
        const std::size_t end = closingQuote();
        if (end == std::string_view::npos)
            return false;
        const std::string_view raw = m_text.substr(begin, end - begin);
        m_at = end + 1;
        if (!m_hasEscape) {
            out = raw;
            return true;
        }
        std::string& text = row.scratch();
        if (!unescape(raw, text))
            return false;
        out = text;
        return true;
    }
    bool value(Cell& cell, Row& row)
    {
        switch (peek()) {
        case '"': cell.kind = Cell::Kind::Text; return string(cell.text, row);
        case '{': cell.kind = Cell::Kind::Object; break;
        case '[': cell.kind = Cell::Kind::List; break;
        case 't':
        case 'f': cell.kind = Cell::Kind::Boolean; break;
        case 'n': cell.kind = Cell::Kind::Null; break;
        default: cell.kind = Cell::Kind::Number; break;
        }
        const auto end = endOfJsonValue(m_text, m_at);
        if (!end || *end == m_at)
            return false;
        cell.text = m_text.substr(m_at, *end - m_at);
        m_at = *end;
        return true;
    }

private:
    std::size_t closingQuote()
    {
        m_hasEscape = false;
        std::size_t at = m_at;
        while ((at = findStringSpecial(m_text, at)) < m_text.size()) {
            if (m_text[at] == '"')
                return at;
            m_hasEscape = true;
            at += 2;
        }
        return std::string_view::npos;
    }
    static bool hex4(std::string_view raw, std::size_t at, std::uint32_t& code)
    {
        if (at + 4 > raw.size())
            return false;
        code = 0;
        for (std::size_t i = at; i < at + 4; ++i) {
            const char c = raw[i];
            const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
            if (digit < 0)
                return false;
            code = code * 16 + static_cast<std::uint32_t>(digit);
        }
        return true;
    }
    static bool unescape(std::string_view raw, std::string& out)
    {
        for (std::size_t i = 0; i < raw.size();) {
            const auto* found = static_cast<const char*>(std::memchr(raw.data() + i, '\\', raw.size() - i));
            const std::size_t stop = found ? static_cast<std::size_t>(found - raw.data()) : raw.size();
            out.append(raw, i, stop - i);
            if (!found)
                return true;
            if (stop + 1 >= raw.size())
                return false;
            i = stop + 2;
            switch (raw[stop + 1]) {
            case 'n': out += '\n'; break;
            case 't': out += '\t'; break;
            case 'r': out += '\r'; break;
            case 'b': out += '\b'; break;
            case 'f': out += '\f'; break;
            case '"':
            case '\\':
            case '/': out += raw[stop + 1]; break;
            case 'u': {
                std::uint32_t code = 0, low = 0;
                if (!hex4(raw, i, code))
                    return false;
                i += 4;
                if (code >= 0xD800 && code < 0xDC00 && raw.substr(i, 2) == "\\u" && hex4(raw, i + 2, low) && low >= 0xDC00 && low < 0xE000) {
                    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                    i += 6;
                } else if (code >= 0xD800 && code < 0xE000) {
                    code = 0xFFFD;  // half a surrogate pair is no character
                }
                appendUtf8(out, code);
                break;
            }
            default: return false;
            }
        }
        return true;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_hasEscape = false;
};

}

std::size_t skipJsonSpace(std::string_view text, std::size_t at)
{
    while (at < text.size() && isSpace(text[at]))
        ++at;
    return at;
}

std::optional<std::size_t> endOfJsonValue(std::string_view text, std::size_t begin)
{
    std::size_t at = skipJsonSpace(text, begin);
    std::int64_t depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            ++at;
            while ((at = findStringSpecial(text, at)) < text.size() && text[at] == '\\')
                at += 2;
            if (at >= text.size())
                return {};
            ++at;
            if (depth == 0)
                return at;
        } else if (c == '{' || c == '[') {
            ++depth;
            ++at;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;  // the end of what this value lies in
            ++at;
            if (--depth == 0)
                return at;
        } else if (depth == 0 && (c == ',' || isSpace(c))) {
            return at;
        } else {
            ++at;
        }
    }
    return depth == 0 && at > begin ? std::optional(at) : std::nullopt;
}

bool readJsonObject(std::string_view bytes, const Layout& layout, Row& row)
{
    row.reset(layout.columns.size());
    Cursor cursor(bytes);
    if (!cursor.take('{'))
        return false;
    if (cursor.take('}'))
        return true;
    std::size_t hint = 0;
    do {
        std::string_view key;
        Cell cell;
        if (!cursor.string(key, row) || !cursor.take(':') || !cursor.value(cell, row))
            return false;
        if (hint >= layout.columns.size() || layout.columns[hint] != key)
            hint = static_cast<std::size_t>(std::find(layout.columns.begin(), layout.columns.end(), key) - layout.columns.begin());
        if (hint < layout.columns.size())
            row[hint++] = cell;
    } while (cursor.take(','));
    return cursor.take('}');
}

}
