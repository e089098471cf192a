// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/roles.h"

#include <gtest/gtest.h>

namespace attune::importer {
namespace {

/// Columns and types as an import would find them in these rows.
std::vector<Column> columnsOf(const std::vector<Json>& rows)
{
    std::vector<Column> columns;
    for (const auto& [name, value] : rows.front().items())
        columns.push_back({name, value.is_array() ? "list" : value.is_number() ? "number" : value.is_object() ? "object" : value.is_boolean() ? "boolean" : "text", ColumnRole::Ignore});
    return columns;
}

struct Case {
    std::string row, style, mapping;
};

Record recordOf(const std::string& json, const std::map<std::string, std::string>& roles = {})
{
    const Json value = *parseJson(json);
    auto columns = columnsOf({value});
    if (roles.empty()) {
        const auto guess = guessRoles(columns, {value});
        for (std::size_t c = 0; c < columns.size(); ++c)
            columns[c].role = guess.roles[c];
    } else {
        EXPECT_TRUE(applyRoles(columns, roles));
    }
    Row row;
    row.reset(columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c)
        setCell(row, c, value[columns[c].name]);
    return toRecord(row, columns, 0);
}

}

TEST(Roles, AreFoundByNameAndContent)
{
    const std::vector<Case> cases {
        {R"({"instruction":"a","input":"b","output":"c"})", "alpaca", R"({"prompt":"instruction","input":"input","completion":"output"})"},
        {R"({"instruction":"a","context":"b","response":"c","category":"x"})", "prompt-completion", R"({"prompt":"instruction","input":"context","completion":"response"})"},
        {R"({"question":"a","answer":"b"})", "prompt-completion", R"({"prompt":"question","completion":"answer"})"},
        {R"({"prompt":"a","completion":"b"})", "prompt-completion", R"({"prompt":"prompt","completion":"completion"})"},
        {R"({"input":"a","output":"b"})", "prompt-completion", R"({"prompt":"input","completion":"output"})"},
        {R"({"Question":"a","Answer":"b","system_prompt":"s"})", "prompt-completion", R"({"prompt":"Question","completion":"Answer","system":"system_prompt"})"},
        {R"({"question":"a","answer":"b","level":3})", "prompt-completion", R"({"prompt":"question","completion":"answer"})"},
        {R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})", "messages", R"({"messages":"messages"})"},
        {R"({"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]})", "messages", R"({"messages":"messages","tools":"tools"})"},
        {R"({"id":"1","conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}],"system":"s"})", "sharegpt", R"({"messages":"conversations","system":"system"})"},
        {R"({"thread":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})", "messages", R"({"messages":"thread"})"},
        {R"({"prompt":"a","completion":"b","label":true})", "prompt-completion", R"({"prompt":"prompt","completion":"completion","label":"label"})"},
        {R"({"prompt":"a","chosen":"b","rejected":"c"})", "preference", R"({"prompt":"prompt","chosen":"chosen","rejected":"rejected"})"},
        {R"({"text":"a","label":"b"})", "text-label", R"({"text":"text","label":"label"})"},
        {R"({"text":"a","category":"b"})", "text-label", R"({"text":"text","label":"category"})"},
        {R"({"id":"1","tokens":["a","b"],"ner_tags":["x","y"]})", "text-label", R"({"text":"tokens","label":"ner_tags"})"},
        {R"({"text":["a","b"],"label":["x","y"]})", "text-label", R"({"text":"text","label":"label"})"},
        {R"({"text":"a"})", "text", R"({"text":"text"})"},
        {R"({"content":"a","url":"u"})", "text", R"({"text":"content"})"},
        {R"({"foo":"a long text of some kind","n":1})", "text", R"({"text":"foo"})"},
    };
    for (const auto& c : cases) {
        const Json row = *parseJson(c.row);
        auto columns = columnsOf({row});
        const auto guess = guessRoles(columns, {row});
        for (std::size_t i = 0; i < columns.size(); ++i)
            columns[i].role = guess.roles[i];
        EXPECT_EQ(guess.style, c.style) << c.row;
        EXPECT_EQ(nlohmann::json(mappingJson(columns)), nlohmann::json::parse(c.mapping)) << c.row;
        EXPECT_FALSE(guess.sentence.empty());
    }
}

TEST(Roles, SayWhenTheyAreAGuess)
{
    const Json row {{"foo", "a"}, {"bar", "b"}};

    const auto guess = guessRoles(columnsOf({row}), {row});

    EXPECT_LT(guess.confidence, 0.5);
    EXPECT_EQ(guess.sentence.rfind("A guess", 0), 0u);
}

TEST(Roles, RefuseUnknownRolesAndColumns)
{
    std::vector<Column> columns {{"question", "text"}, {"answer", "text"}};

    EXPECT_EQ(applyRoles(columns, {{"promt", "question"}}).error().code, ErrorCode::Usage);
    const auto status = applyRoles(columns, {{"prompt", "qestion"}});
    EXPECT_NE(status.error().hint.find("question"), std::string::npos);
}

TEST(Records, JoinAlpacasInputByABlankLine)
{
    EXPECT_EQ(recordOf(R"({"instruction":"a","input":"b","output":"c"})").prompt, "a\n\nb");
    EXPECT_EQ(recordOf(R"({"instruction":"a","input":"","output":"c"})").prompt, "a");
}

TEST(Records, SpeakOneDialectOfMessages)
{
    const auto record = recordOf(R"({"system":"s","conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"},{"from":"observation","value":"t"}]})");

    ASSERT_EQ(record.kind, Record::Kind::Conversation);
    ASSERT_EQ(record.messages.size(), 4u);
    EXPECT_EQ(record.messages[0].role, "system");
    EXPECT_EQ(record.messages[1].role, "user");
    EXPECT_EQ(record.messages[2].role, "assistant");
    EXPECT_EQ(record.messages[3].role, "tool");
}

TEST(Records, KeepToolCallsAndJoinContentParts)
{
    const auto record = recordOf(R"({"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":null,"tool_calls":[{"id":1}]}]})");

    EXPECT_EQ(record.messages[0].content, "ab");
    EXPECT_EQ(record.messages[1].content, "");
    EXPECT_EQ(record.messages[1].extra.at("tool_calls").size(), 1u);
}

TEST(Records, ReadPreferencesOfConversations)
{
    const auto record = recordOf(R"({"chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"good"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"bad"}]})");

    EXPECT_EQ(record.kind, Record::Kind::Preference);
    EXPECT_EQ(record.prompt, "q");
    EXPECT_EQ(record.chosen, "good");
    EXPECT_EQ(record.rejected, "bad");
}

TEST(Records, FollowRolesGivenByHand)
{
    const auto record = recordOf(R"({"a":"x","b":"y","c":"z"})", {{"prompt", "b"}, {"completion", "a"}, {"system", "c"}});

    EXPECT_EQ(record.kind, Record::Kind::PromptCompletion);
    EXPECT_EQ(record.conversation().size(), 3u);
    EXPECT_EQ(record.conversation()[1].content, "y");
}

}
