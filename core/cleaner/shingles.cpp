// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/shingles.h"

#include "base/clones.h"
#include "cleaner/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace attune::cleaner {
namespace {

constexpr std::size_t kWords = 5;
constexpr std::size_t kRoom = 80;  // a block of 64 behind the last byte, a word's 16

/// Copies text with A-Z made small; true if a byte is not ASCII.
ATTUNE_CLONES
bool lowerAscii(const char* text, std::size_t size, char* out)
{
    unsigned char seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        seen |= c;
        out[i] = static_cast<char>(c + ((static_cast<unsigned char>(c - 'A') < 26) << 5));
    }
    return seen & 0x80;
}

/// Five words into one hash: rotations keep their order, the product mixes.
ATTUNE_CLONES
void combineFive(const std::uint64_t* words, std::size_t runs, std::uint64_t* out)
{
    for (std::size_t i = 0; i < runs; ++i) {
        std::uint64_t h = words[i] ^ std::rotl(words[i + 1], 13) ^ std::rotl(words[i + 2], 26) ^ std::rotl(words[i + 3], 39) ^ std::rotl(words[i + 4], 52);
        h *= 0x9E3779B97F4A7C15u;
        out[i] = h ^ (h >> 32);
    }
}

__extension__ using Wide = unsigned __int128;

std::uint64_t fold(std::uint64_t a, std::uint64_t b)
{
    const auto product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// Masks that keep the first n of 16 bytes, n up to 16, as two little-endian words.
constexpr auto kMasks = [] {
    std::array<std::array<std::uint64_t, 2>, 17> masks {};
    for (std::size_t n = 1; n <= 16; ++n)
        masks[n] = {n >= 8 ? ~std::uint64_t(0) : (std::uint64_t(1) << 8 * n) - 1, n <= 8 ? 0 : n == 16 ? ~std::uint64_t(0) : (std::uint64_t(1) << 8 * (n - 8)) - 1};
    return masks;
}();

/// The hash of a word; 16 bytes are read from `word` whatever its size.
std::uint64_t hashWord(const char* word, std::size_t size)
{
    constexpr std::uint64_t kFirst = 0xA0761D6478BD642Fu, kSecond = 0xE7037ED1A0B428DBu;
    if (size > 16) [[unlikely]]
        return hash64({word, size});
    std::uint64_t low = 0, high = 0;
    std::memcpy(&low, word, 8);
    std::memcpy(&high, word + 8, 8);
    return fold((low & kMasks[size][0]) ^ kFirst ^ size, (high & kMasks[size][1]) ^ kSecond);
}

bool isPlainSpace(char c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
}

/// Which of 64 bytes are ASCII white space, as bits.
std::uint64_t spacesIn(const char* bytes)
{
    std::uint64_t mask = 0;
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(' ');
    for (int block = 0; block < 4; ++block) {
        const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * block));
        // Signed comparisons: bytes beyond ASCII are negative and match nothing.
        const __m128i line = _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8(0x08)), _mm_cmplt_epi8(c, _mm_set1_epi8(0x0E)));
        const __m128i separator = _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8(0x1B)), _mm_cmplt_epi8(c, space));
        const __m128i any = _mm_or_si128(_mm_or_si128(line, separator), _mm_cmpeq_epi8(c, space));
        mask |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(any))) << 16 * block;
    }
#else
    for (int i = 0; i < 64; ++i)
        mask |= static_cast<std::uint64_t>(isPlainSpace(bytes[i])) << i;
#endif
    return mask;
}

/// Length of white space beyond ASCII at `at`: U+0085 U+00A0 U+1680 U+2000-U+200A U+2028 U+2029 U+202F U+205F U+3000.
std::size_t wideSpaceAt(std::string_view text, std::size_t at)
{
    const auto lead = static_cast<unsigned char>(text[at]);
    return lead == 0xC2 || lead == 0xE1 || lead == 0xE2 || lead == 0xE3 ? spaceAt(text, at) : 0;
}

/// Whether a character may have a small form that is not itself: not so in scripts without case, punctuation, emoji,
/// and the small letters of Latin-1 and of Cyrillic.
bool mayHaveCase(unsigned char lead, unsigned char next)
{
    switch (lead) {
    case 0xC2: return false;
    case 0xC3: return next <= 0x9E && next != 0x97;
    case 0xD0: return next < 0xB0;
    case 0xD1: return next >= 0xA0;
    case 0xE2: return next > 0x83;
    case 0xEA: return next < 0xB0;
    case 0xF0: return next != 0x9F;
    default: return !(lead >= 0xE3 && lead <= 0xED);
    }
}

}

bool Shingler::fixBeyondAscii(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        if (lead < 0xC0) {
            ++at;
            continue;
        }
        if (const std::size_t space = wideSpaceAt(text, at)) {
            std::fill_n(m_text.begin() + static_cast<std::ptrdiff_t>(at), space, ' ');
            at += space;
            continue;
        }
        if (!mayHaveCase(lead, static_cast<unsigned char>(at + 1 < text.size() ? text[at + 1] : 0))) {
            ++at;
            continue;
        }
        // A letter's case depends on nothing beyond its word.
        std::size_t begin = at, end = at;
        while (begin > 0 && !isPlainSpace(m_text[begin - 1]))
            --begin;
        while (end < text.size() && !isPlainSpace(text[end]) && !(text[end] & 0x80 && wideSpaceAt(text, end)))
            ++end;
        const std::string small = toLower(text.substr(begin, end - begin));
        if (small.size() != end - begin)
            return false;
        std::copy(small.begin(), small.end(), m_text.begin() + static_cast<std::ptrdiff_t>(begin));
        at = end;
    }
    return true;
}

void Shingler::lower(std::string_view text)
{
    m_size = text.size();
    m_text.resize(text.size() + kRoom);
    std::fill(m_text.end() - kRoom, m_text.end(), ' ');
    if (!lowerAscii(text.data(), text.size(), m_text.data()) || fixBeyondAscii(text))
        return;
    // Rare: a letter whose small form has another length.
    const std::string small = toLower(text);
    m_text.clear();
    for (std::size_t at = 0; at < small.size();) {
        const std::size_t space = spaceAt(small, at);
        m_text += space ? ' ' : small[at];
        at += space ? space : 1;
    }
    m_size = m_text.size();
    m_text.append(kRoom, ' ');
}

void Shingler::splitWords()
{
    m_words.clear();
    const char* text = m_text.data();
    std::uint64_t wasSpace = 1;  // bit 0: whether the byte before the block is white space
    std::size_t begin = 0;
    for (std::size_t block = 0; block < m_size + 1; block += 64) {  // behind the text lies white space: it ends the last word
        const std::uint64_t spaces = spacesIn(text + block), before = spaces << 1 | wasSpace;
        wasSpace = spaces >> 63;
        std::uint64_t starts = ~spaces & before, ends = spaces & ~before;
        if (!(before & 1) && ends) {  // the word that came in from the block before
            m_words.push_back(hashWord(text + begin, block + static_cast<std::size_t>(std::countr_zero(ends)) - begin));
            ends &= ends - 1;
        }
        while (ends) {
            begin = block + static_cast<std::size_t>(std::countr_zero(starts));
            m_words.push_back(hashWord(text + begin, block + static_cast<std::size_t>(std::countr_zero(ends)) - begin));
            starts &= starts - 1;
            ends &= ends - 1;
        }
        if (starts)
            begin = block + static_cast<std::size_t>(std::countr_zero(starts));
    }
}

void Shingler::hashRuns()
{
    if (m_words.size() >= kWords) {
        m_runs.resize(m_words.size() - kWords + 1);
        combineFive(m_words.data(), m_runs.size(), m_runs.data());
        return;
    }
    std::uint64_t hash = m_words.size();
    for (const std::uint64_t word : m_words)
        hash = fold(hash ^ 0x8EBC6AF09C88C6E3u, word | 1);
    m_runs.assign(1, hash);
}

void Shingler::read(std::string_view text)
{
    lower(text);
    splitWords();
    hashRuns();
}

Hash128 Shingler::sequence() const
{
    return hash128({reinterpret_cast<const char*>(m_words.data()), m_words.size() * 8});
}

const std::vector<std::uint64_t>& Shingler::set()
{
    std::sort(m_runs.begin(), m_runs.end());
    m_runs.erase(std::unique(m_runs.begin(), m_runs.end()), m_runs.end());
    return m_runs;
}

std::vector<std::uint64_t> shinglesOf(std::string_view text)
{
    Shingler shingler;
    shingler.read(text);
    return shingler.set();
}

double jaccard(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b)
{
    std::size_t i = 0, j = 0, common = 0;
    while (i < a.size() && j < b.size()) {
        const bool isSame = a[i] == b[j], isLess = a[i] < b[j];
        common += isSame;
        i += isSame | isLess;
        j += !isLess;
    }
    const std::size_t together = a.size() + b.size() - common;
    return together ? static_cast<double>(common) / static_cast<double>(together) : 1.0;
}

}
