// SPDX-License-Identifier: GPL-3.0-or-later
// A character of the damaged text stands for one byte of the original (Windows-1252 table of the WHATWG encoding
// standard; its five holes and Latin-1's control characters stand for themselves). Where such bytes form a UTF-8
// sequence, that sequence is the original character.
#include "cleaner/mojibake.h"

#include <array>
#include <cstdint>
#include <vector>

namespace attune::cleaner {
namespace {

/// Code points of the bytes 0x80 to 0x9F in Windows-1252.
constexpr std::array<std::uint16_t, 32> kHigh {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
    0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178};

/// The byte that a character stands for, or -1.
int byteOf(std::uint32_t c)
{
    if (c < 0x100)
        return static_cast<int>(c);
    for (std::size_t i = 0; i < kHigh.size(); ++i)
        if (kHigh[i] == c)
            return static_cast<int>(0x80 + i);
    return -1;
}

/// One character at `at`; length 0 where the text is no UTF-8.
struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0;
};
Character characterAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const unsigned lead = byte(at);
    if (lead < 0x80)
        return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    std::uint32_t code = length == 4 ? lead & 7 : length == 3 ? lead & 15 : lead & 31;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80)
            return {0, 0};
        code = code << 6 | (byte(at + i) & 0x3F);
    }
    return {code, length};
}

/// A place where characters spell out the bytes of one UTF-8 sequence.
struct Sequence {
    std::size_t begin = 0, end = 0;
    std::string original;
    bool isClear = false;  ///< damage beyond doubt
};

bool isWellFormed(const std::string& bytes)
{
    const Character c = characterAt(bytes, 0);
    if (c.length != bytes.size())
        return false;
    const std::uint32_t least = c.length == 2 ? 0x80 : c.length == 3 ? 0x800 : 0x10000;
    return c.code >= least && c.code <= 0x10FFFF && !(c.code >= 0xD800 && c.code <= 0xDFFF);
}

/// Signs that often follow a capital letter on purpose: quotes, dashes, ellipsis, ™ ® © ° º ª, spaces.
bool isOrdinaryAfterLetter(int byte)
{
    switch (byte) {
    case 0x82: case 0x84: case 0x85: case 0x8B: case 0x91: case 0x92: case 0x93: case 0x94: case 0x95: case 0x96: case 0x97: case 0x99: case 0x9B:
    case 0xA0: case 0xA9: case 0xAA: case 0xAB: case 0xAE: case 0xB0: case 0xB2: case 0xB3: case 0xB7: case 0xB9: case 0xBA: case 0xBB: return true;
    default: return false;
    }
}

bool sequenceAt(std::string_view text, std::size_t at, Sequence& found)
{
    const Character lead = characterAt(text, at);
    const int first = lead.length ? byteOf(lead.code) : -1;
    if (first < 0xC2 || first > 0xF4)
        return false;
    const std::size_t wanted = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    found.begin = at;
    found.original.assign(1, static_cast<char>(first));
    bool hasOrdinary = false;
    std::size_t next = at + lead.length;
    while (found.original.size() < wanted) {
        const Character c = next < text.size() ? characterAt(text, next) : Character {};
        const int byte = c.length ? byteOf(c.code) : -1;
        if (byte < 0x80 || byte > 0xBF)
            return false;
        hasOrdinary |= isOrdinaryAfterLetter(byte);
        found.original += static_cast<char>(byte);
        next += c.length;
    }
    found.end = next;
    const bool isAfterSmall = at > 0 && text[at - 1] >= 'a' && text[at - 1] <= 'z';  // a capital within a word
    found.isClear = wanted >= 3 || isAfterSmall || (first <= 0xC3 && !hasOrdinary);
    return isWellFormed(found.original);
}

std::vector<Sequence> sequencesIn(std::string_view text)
{
    std::vector<Sequence> all;
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        Sequence sequence;
        // Leads are U+00C2 to U+00F4: in UTF-8 they all begin with the byte C3.
        if (lead == 0xC3 && sequenceAt(text, at, sequence)) {
            if (!all.empty() && all.back().end == at)
                sequence.isClear = all.back().isClear = true;  // two in a row are no accident
            at = sequence.end;
            all.push_back(std::move(sequence));
        } else {
            ++at;
        }
    }
    return all;
}

/// One round; false if nothing is clearly damaged.
bool fixOnce(std::string_view text, std::string& out)
{
    const auto sequences = sequencesIn(text);
    bool isDamaged = false;
    for (const auto& sequence : sequences)
        isDamaged |= sequence.isClear;
    if (!isDamaged)
        return false;
    out.clear();
    std::size_t from = 0;
    for (const auto& sequence : sequences) {
        out.append(text.substr(from, sequence.begin - from));
        out += sequence.original;
        from = sequence.end;
    }
    out.append(text.substr(from));
    return true;
}

}

bool fixMojibake(std::string_view text, std::string& out)
{
    if (text.find('\xC3') == std::string_view::npos || !fixOnce(text, out))
        return false;
    // Each round shortens the text, so this ends.
    for (std::string again; fixOnce(out, again);)
        out.swap(again);
    return true;
}

}
