// SPDX-License-Identifier: GPL-3.0-or-later
#include "memory_rows.h"

#include "cleaner/conversation.h"
#include "cleaner/nested.h"
#include "cleaner/row_key.h"

#include <gmock/gmock.h>

#include <map>

namespace attune::cleaner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

MemoryRows labelled(const std::vector<std::string>& labels)
{
    std::vector<Json> values;
    for (std::size_t i = 0; i < labels.size(); ++i)
        values.push_back({{"t", std::to_string(i)}, {"l", labels[i]}});
    return MemoryRows({{"t", "text", importer::ColumnRole::Text}, {"l", "text", importer::ColumnRole::Label}}, values);
}

std::vector<std::string> texts(const Cleaned& cleaned)
{
    std::vector<std::string> all;
    for (const auto& row : cleaned.rows)
        all.push_back(row["t"]);
    return all;
}

Json turn(const char* role, const char* content)
{
    return {{"role", role}, {"content", content}};
}

TEST(Balance, KeepsTheFirstOfEachClass)
{
    const auto rows = labelled({"a", "a", "b", "a", "b", "c"});

    EXPECT_THAT(texts(clean(rows, "{type: balance, column: l, max_per_class: 2}")), ElementsAre("0", "1", "2", "4", "5"));
    EXPECT_THAT(texts(clean(rows, "{type: balance, column: l}")), ElementsAre("0", "2", "5")) << "the smallest class's size";
    EXPECT_EQ(refusal(rows, "{type: balance, column: l, max_per_class: 0}").exitCode(), 4);
    EXPECT_THAT(refusal(rows, "{type: balance, column: ll}").hint, HasSubstr("l"));
}

TEST(Oversample, BringsEveryClassToTheLargest)
{
    const auto rows = labelled({"a", "a", "a", "a", "a", "b", "b", "c"});

    const auto cleaned = clean(rows, "{type: oversample, column: l, seed: 3}");

    std::map<std::string, int> classes, times;
    for (const auto& row : cleaned.rows) {
        ++classes[row["l"]];
        ++times[row["t"]];
    }
    EXPECT_EQ(classes, (std::map<std::string, int> {{"a", 5}, {"b", 5}, {"c", 5}}));
    EXPECT_EQ(times["0"], 1);
    EXPECT_EQ(times["7"], 5);
    EXPECT_EQ(std::abs(times["5"] - times["6"]), 1) << "no row is drawn much more often than its peers";
    EXPECT_EQ(texts(clean(rows, "{type: oversample, column: l, seed: 3}")), texts(cleaned));
}

TEST(Template, FillsOldAndNewColumns)
{
    const auto rows = labelled({"x{y}", "z"});

    const auto cleaned = clean(rows, "{type: template, column: full, text: '{t}: {l} {{{t}}} {{no}}'}");

    EXPECT_EQ(cleaned.rows.at(0)["full"], "0: x{y} {0} {no}");
    EXPECT_EQ(cleaned.columns.back().name, "full");
    EXPECT_EQ(cleaned.reports.at(0).changed, 2);
    EXPECT_EQ(clean(rows, "{type: template, column: t, text: '[{t}]'}").rows.at(1)["t"], "[1]");
    EXPECT_THAT(refusal(rows, "{type: template, column: t, text: '{tt}'}").message, HasSubstr("tt"));
    EXPECT_THAT(refusal(rows, "{type: template, column: t, text: '{t'}").message, HasSubstr("not closed"));
    EXPECT_EQ(refusal(rows, "{type: template, text: x}").exitCode(), 4);
}

TEST(FixRoles, PutsTurnsInOrder)
{
    Json mixed = Json::array({turn("assistant", "welcome"), turn("user", "a"), turn("user", "b"), turn("system", "s1"), turn("assistant", " "), turn("assistant", "c"), turn("assistant", "d"), turn("system", "s2"), turn("user", "e")});

    EXPECT_TRUE(fixConversation(mixed));

    EXPECT_EQ(mixed, Json::array({turn("system", "s1\ns2"), turn("user", "a\nb"), turn("assistant", "c\nd")}));
    EXPECT_FALSE(fixConversation(mixed)) << "a second time there is nothing to do";
    Json fromValue = Json::array({{{"from", "human"}, {"value", "q"}}, {{"from", "gpt"}, {"value", "x"}}, {{"from", "gpt"}, {"value", "y"}}});
    EXPECT_TRUE(fixConversation(fromValue));
    EXPECT_EQ(fromValue[1], (Json {{"from", "gpt"}, {"value", "x\ny"}}));
}

TEST(FixRoles, KeepsToolCallsAndDropsRowsWithNothingLeft)
{
    const Json call {{"role", "assistant"}, {"content", ""}, {"tool_calls", Json::array({{{"name", "f"}}})}};
    const Json tools = Json::array({turn("user", "q"), call, turn("tool", "1"), turn("tool", "2"), turn("assistant", "done")});
    const Json onlyUser = Json::array({turn("system", "s"), turn("user", "q")});

    const auto cleaned = clean(MemoryRows::ofConversations({tools, onlyUser}), "{type: fix_roles}");

    EXPECT_THAT(cleaned.rows, ElementsAre(Json {{"m", tools}}));
    EXPECT_EQ(cleaned.reports.at(0).changed, 0);
    EXPECT_EQ(cleaned.reports[0].rowsOut, 1);
    EXPECT_EQ(refusal(MemoryRows::ofTexts({"x"}), "{type: fix_roles}").exitCode(), 4);
}

TEST(Edit, FindsItsRowByContent)
{
    const auto rows = labelled({"a", "b"});
    Row row;
    ASSERT_TRUE(rows.read(1, row));
    const std::string hash = rowHash(row).hex();

    const auto cleaned = clean(rows, "{type: edit, row_hash: '" + hash + "', column: t, value: '007'}\n  - {type: sample, rows: 2, seed: 1}");

    EXPECT_THAT(texts(cleaned), ElementsAre("0", "007"));
    EXPECT_EQ(cleaned.reports.at(0).changed, 1);
    EXPECT_EQ(clean(rows, "{type: shuffle, seed: 9}\n  - {type: edit, row_hash: '" + hash + "', column: t, value: 007}").reports.at(1).changed, 1) << "wherever the row lies";
    EXPECT_EQ(clean(rows, "{type: lowercase}\n  - {type: edit, row_hash: '" + std::string(32, '0') + "', column: t, value: x}").reports.at(1).changed, 0);
    EXPECT_EQ(refusal(rows, "{type: edit, row_hash: abc, column: t, value: x}").exitCode(), 4);
}

TEST(Edit, FollowsAnEarlierEdit)
{
    const auto rows = labelled({"a"});
    Row row;
    ASSERT_TRUE(rows.read(0, row));
    const std::string first = rowHash(row).hex();
    row.setText(0, "one");
    const std::string second = rowHash(row).hex();

    EXPECT_NE(first, second);
    EXPECT_THAT(texts(clean(rows, "{type: edit, row_hash: '" + first + "', column: t, value: one}\n  - {type: edit, row_hash: '" + second + "', column: t, value: two}")), ElementsAre("two"));
}

TEST(Nested, IsEqualWhateverItsSpelling)
{
    const auto keyOf = [](const char* json) {
        std::string key;
        EXPECT_TRUE(appendCanonical(key, json)) << json;
        return key;
    };
    EXPECT_EQ(keyOf(R"([{"b": 1, "a": "\u00e9\n"}])"), keyOf("[{\"a\":\"é\\n\",\"b\":1}]"));
    EXPECT_EQ(keyOf(R"({"a":1,"a":2})"), keyOf(R"({"a":2})"));
    EXPECT_NE(keyOf("[1]"), keyOf("[1.0]"));
    EXPECT_NE(keyOf(R"(["a","b"])"), keyOf(R"(["ab"])"));
    EXPECT_NE(keyOf("[[],[1]]"), keyOf("[[1],[]]"));
    EXPECT_NE(keyOf("[null]"), keyOf("[false]"));
    std::string key = "x";
    EXPECT_FALSE(appendCanonical(key, "{not json"));
}

TEST(Nested, GivesEachMessagesText)
{
    std::vector<std::string> texts;
    const auto take = [&](std::string_view text) {
        texts.emplace_back(text);
        return texts.size() < 3;
    };
    EXPECT_TRUE(eachContent(R"([{"role":"user","content":"a\n"},{"from":"gpt","value":"b"},{"role":"tool","content":null},{"content":"c"},{"content":"d"}])", take));
    EXPECT_THAT(texts, ElementsAre("a\n", "b", "c"));
    for (const char* other : {"[1,2]", "{}", "[]", "", "[{\"x\":\"y\"}]", "[{\"content\":"})
        EXPECT_FALSE(eachContent(other, take)) << other;
}

TEST(SetRoles, ChangesWhatColumnsAreFor)
{
    const auto cleaned = clean(labelled({"a"}), "{type: set_roles, map: {prompt: l, completion: t}}");

    EXPECT_EQ(cleaned.columns.at(1).role, importer::ColumnRole::Prompt);
    EXPECT_EQ(cleaned.columns.at(0).role, importer::ColumnRole::Completion);
    EXPECT_EQ(refusal(labelled({"a"}), "{type: set_roles, map: {prompt: nosuch}}").exitCode(), 4);
}

TEST(Noise, IsMarkedSeededAndLeavesAnswersAlone)
{
    std::vector<Json> values;
    for (int i = 0; i < 400; ++i)
        values.push_back({{"q", fmt::format("What is the biggest number below {}?", i)}, {"a", fmt::format("It is the number {}.", i - 1)}});
    const MemoryRows rows({{"q", "text", importer::ColumnRole::Prompt}, {"a", "text", importer::ColumnRole::Completion}}, values);
    for (const std::string step : {"{type: augment_case, share: 0.25}", "{type: augment_typos, share: 0.25, rate: 0.2}", "{type: augment_synonyms, share: 0.25, rate: 1, synonyms: [[biggest, largest], 'number, value']}"}) {
        const auto cleaned = clean(rows, step);
        std::size_t marked = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const bool isChanged = cleaned.rows[i]["q"] != values[i]["q"];
            EXPECT_EQ(cleaned.rows[i]["synthetic"], isChanged);
            EXPECT_EQ(cleaned.rows[i]["a"], values[i]["a"]);
            marked += isChanged;
        }
        EXPECT_NEAR(static_cast<double>(marked), 100, 40) << step;
        EXPECT_EQ(cleaned.reports.at(0).changed, static_cast<std::int64_t>(marked));
        EXPECT_EQ(clean(rows, step).rows, cleaned.rows) << "a replay gives the same";
    }
    EXPECT_EQ(refusal(MemoryRows::ofTexts({"x"}), "{type: augment_case}").exitCode(), 4) << "no prompt to disturb";
    EXPECT_EQ(refusal(rows, "{type: augment_synonyms, synonyms: [alone]}").exitCode(), 4);
    EXPECT_EQ(refusal(rows, "{type: augment_typos, mark: q}").exitCode(), 4);
}

}
}
