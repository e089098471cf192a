// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/text_marks.h"

#include "base/clones.h"

#include <algorithm>
#include <array>
#include <cstring>

#ifdef ATTUNE_HAS_AVX2_CODE
#include <immintrin.h>
#endif

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

#ifdef ATTUNE_HAS_AVX2_CODE

/// Bits of the classes that two tables of 16 name together: one for the low half of a byte, one for the high half.
enum Class : unsigned char { kLess = 1, kAmpersand = 2, kCapitalAToO = 4, kCapitalPToZ = 8, kControl0 = 16, kControl1 = 32, kIsC3 = 64, kIsWide = 128 };

constexpr std::array<unsigned char, 16> kLow = [] {
    std::array<unsigned char, 16> table {};
    for (unsigned i = 0; i < 16; ++i)
        table[i] = static_cast<unsigned char>(kIsWide | (i == 0xC ? kLess : 0) | (i == 6 ? kAmpersand : 0) | (i >= 1 ? kCapitalAToO : 0) | (i <= 0xA ? kCapitalPToZ : 0)
            | (i >= 9 && i <= 0xD ? kControl0 : 0) | (i >= 0xC ? kControl1 : 0) | (i == 3 ? kIsC3 : 0));
    return table;
}();
constexpr std::array<unsigned char, 16> kHigh = [] {
    std::array<unsigned char, 16> table {kControl0, kControl1, kAmpersand, kLess, kCapitalAToO, kCapitalPToZ};
    for (unsigned i = 8; i < 16; ++i)
        table[i] = kIsWide;
    table[0xC] |= kIsC3;
    return table;
}();

/// What lies in the lanes, put together in one byte.
__attribute__((target("avx2"))) unsigned char gathered(__m256i lanes)
{
    alignas(32) std::array<std::uint64_t, 4> parts;
    _mm256_store_si256(reinterpret_cast<__m256i*>(parts.data()), lanes);
    std::uint64_t all = parts[0] | parts[1] | parts[2] | parts[3];
    all |= all >> 32;
    all |= all >> 16;
    return static_cast<unsigned char>(all | all >> 8);
}

/// The marks of size bytes, at least 32, by tables; the byte before the first is read, too.
__attribute__((target("avx2"))) unsigned char lookByTables(const char* text, std::size_t size)
{
    const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kLow.data())));
    const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kHigh.data())));
    const __m256i half = _mm256_set1_epi8(0x0F), space = _mm256_set1_epi8(' ');
    __m256i classes = _mm256_setzero_si256(), spaces = classes;
    for (std::size_t at = 0;; at = std::min(at + 32, size - 32)) {
        const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + at));
        const __m256i before = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + at - 1));
        const __m256i byLow = _mm256_shuffle_epi8(low, _mm256_and_si256(bytes, half));
        const __m256i byHigh = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
        classes = _mm256_or_si256(classes, _mm256_and_si256(byLow, byHigh));
        // Two spaces; a space beside a zero byte is taken for one, too: a mark too many.
        spaces = _mm256_or_si256(spaces, _mm256_cmpeq_epi8(_mm256_or_si256(bytes, before), space));
        if (at + 32 >= size)
            break;
    }
    const unsigned char found = gathered(classes);
    return static_cast<unsigned char>(given(found & kIsWide, kWide) | given(found & kIsC3, kByteC3) | given(found & (kLess | kAmpersand), kMarkup)
        | given(found & (kCapitalAToO | kCapitalPToZ), kCapital) | given((found & (kControl0 | kControl1)) || gathered(spaces), kOddSpace));
}

#endif

/// The marks of a text of at least two bytes, without those of its first byte and of its end.
unsigned char inside(std::string_view text)
{
#ifdef ATTUNE_HAS_AVX2_CODE
    if (cpuHasAvx2() && text.size() > 32)
        return lookByTables(text.data() + 1, text.size() - 1);
#endif
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
    unsigned char marks = 0;
    for (const unsigned char lane : lanes)
        marks |= lane;
    return marks;
}

}

TextMarks marksOf(std::string_view text)
{
    if (text.empty())
        return kSeen;
    // A space at an end stands between no two words.
    const unsigned char marks = kSeen | marksOfByte(static_cast<unsigned char>(text.front()), ' ') | given(text.back() == ' ', kOddSpace) | inside(text);
    return static_cast<TextMarks>(marks | given(text.starts_with("[{"), kMessages));
}

}
