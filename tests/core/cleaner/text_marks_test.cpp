// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/text_marks.h"

#include "cleaner/text.h"
#include "mixed_texts.h"

#include <gtest/gtest.h>

namespace attune::cleaner {
namespace {

TEST(TextMarks, AreThereWhereAStepChangesTheText)
{
    std::string out;
    for (const auto& text : mixedTexts(20'000)) {
        const TextMarks marks = marksOf(text);
        ASSERT_TRUE(marks & kSeen);
        ASSERT_TRUE(!toLower(text, out) || marks & (kCapital | kWide)) << testing::PrintToString(text);
        ASSERT_TRUE(!normalizeUnicode(text, true, out) || marks & kWide) << testing::PrintToString(text);
        ASSERT_TRUE(!collapseSpace(text, out) || marks & (kOddSpace | kWide)) << testing::PrintToString(text);
        ASSERT_TRUE(trimmed(text) == text || marks & (kOddSpace | kWide)) << testing::PrintToString(text);
        for (const auto& [bytes, mark] : {std::pair {"\xC3", kByteC3}, {"<", kMarkup}, {"&", kMarkup}})
            ASSERT_TRUE(text.find(bytes) == std::string::npos || marks & mark) << testing::PrintToString(text);
        ASSERT_EQ(text.starts_with("[{"), (marks & kMessages) != 0);
    }
}

TEST(TextMarks, AreSeenWhereverTheirByteIs)
{
    for (const std::size_t size : {1u, 2u, 63u, 64u, 65u, 66u, 128u, 129u, 200u})
        for (std::size_t at = 0; at < size; ++at)
            for (const auto& [byte, marks] : {std::pair {'<', kMarkup}, {'&', kMarkup}, {'Z', kCapital}, {'\t', kOddSpace}, {'\x1F', kOddSpace}, {'\xE2', kWide}, {'x', TextMarks(0)}}) {
                std::string text(size, 'a');
                text[at] = byte;
                ASSERT_EQ(marksOf(text), kSeen | marks) << size << " bytes, at " << at;
            }
    EXPECT_EQ(marksOf("one two three"), kSeen);
    EXPECT_EQ(marksOf(std::string_view()), kSeen);
    for (const std::string_view end : {" ", "  b", " \t"})
        for (const std::size_t size : {0u, 1u, 62u, 63u, 64u, 65u, 130u})
            EXPECT_EQ(marksOf(std::string(size, 'a').append(end)), kSeen | kOddSpace) << size;
    EXPECT_EQ(marksOf(" a"), kSeen | kOddSpace);
}

}
}
