// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/shingles.h"

#include "cleaner/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace attune::cleaner {
namespace {

constexpr std::size_t kWords = 5;
constexpr std::size_t kRoom = 16;

// Functions of plain loops: compiled once per instruction set and chosen at start.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ATTUNE_CLONES __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#else
#define ATTUNE_CLONES
#endif

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

std::uint64_t fold(std::uint64_t a, std::uint64_t b)
{
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// The hash of a word; up to 16 bytes are read from `word` whatever its size.
std::uint64_t hashWord(const char* word, std::size_t size)
{
    constexpr std::uint64_t kFirst = 0xA0761D6478BD642Fu, kSecond = 0xE7037ED1A0B428DBu;
    if (size > 16)
        return hash64({word, size});
    std::uint64_t low = 0, high = 0;
    std::memcpy(&low, word, 8);
    if (size <= 8) {
        low &= ~std::uint64_t(0) >> (64 - 8 * size);
    } else {
        std::memcpy(&high, word + 8, 8);
        high &= ~std::uint64_t(0) >> (128 - 8 * size);
    }
    return fold(low ^ kFirst ^ size, high ^ kSecond);
}

constexpr std::array<bool, 256> kIsSpace = [] {
    std::array<bool, 256> table {};
    for (const int c : {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x1F, 0x20})
        table[static_cast<std::size_t>(c)] = true;
    return table;
}();

/// Whether lower-casing can change a word beyond ASCII: not where all its characters are of scripts without case
/// or punctuation (lead bytes E3-E9, EB-ED, U+2000-U+20FF, emoji).
bool mayHaveCase(std::string_view word)
{
    for (std::size_t i = 0; i < word.size(); ++i) {
        const auto c = static_cast<unsigned char>(word[i]);
        if (c < 0xC0)
            continue;
        const auto next = static_cast<unsigned char>(i + 1 < word.size() ? word[i + 1] : 0);
        const bool hasNone = (c >= 0xE3 && c <= 0xE9) || (c >= 0xEB && c <= 0xED) || (c == 0xE2 && next <= 0x83) || (c == 0xF0 && next >= 0x9F && next <= 0x9F);
        if (!hasNone)
            return true;
    }
    return false;
}

}

void Shingler::lowerWord(std::size_t begin, std::size_t end)
{
    const std::string_view word(m_text.data() + begin, end - begin);
    const std::string small = mayHaveCase(word) ? toLower(word) : std::string(word);
    m_text.resize(begin);
    // White space beyond ASCII becomes a plain space.
    for (std::size_t at = 0; at < small.size();) {
        const std::size_t space = spaceAt(small, at);
        m_text += space ? ' ' : small[at];
        at += space ? space : 1;
    }
}

void Shingler::lower(std::string_view text)
{
    m_text.resize(text.size() + kRoom);
    m_size = text.size();
    if (!lowerAscii(text.data(), text.size(), m_text.data()))
        return;
    // Word by word: a letter's case depends on nothing beyond its word.
    m_text.clear();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = m_text.size();
        bool isAscii = true;
        for (; at < text.size() && !kIsSpace[static_cast<unsigned char>(text[at])]; ++at) {
            const char c = text[at];
            isAscii &= !(c & 0x80);
            m_text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
        if (!isAscii) {
            // From the original again: ASCII letters are part of the word's case.
            m_text.replace(begin, m_text.size() - begin, text.substr(at - (m_text.size() - begin), m_text.size() - begin));
            lowerWord(begin, m_text.size());
        }
        if (at < text.size()) {
            m_text += ' ';
            ++at;
        }
    }
    m_size = m_text.size();
    m_text.append(kRoom, '\0');
}

void Shingler::splitWords()
{
    m_words.clear();
    const char *text = m_text.data(), *end = text + m_size;
    for (const char* at = text; at < end;) {
        while (at < end && kIsSpace[static_cast<unsigned char>(*at)])
            ++at;
        const char* begin = at;
        while (at < end && !kIsSpace[static_cast<unsigned char>(*at)])
            ++at;
        if (at > begin)
            m_words.push_back(hashWord(begin, static_cast<std::size_t>(at - begin)));
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
