// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/html.h"

#include "cleaner/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace attune::cleaner {
namespace {

struct Entity {
    const char *name, *text;
};
constexpr Entity kEntities[] {
#include "cleaner/html_entities.inc"
};

constexpr std::size_t kLongestEntity = 34;

/// Numeric references to Windows-1252's 0x80-0x9F mean its characters (HTML standard, 13.2.5.80).
constexpr std::array<std::uint16_t, 32> kWindows {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
    0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178};

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void appendCode(std::string& out, std::uint32_t code)
{
    if (code >= 0x80 && code <= 0x9F)
        code = kWindows[code - 0x80];
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        code = 0xFFFD;
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

/// The entity at `at` (a '&'): appends its text and returns its length, 0 if it is none.
std::size_t entityAt(std::string_view text, std::size_t at, std::string& out)
{
    const std::size_t end = text.substr(at, kLongestEntity).find(';');
    if (end == std::string_view::npos || end < 2)
        return 0;
    std::string_view name = text.substr(at + 1, end - 1);
    if (name[0] == '#') {
        name.remove_prefix(1);
        const bool isHex = !name.empty() && (name[0] == 'x' || name[0] == 'X');
        name.remove_prefix(isHex ? 1 : 0);
        std::uint32_t code = 0;
        const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), code, isHex ? 16 : 10);
        if (name.empty() || stop != name.data() + name.size() || error == std::errc::invalid_argument)
            return 0;
        appendCode(out, error == std::errc() ? code : 0x110000);
        return end + 1;
    }
    const auto* found = std::lower_bound(std::begin(kEntities), std::end(kEntities), name, [](const Entity& e, std::string_view n) { return e.name < n; });
    if (found == std::end(kEntities) || found->name != name)
        return 0;
    out += found->text;
    return end + 1;
}

/// A tag, comment or declaration; name in lower case.
struct Tag {
    std::size_t end = 0;  ///< behind its '>'; 0 = no tag begins here
    std::string name;
    bool isClosing = false;
};

/// End of a tag that begins at `at`, quoted attribute values respected.
std::size_t endOfTag(std::string_view text, std::size_t at)
{
    char quote = 0;
    for (bool isValue = false; at < text.size(); ++at) {
        const char c = text[at];
        if (quote) {
            quote = c == quote ? 0 : quote;
        } else if ((c == '"' || c == '\'') && isValue) {
            quote = c;
        } else if (c == '>') {
            return at + 1;
        } else if (c == '<') {
            return 0;
        }
        isValue = c == '=' || (isValue && c == ' ');
    }
    return 0;
}

Tag tagAt(std::string_view text, std::size_t at)
{
    Tag tag;
    std::size_t i = at + 1;
    if (text.substr(i, 3) == "!--") {
        const std::size_t end = text.find("-->", i + 3);
        tag.end = end == std::string_view::npos ? 0 : end + 3;
        return tag;
    }
    if (i < text.size() && (text[i] == '!' || text[i] == '?')) {
        tag.end = i + 1 < text.size() && (isLetter(text[i + 1]) || text[i + 1] == '[') ? endOfTag(text, i) : 0;
        return tag;
    }
    tag.isClosing = i < text.size() && text[i] == '/';
    i += tag.isClosing;
    if (i >= text.size() || !isLetter(text[i]))
        return tag;
    while (i < text.size() && (isLetter(text[i]) || (text[i] >= '0' && text[i] <= '9') || text[i] == '-' || text[i] == ':' || text[i] == '_'))
        tag.name += static_cast<char>(isLetter(text[i]) ? text[i] | 32 : text[i]), ++i;
    // "a <b and c> d": only white space, '/' or '>' can follow a name.
    if (i < text.size() && (text[i] == '>' || text[i] == '/' || spaceAt(text, i)))
        tag.end = endOfTag(text, i);
    return tag;
}

bool isBlock(std::string_view name)
{
    static constexpr std::string_view kBlocks[] {"address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody",
        "td", "tfoot", "th", "thead", "title", "tr", "ul"};
    return std::binary_search(std::begin(kBlocks), std::end(kBlocks), name);
}

/// Elements whose content is no text: the place behind their closing tag.
std::size_t behindElement(std::string_view text, std::size_t at, std::string_view name)
{
    for (std::size_t i = text.find("</", at); i != std::string_view::npos; i = text.find("</", i + 2))
        if (const Tag tag = tagAt(text, i); tag.end && tag.name == name)
            return tag.end;
    return at;
}

bool endsInSpace(const std::string& out)
{
    std::size_t start = out.empty() ? 0 : out.size() - 1;
    while (start > 0 && (out[start] & 0xC0) == 0x80)
        --start;
    return out.empty() || spaceAt(out, start) > 0;
}

}

bool decodeEntities(std::string_view text, std::string& out)
{
    std::size_t at = text.find('&');
    if (at == std::string_view::npos)
        return false;
    bool changed = false;
    out.assign(text.substr(0, at));
    while (at < text.size()) {
        const std::size_t length = entityAt(text, at, out);
        changed |= length > 0;
        const std::size_t next = std::min(text.find('&', at + std::max<std::size_t>(1, length)), text.size());
        out.append(text.substr(at + length, next - at - length));
        at = next;
    }
    return changed;
}

bool stripHtml(std::string_view text, std::string& out)
{
    const std::size_t first = text.find('<');
    if (first == std::string_view::npos)
        return decodeEntities(text, out);
    std::string plain;
    plain.reserve(text.size());
    bool isBroken = false, hasTags = false;
    const auto append = [&](std::string_view part) {
        if (part.empty())
            return;
        if (isBroken && !endsInSpace(plain) && !spaceAt(part, 0))
            plain += '\n';
        isBroken = false;
        plain.append(part);
    };
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t open = std::min(text.find('<', at), text.size());
        append(text.substr(at, open - at));
        if (open == text.size())
            break;
        const Tag tag = tagAt(text, open);
        if (!tag.end) {
            append(text.substr(open, 1));
            at = open + 1;
            continue;
        }
        hasTags = true;
        isBroken |= isBlock(tag.name);
        const bool isHidden = !tag.isClosing && (tag.name == "script" || tag.name == "style" || tag.name == "template");
        at = isHidden ? behindElement(text, tag.end, tag.name) : tag.end;
    }
    const bool hasEntities = decodeEntities(plain, out);
    if (!hasEntities)
        out = std::move(plain);
    return hasTags || hasEntities;
}

}
