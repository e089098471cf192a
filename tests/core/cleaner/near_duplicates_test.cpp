// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/near_duplicates.h"

#include "cleaner/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <set>
#include <sstream>

namespace attune::cleaner {
namespace {

/// The definition of cli.md written down plainly: sets of five-word runs as text.
std::set<std::string> plainShingles(const std::string& text)
{
    std::vector<std::string> words;
    std::istringstream in(text);
    for (std::string word; in >> word;) {
        for (char& c : word)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        words.push_back(word);
    }
    std::set<std::string> shingles;
    for (std::size_t i = 0; i == 0 || i + 5 <= words.size(); ++i) {
        std::string run;
        for (std::size_t k = i; k < std::min(i + 5, words.size()); ++k)
            run += words[k] + " ";
        shingles.insert(run);
    }
    return shingles;
}

double plainJaccard(const std::set<std::string>& x, const std::set<std::string>& y)
{
    std::vector<std::string> both;
    std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(both));
    const std::size_t common = both.size();
    return static_cast<double>(common) / static_cast<double>(x.size() + y.size() - common);
}

/// Texts of which many are edited copies of earlier ones.
std::vector<std::string> corpus(int rows)
{
    std::mt19937 random(3);
    std::vector<std::string> texts;
    for (int r = 0; r < rows; ++r) {
        std::string text;
        if (r > 10 && random() % 2) {
            std::istringstream in(texts[random() % texts.size()]);
            const auto edits = random() % 12;
            for (std::string word; in >> word;)
                text += (random() % 100 < edits ? "changed" : word) + " ";
        } else {
            for (auto n = 3 + random() % 60; n > 0; --n)
                text += "word" + std::to_string(random() % 5000) + " ";
        }
        texts.push_back(text);
    }
    return texts;
}

}

TEST(Jaccard, IsThatOfTheDefinition)
{
    const auto texts = corpus(40);
    for (const auto& a : texts)
        for (const auto& b : texts)
            EXPECT_DOUBLE_EQ(jaccard(shinglesOf(a), shinglesOf(b)), plainJaccard(plainShingles(a), plainShingles(b)));
    EXPECT_EQ(jaccard(shinglesOf("A b  c"), shinglesOf("a B c\n")), 1.0);
    EXPECT_EQ(jaccard(shinglesOf(""), shinglesOf(" ")), 1.0);
}

TEST(Shingles, KnowWordsAndCaseBeyondAscii)
{
    const std::vector<std::string> words {"Zoë", "ŁÓDŹ", "İstanbul", "ΣΊΣΥΦΟΣ", "日本", "🙂", "e", "A", "STRAẞE", "Ⅷ", "ǅ", "ПРИВЕТ", "Ünïcödé", "Well…", "plain", "averyveryverylongwordofthirtyletters", "ЁЖ", "ÿ", "Ÿ"};
    const std::vector<std::string> spaces {" ", "\t", "\n", "\r\n", "  ", "\xC2\xA0", "\xE3\x80\x80", "\xE2\x80\x83", "\xC2\x85", "\xE1\x9A\x80", "\x1C"};
    std::mt19937 random(17);
    for (int i = 0; i < 500; ++i) {
        std::string text, plain;
        for (auto n = random() % 40; n > 0; --n) {
            const auto& word = words[random() % words.size()];
            text += (random() % 4 ? word : toLower(word)) + spaces[random() % spaces.size()];
            plain += toLower(word) + " ";
        }
        EXPECT_EQ(shinglesOf(text), shinglesOf(plain)) << text;
    }
    EXPECT_NE(shinglesOf("a b c d e"), shinglesOf("b a c d e"));
    EXPECT_NE(shinglesOf("ab c"), shinglesOf("a bc"));
}

TEST(NearDuplicates, FindThePairsOfBruteForce)
{
    const auto texts = corpus(300);
    const auto read = [&](std::int64_t row, std::string& text) -> Status {
        text = texts[static_cast<std::size_t>(row)];
        return {};
    };
    std::vector<std::set<std::string>> sets;
    for (const auto& text : texts)
        sets.push_back(plainShingles(text));
    for (const double threshold : {0.5, 0.8, 0.95}) {
        const auto result = findSimilar(300, read, threshold, 2, {}, {});
        ASSERT_TRUE(result);
        std::set<std::pair<std::int64_t, std::int64_t>> found;
        for (const auto& pair : result->pairs) {
            EXPECT_GE(plainJaccard(sets[static_cast<std::size_t>(pair.a)], sets[static_cast<std::size_t>(pair.b)]), threshold);
            found.emplace(pair.a, pair.b);
        }
        std::size_t wanted = 0, met = 0;
        for (std::int64_t a = 0; a < 300; ++a)
            for (std::int64_t b = a + 1; b < 300; ++b) {
                if (plainJaccard(sets[static_cast<std::size_t>(a)], sets[static_cast<std::size_t>(b)]) < threshold)
                    continue;
                const auto la = result->leader[static_cast<std::size_t>(a)], lb = result->leader[static_cast<std::size_t>(b)];
                ++wanted;
                met += la == lb || found.count({std::min(la, lb), std::max(la, lb)});
            }
        EXPECT_GT(wanted, 20u);
        EXPECT_GE(static_cast<double>(met), 0.98 * static_cast<double>(wanted)) << threshold;
    }
}

}
