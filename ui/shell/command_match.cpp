// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/command_match.h"

#include <vector>

namespace attune::shell {

namespace {
constexpr int kNone = -1000000;
// A letter next to the one before counts as much as one that starts a word.
constexpr int kWordStart = 8, kSideBySide = 8;
}

std::optional<Match> matchLetters(const QString& typed, const QString& text)
{
    QString wanted = typed.toLower();
    wanted.remove(QLatin1Char(' '));
    const QString letters = text.toLower();
    const auto m = wanted.size(), n = letters.size();
    if (m == 0)
        return Match {};
    if (m > n)
        return std::nullopt;
    // best[i][j]: the score of the first i letters with the i-th one at j.
    std::vector<std::vector<int>> best(static_cast<std::size_t>(m), std::vector<int>(static_cast<std::size_t>(n), kNone)), from = best;
    const auto startsWord = [&](qsizetype j) { return j == 0 || !letters[j - 1].isLetterOrNumber(); };
    for (qsizetype i = 0; i < m; ++i)
        for (qsizetype j = i; j < n; ++j) {
            if (letters[j] != wanted[i])
                continue;
            const int own = 1 + (startsWord(j) ? kWordStart : 0);
            auto& here = best[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
            if (i == 0) {
                here = own - static_cast<int>(j) / 4;
                continue;
            }
            for (qsizetype k = i - 1; k < j; ++k) {
                const int before = best[static_cast<std::size_t>(i - 1)][static_cast<std::size_t>(k)];
                const int score = before + own + (k + 1 == j ? kSideBySide : -static_cast<int>(std::min<qsizetype>(4, j - k - 1)));
                if (before > kNone && score > here) {
                    here = score;
                    from[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] = static_cast<int>(k);
                }
            }
        }
    const auto& last = best[static_cast<std::size_t>(m - 1)];
    const auto end = std::max_element(last.begin(), last.end());
    if (*end <= kNone)
        return std::nullopt;
    Match match {*end, {}};
    int at = static_cast<int>(end - last.begin());
    for (qsizetype i = m - 1; i >= 0; --i) {
        match.letters.prepend(at);
        at = i > 0 ? from[static_cast<std::size_t>(i)][static_cast<std::size_t>(at)] : 0;
    }
    return match;
}

}
