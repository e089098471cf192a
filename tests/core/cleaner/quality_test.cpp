// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/quality.h"

#include "cleaner/row_key.h"
#include "memory_rows.h"

#include <gmock/gmock.h>

namespace attune::cleaner {
namespace {

using importer::ColumnRole;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Column> kPairs {{"q", "text", ColumnRole::Prompt}, {"a", "text", ColumnRole::Completion}};

/// "kind column path: the text that was found" of all finds in one row.
std::vector<std::string> found(const MemoryRows& rows, const QualityOptions& options = {})
{
    const auto check = QualityCheck::create(options, rows.columns());
    EXPECT_TRUE(check);
    Row row;
    EXPECT_TRUE(rows.read(0, row));
    std::vector<std::string> all;
    check->find(row, [&](const QualityFind& find) {
        all.push_back(std::string(find.kind) + " " + rows.columns()[find.column].name + find.path + ": " + std::string(find.text.substr(find.begin, find.end - find.begin)));
    });
    EXPECT_EQ(check->isAnyIn(row), !all.empty());
    return all;
}

std::vector<std::string> inAnswer(const std::string& answer)
{
    return found(MemoryRows(kPairs, {{{"q", "What is it?"}, {"a", answer}}}));
}

}

TEST(Quality, FindsWhatAnswersShouldNotTeach)
{
    EXPECT_THAT(inAnswer("It is a lamp that stands on the table."), IsEmpty());
    EXPECT_THAT(inAnswer(" \n"), ElementsAre("empty_answer a:  \n"));
    EXPECT_THAT(inAnswer("Yes."), ElementsAre("short_answer a: Yes."));
    EXPECT_THAT(inAnswer("I'm sorry, but I can't help with that. Ask a doctor."), ElementsAre("refusal a: I'm sorry, but I can't help with that."));
    EXPECT_THAT(inAnswer(std::string(20'001, 'x')), testing::Contains(HasSubstr("long_answer a: xxx")));
    std::string again;
    for (int i = 0; i < 12; ++i)
        again += "the same thing once more. ";
    EXPECT_THAT(inAnswer(again), ElementsAre("repetitive a: " + again));
    EXPECT_THAT(found(MemoryRows(kPairs, {{{"q", "What is it?"}}})), ElementsAre("empty_answer a: ")) << "an answer that is not there is empty";
}

TEST(Quality, FindsDamageInEveryText)
{
    EXPECT_THAT(found(MemoryRows(kPairs, {{{"q", "Is the cafÃ© open?"}, {"a", "It opens at nine."}}})), ElementsAre("mojibake q: Ã©"));
    EXPECT_THAT(inAnswer("It opens at nine.<|im_end|>"), ElementsAre("template_token a: <|im_end|>"));
    EXPECT_THAT(inAnswer("x < y and [1, 2] are fine here"), IsEmpty());
}

TEST(Quality, LooksIntoConversations)
{
    const auto rows = MemoryRows::ofConversations({Json::parse(R"([{"role": "system", "content": ""}, {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Ok"}, {"role": "user", "content": "Go on <|eot_id|>"}, {"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}])")});
    EXPECT_THAT(found(rows), ElementsAre("short_answer m/2/content: Ok", "template_token m/3/content: <|eot_id|>")) << "an answer that calls a tool is not empty";
    const auto shareGpt = MemoryRows::ofConversations({Json::parse(R"([{"from": "human", "value": "Hi"}, {"from": "gpt", "value": " "}])")});
    EXPECT_THAT(found(shareGpt), ElementsAre("empty_answer m/1/value:  "));
}

TEST(Quality, TakesLabelsForNoAnswers)
{
    const MemoryRows rows({{"t", "text", ColumnRole::Text}, {"l", "text", ColumnRole::Label}}, {{{"t", "Where?"}, {"l", "x"}}});
    EXPECT_THAT(found(rows), IsEmpty());
}

TEST(Quality, CountsTokensOnlyWithACounter)
{
    const auto rows = MemoryRows::ofTexts({"one two three"});
    QualityOptions options;
    options.contextTokens = 2;
    EXPECT_THAT(found(rows, options), IsEmpty());
    options.countTokens = [](std::string_view text) { return static_cast<std::int64_t>(std::count(text.begin(), text.end(), ' ') + 1); };
    EXPECT_THAT(found(rows, options), ElementsAre("over_context t: "));
    options.contextTokens = 3;
    EXPECT_THAT(found(rows, options), IsEmpty());
}

TEST(Quality, NamesTheNearestKind)
{
    const auto check = QualityCheck::create({.kinds = {"refusals"}}, kPairs);
    ASSERT_FALSE(check);
    EXPECT_THAT(check.error().hint, HasSubstr("refusal"));
}

TEST(DropIssues, DropsTheChosenKindsAndKeepsWhatIsFine)
{
    const MemoryRows rows(kPairs, {{{"q", "1"}, {"a", ""}}, {{"q", "2"}, {"a", "No."}}, {{"q", "3"}, {"a", "It is a lamp on a table."}}, {{"q", "4"}, {"a", "Yes."}}});
    Row row;
    ASSERT_TRUE(rows.read(3, row));
    const auto left = clean(rows, "{type: drop_issues, kinds: [empty_answer, short_answer], ignore: [\"" + rowHash(row).hex() + "\"]}");
    ASSERT_EQ(left.rows.size(), 2u);
    EXPECT_EQ(left.rows[0]["q"], "3");
    EXPECT_EQ(left.rows[1]["q"], "4");
    EXPECT_THAT(refusal(rows, "{type: drop_issues, kinds: [over_context]}").message, HasSubstr("need a model"));
    EXPECT_FALSE(refusal(rows, "{type: drop_issues, kinds: [nonsense]}").message.empty());
}

}
