// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/text.h"

#include "cleaner/byte_search.h"
#include "mixed_texts.h"

#include <gtest/gtest.h>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>

namespace attune::cleaner {
namespace {

icu::StringPiece piece(const std::string& text)
{
    return {text.data(), static_cast<std::int32_t>(text.size())};
}

std::string lowerOfTheWhole(const std::string& text)
{
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    UErrorCode error = U_ZERO_ERROR;
    icu::CaseMap::utf8ToLower("", 0, piece(text), sink, nullptr, error);
    return out;
}

std::string formOfTheWhole(const std::string& text, bool compatibility)
{
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    UErrorCode error = U_ZERO_ERROR;
    (compatibility ? icu::Normalizer2::getNFKCInstance(error) : icu::Normalizer2::getNFCInstance(error))->normalizeUTF8(0, piece(text), sink, nullptr, error);
    return out;
}

TEST(Text, IsLoweredInPiecesAsItIsAtOnce)
{
    for (const auto& text : mixedTexts(20'000))
        ASSERT_EQ(toLower(text), lowerOfTheWhole(text)) << testing::PrintToString(text);
    EXPECT_EQ(toLower("ΟΔΥΣΣΕΥΣ ΟΔΟΣ."), "οδυσσευς οδος.");
    EXPECT_EQ(toLower("İstanbul ȺB"), "i\u0307stanbul ⱥb");
}

TEST(Text, IsNormalisedInPiecesAsItIsAtOnce)
{
    for (const auto& text : mixedTexts(20'000))
        for (const bool compatibility : {false, true})
            ASSERT_EQ(normalizeUnicode(text, compatibility), formOfTheWhole(text, compatibility)) << testing::PrintToString(text);
}

TEST(Contains, FindsWhatStandsInTheText)
{
    const std::string text = std::string("abcabcabdabcabcabcabcabcabcabd xyz").append(100, 'a').append("b");
    for (std::size_t from = 0; from < text.size(); ++from)
        for (std::size_t size = 0; from + size <= text.size(); ++size)
            ASSERT_TRUE(contains(text, text.substr(from, size))) << from << " " << size;
    for (const std::string part : {"abdd", "q", "yx", "aab ", "abcabcabcabcabcabcabcabcabd"})
        EXPECT_FALSE(contains(text, part)) << part;
    EXPECT_TRUE(contains("", ""));
    EXPECT_FALSE(contains("", "a"));
    EXPECT_FALSE(contains("ab", "abc"));
}

TEST(Contains, StaysQuickWhereNearlyEverythingFits)
{
    const std::string text(4'000'000, 'a'), part = std::string(5'000, 'a').append("b").append(5'000, 'a');

    EXPECT_FALSE(contains(text, part));
    EXPECT_TRUE(contains(std::string(text).append(part), part));
}

TEST(FirstWide, IsTheFirstByteBeyondAscii)
{
    for (std::size_t size = 0; size < 40; ++size)
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'a');
            text[at] = '\x80';
            ASSERT_EQ(firstWide(text, 0), at);
            ASSERT_EQ(firstWide(text, at + 1), size);
        }
}

}
}
