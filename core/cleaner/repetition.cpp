// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/repetition.h"

#include "base/hash.h"
#include "cleaner/text.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace attune::cleaner {
namespace {

constexpr std::size_t kFewestRuns = 8;

double shareRepeated(std::vector<std::uint64_t>& runs)
{
    if (runs.size() < kFewestRuns)
        return 0;
    std::sort(runs.begin(), runs.end());
    const auto distinct = std::unique(runs.begin(), runs.end()) - runs.begin();
    return 1.0 - static_cast<double>(distinct) / static_cast<double>(runs.size());
}

std::vector<std::uint64_t> wordHashes(std::string_view text)
{
    std::vector<std::uint64_t> words;
    for (std::size_t at = 0; at < text.size();) {
        if (const std::size_t space = spaceAt(text, at)) {
            at += space;
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && !spaceAt(text, at))
            ++at;
        words.push_back(hash64(text.substr(begin, at - begin)));
    }
    return words;
}

std::vector<std::uint64_t> runsOf(const std::vector<std::uint64_t>& items, std::size_t length)
{
    std::vector<std::uint64_t> runs;
    for (std::size_t i = 0; i + length <= items.size(); ++i) {
        std::uint64_t run = 0;
        for (std::size_t k = 0; k < length; ++k)
            run = (run ^ items[i + k]) * 0x9E3779B97F4A7C15u, run ^= run >> 29;
        runs.push_back(run);
    }
    return runs;
}

std::vector<std::uint64_t> characterHashes(std::string_view text)
{
    std::vector<std::uint64_t> characters;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        while (end < text.size() && (text[end] & 0xC0) == 0x80)
            ++end;
        if (!spaceAt(text, at))
            characters.push_back(hash64(text.substr(at, end - at)));
        at = end;
    }
    return characters;
}

std::vector<std::uint64_t> lineHashes(std::string_view text)
{
    std::vector<std::uint64_t> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (const auto line = trimmed(text.substr(at, end - at)); !line.empty())
            lines.push_back(hash64(line));
        at = end + 1;
    }
    return lines;
}

}

double repetitionOf(std::string_view text)
{
    const std::string lower = toLower(text);
    const auto words = wordHashes(lower);
    // Words of thirty bytes on average are no words: there the characters tell.
    const bool hasWords = words.size() >= kFewestRuns + 2 && lower.size() / words.size() < 30;
    auto runs = hasWords ? runsOf(words, 3) : runsOf(characterHashes(lower), 4);
    auto lines = lineHashes(lower);
    return std::max(shareRepeated(runs), shareRepeated(lines));
}

}
