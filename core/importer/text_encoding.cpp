// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/text_encoding.h"

#include <array>

namespace attune::importer {
namespace {

// Windows-1252 0x80 to 0x9F as Unicode (unicode.org, CP1252.TXT); the five unassigned bytes as themselves.
constexpr std::array<char16_t, 32> kWindows1252 {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
    0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178};

void append(std::string& out, char32_t code)
{
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        code = 0xFFFD;
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

/// Code units of `width` bytes, little or big end first.
class Units
{
public:
    Units(std::string_view text, std::size_t width, bool bigEndian)
        : m_text(text)
        , m_width(width)
        , m_bigEndian(bigEndian)
    {
    }
    bool has(std::size_t at) const { return at + m_width <= m_text.size(); }
    char32_t at(std::size_t at) const
    {
        char32_t unit = 0;
        for (std::size_t i = 0; i < m_width; ++i) {
            const auto byte = static_cast<unsigned char>(m_text[at + i]);
            unit |= static_cast<char32_t>(byte) << (8 * (m_bigEndian ? m_width - 1 - i : i));
        }
        return unit;
    }

private:
    std::string_view m_text;
    std::size_t m_width;
    bool m_bigEndian;
};

/// Length of a well-formed multi-byte UTF-8 sequence at i, or 0.
std::size_t sequenceAt(std::string_view text, std::size_t i)
{
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
    if (!length || i + length > text.size())
        return 0;
    for (std::size_t k = 1; k < length; ++k)
        if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80)
            return 0;
    return length;
}

}

std::string_view encodingName(Encoding encoding)
{
    switch (encoding) {
    case Encoding::Utf8: return "UTF-8";
    case Encoding::Utf8Bom: return "UTF-8 with byte order mark";
    case Encoding::Utf16Le: return "UTF-16 LE";
    case Encoding::Utf16Be: return "UTF-16 BE";
    case Encoding::Utf32Le: return "UTF-32 LE";
    case Encoding::Utf32Be: return "UTF-32 BE";
    case Encoding::Windows1252: return "Windows-1252";
    }
    return {};
}

Encoding detectEncoding(std::string_view head)
{
    using namespace std::string_view_literals;
    if (head.starts_with("\xEF\xBB\xBF"))
        return Encoding::Utf8Bom;
    if (head.starts_with("\xFF\xFE\0\0"sv))
        return Encoding::Utf32Le;
    if (head.starts_with("\0\0\xFE\xFF"sv))
        return Encoding::Utf32Be;
    if (head.starts_with("\xFF\xFE"))
        return Encoding::Utf16Le;
    if (head.starts_with("\xFE\xFF"))
        return Encoding::Utf16Be;
    std::size_t zeros[2] = {}, others[2] = {};
    const std::size_t n = std::min<std::size_t>(head.size(), 4096) / 2 * 2;
    for (std::size_t i = 0; i < n; ++i)
        ++(head[i] == 0 ? zeros : others)[i % 2];
    // Text in a Latin script as UTF-16: nearly every second byte is zero and hardly any other.
    if (n >= 8 && zeros[1] * 5 > n * 2 && zeros[0] * 50 < n)
        return Encoding::Utf16Le;
    if (n >= 8 && zeros[0] * 5 > n * 2 && zeros[1] * 50 < n)
        return Encoding::Utf16Be;
    return Encoding::Utf8;
}

bool looksLikeWindows1252(std::string_view text)
{
    std::size_t sequences = 0, stray = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80)
            continue;
        if (const std::size_t length = sequenceAt(text, i)) {
            ++sequences;
            i += length - 1;
        } else {
            ++stray;
        }
    }
    return stray > 4 * sequences;
}

Status writeAsUtf8(std::string_view text, Encoding encoding, formats::FileWriter& out, const JobContext& context)
{
    std::string block;
    const auto pass = [&](std::size_t done) -> bool {
        if (block.size() >= (1u << 18)) {
            out.write(block);
            block.clear();
            context.report("Converting to UTF-8", done, text.size());
        }
        return !context.isCancelled() && !out.hasFailed();
    };
    if (encoding == Encoding::Windows1252) {
        for (std::size_t i = 0; i < text.size() && pass(i); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            append(block, byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte);
        }
    } else {
        const bool isBig = encoding == Encoding::Utf16Be || encoding == Encoding::Utf32Be;
        const std::size_t width = encoding == Encoding::Utf32Le || encoding == Encoding::Utf32Be ? 4 : 2;
        const Units units(text, width, isBig);
        for (std::size_t i = 0; units.has(i) && pass(i); i += width) {
            char32_t code = units.at(i);
            if (code == 0xFEFF && i == 0)
                continue;
            if (width == 2 && code >= 0xD800 && code < 0xDC00 && units.has(i + 2)) {
                if (const char32_t low = units.at(i + 2); low >= 0xDC00 && low < 0xE000) {
                    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                    i += 2;
                }
            }
            append(block, code);
        }
    }
    out.write(block);
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "Reading was cancelled.", "Nothing was changed.");
    return {};
}

}
