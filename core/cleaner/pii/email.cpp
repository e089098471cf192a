// SPDX-License-Identifier: GPL-3.0-or-later
// E-mail addresses: RFC 5321 / 6531 as people write them, without quoted local parts and address literals.
#include "cleaner/pii_text.h"

#include "cleaner/text.h"

#include <algorithm>
#include <array>

namespace attune::cleaner::pii {
namespace {

constexpr std::size_t kMostLocal = 64, kMostDomain = 253;

// Endings of file names: icon@2x.png, bundle@v2.js.
constexpr auto kFileEndings = std::to_array<std::string_view>({"png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico", "tiff", "css", "scss", "js", "jsx", "tsx", "mjs", "html", "json", "xml", "yaml", "yml",
    "toml", "txt", "csv", "exe", "dll", "mp3", "mp4", "pdf"});

bool isLocalByte(char c)
{
    return isAlnum(c) || (c != '\0' && std::string_view("._%+-'").find(c) != std::string_view::npos);
}

/// The start of the local part that ends before `at`; letters of scripts without spaces are the sentence, not the address.
std::size_t localBegin(std::string_view text, std::size_t at)
{
    std::size_t begin = at;
    while (begin > 0 && at - begin < kMostLocal + 1) {
        if (isLocalByte(text[begin - 1])) {
            --begin;
            continue;
        }
        const CodePoint code = codePointBefore(text, begin);
        if (code.value < 0x80 || !isSpacedLetter(code.value))
            break;
        begin -= code.size;
    }
    if (const auto dots = text.substr(begin, at - begin).rfind(".."); dots != std::string_view::npos)
        begin += dots + 2;
    while (begin < at && std::string_view(".'-+%").find(text[begin]) != std::string_view::npos)
        ++begin;
    return begin;
}

/// The end of the domain label that begins at `at`.
std::size_t labelEnd(std::string_view text, std::size_t at)
{
    const bool isUnspaced = isUnspacedLetter(codePointAt(text, at).value);
    std::size_t end = at;
    while (end < text.size()) {
        if (isAlnum(text[end]) || (text[end] == '-' && end > at)) {
            ++end;
            continue;
        }
        const CodePoint code = codePointAt(text, end);
        if (code.value < 0x80 || !(isSpacedLetter(code.value) || (isUnspaced && isUnspacedLetter(code.value))))
            break;
        end += code.size;
    }
    while (end > at && text[end - 1] == '-')
        --end;
    return end;
}

bool isTopLevel(std::string_view label, std::string_view before)
{
    if (label.starts_with("xn--"))
        return label.size() > 5;
    if (label.size() < 2 || label.size() > 24)
        return false;
    for (const char c : label)
        if (!isAlpha(c) && !isBeyondAscii(c))
            return false;
    // "bob@example.com.Thanks": a sentence that begins without a space.
    if (isUpper(label[0]) && isLower(label[1]) && isLower(before.back()))
        return false;
    const std::string lowered = toLower(label);
    return std::find(kFileEndings.begin(), kFileEndings.end(), lowered) == kFileEndings.end();
}

/// The end of the domain that begins at `at`: the most labels of which the last can be a top-level domain.
std::size_t domainEnd(std::string_view text, std::size_t at)
{
    std::size_t best = 0, labelBegin = at;
    while (labelBegin - at < kMostDomain) {
        const std::size_t end = labelEnd(text, labelBegin);
        if (end == labelBegin || end - labelBegin > 63 * 4)
            break;
        if (labelBegin > at && isTopLevel(text.substr(labelBegin, end - labelBegin), text.substr(at, labelBegin - 1 - at)))
            best = end;
        if (byteAt(text, end) != '.')
            break;
        labelBegin = end + 1;
    }
    return best;
}

/// Whether "local@" is the login of an address with a scheme: https://user:password@host.
bool isLogin(std::string_view text, std::size_t begin)
{
    const std::size_t stop = begin > 80 ? begin - 80 : 0;
    for (std::size_t at = begin; at > stop; --at) {
        const char c = text[at - 1];
        if (c == '/')
            return byteBefore(text, at, 2) == '/' && byteBefore(text, at, 3) == ':';
        if (c == ' ' || c == '\n' || c == '\t' || c == '"' || c == '<' || c == '(')
            return false;
    }
    return false;
}

std::optional<Span> find(const Place& place, std::size_t at)
{
    const std::string_view text = place.text;
    const std::size_t begin = localBegin(text, at);
    if (begin == at || at - begin > kMostLocal * 2 || text[at - 1] == '.' || byteBefore(text, begin) == '@' || isLogin(text, begin))
        return {};
    const std::size_t end = domainEnd(text, at + 1);
    if (end == 0 || byteAt(text, end) == '(' || byteAt(text, end) == '@')
        return {};
    const std::string_view domain = text.substr(at + 1, end - at - 1);
    const std::string_view first = domain.substr(0, domain.find('.'));
    if (first.size() == 2 && isDigit(first[0]) && first[1] == 'x')
        return {};  // icon@2x.something
    const std::string_view local = text.substr(begin, at - begin);
    if (local == "git" && byteAt(text, end) == ':' && isWord(byteAt(text, end + 1)))
        return {};  // git@host:group/project
    return Span {begin, end};
}

std::string canonical(std::string_view value)
{
    return toLower(value);
}

}

const Detector& email()
{
    static const Detector detector {"email", "E-mail addresses", "[EMAIL]", "Addresses like anna@example.org, in any script.", "@", 50, find, canonical};
    return detector;
}

}
