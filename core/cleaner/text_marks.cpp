// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/text_marks.h"

#include "base/clones.h"

#include <array>
#include <cstring>

namespace attune::cleaner {
namespace {

constexpr std::size_t kBlock = 64;

inline unsigned char given(bool isSo, TextMarks mark)
{
    return static_cast<unsigned char>(isSo ? mark : 0);
}

/// The marks of one byte; no branches, so that a loop of these becomes vectors.
inline unsigned char marksOfByte(unsigned char c, unsigned char before)
{
    const bool isControl = static_cast<unsigned char>(c - 0x09) < 5 || static_cast<unsigned char>(c - 0x1C) < 4;
    return static_cast<unsigned char>(given(c >= 0x80, kWide) | given(c == 0xC3, kByteC3) | given(c == '<', kMarkup) | given(c == '&', kMarkup)
        | given(static_cast<unsigned char>(c - 'A') < 26, kCapital) | given(isControl, kOddSpace) | given(c == ' ' && before == ' ', kOddSpace));
}

/// Whole blocks from `text` on; the byte before the first is read, too. Each lane gathers what is at its place of them.
ATTUNE_CLONES
void look(const char* text, std::size_t blocks, unsigned char* __restrict__ lanes)
{
    const auto* bytes = reinterpret_cast<const unsigned char*>(text);
    for (const auto* end = bytes + blocks * kBlock; bytes < end; bytes += kBlock)
        for (std::size_t i = 0; i < kBlock; ++i)
            lanes[i] |= marksOfByte(bytes[i], bytes[static_cast<std::ptrdiff_t>(i) - 1]);
}

}

TextMarks marksOf(std::string_view text)
{
    if (text.empty())
        return kSeen;
    std::array<unsigned char, kBlock> lanes {};
    if (text.size() > kBlock) {
        // The last block overlaps the one before it: seeing a byte twice changes nothing.
        look(text.data() + 1, (text.size() - 1) / kBlock, lanes.data());
        look(text.data() + text.size() - kBlock, 1, lanes.data());
    } else {
        std::array<char, kBlock + 1> part;
        part.fill('a');  // has no marks
        std::memcpy(part.data() + 1, text.data(), text.size());
        look(part.data() + 1, 1, lanes.data());
    }
    // A space at an end stands between no two words.
    unsigned char marks = kSeen | marksOfByte(static_cast<unsigned char>(text.front()), ' ') | given(text.back() == ' ', kOddSpace);
    for (const unsigned char lane : lanes)
        marks |= lane;
    return marks | given(text.starts_with("[{"), kMessages);
}

}
