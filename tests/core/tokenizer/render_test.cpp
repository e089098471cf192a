// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "support/paths.h"
#include "tokenizer/render.h"
#include "tokenizer/tokenize_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::tokenizer {
namespace {

using importer::Message;
using importer::Record;

std::string qwen()
{
    return tests::llamaSource() + "/models/ggml-vocab-qwen2.gguf";
}

std::shared_ptr<const Tokenizer> tokenizer()
{
    static const auto loaded = *loadTokenizer(qwen());
    return loaded;
}

ChatTemplate chatml()
{
    return *ChatTemplate::parse(builtinTemplate("chatml"), {});
}

Conversation talk()
{
    return {{{"system", "Be brief.", {}}, {"user", "What is 2+2?", {}}, {"assistant", "It is four.", {}}, {"user", "And 3+3?", {}}, {"assistant", "Six!", {}}}, {}, false};
}

/// The text of the trained tokens, runs apart by "|".
std::string trainedText(const RenderedRow& row)
{
    std::string out;
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        if (row.trained[i] && i && !row.trained[i - 1] && !out.empty())
            out += "|";
        if (row.trained[i])
            out += tokenizer()->piece(row.ids[i]);
    }
    return out;
}

Conversation conversationFrom(const Json& json)
{
    Conversation conversation;
    for (const auto& entry : json["messages"]) {
        Message message {entry["role"].get<std::string>(), entry["content"].get<std::string>(), Json::object()};
        for (const auto& [key, value] : entry.items())
            if (key != "role" && key != "content")
                message.extra[key] = value;
        conversation.messages.push_back(message);
    }
    conversation.tools = json.value("tools", Json());
    conversation.addGenerationPrompt = json.value("prompt", false);
    return conversation;
}

/// Rows of prompts and completions, for tokenizeDataset.
class FakeDataset final : public importer::Dataset
{
public:
    explicit FakeDataset(std::vector<Record> records) : m_records(std::move(records)) {}
    const std::string& name() const override { return m_name; }
    std::int64_t rows() const override { return static_cast<std::int64_t>(m_records.size()); }
    const std::vector<importer::Column>& columns() const override { return m_columns; }
    Result<Json> values(std::int64_t) const override { return Json::object(); }
    Result<Record> record(std::int64_t row) const override
    {
        ++reads;
        return m_records[static_cast<std::size_t>(row)];
    }
    std::string contentHash() const override { return hash; }
    bool isConversational() const override { return true; }
    std::string hash = "first";
    mutable std::atomic<int> reads {0};

private:
    std::vector<Record> m_records;
    std::vector<importer::Column> m_columns;
    std::string m_name = "fake";
};

Record pair(std::string prompt, std::string completion)
{
    Record record;
    record.kind = Record::Kind::PromptCompletion;
    record.prompt = std::move(prompt);
    record.completion = std::move(completion);
    return record;
}

}

TEST(ChatTemplate, RendersWhatTransformersRenders)
{
    const auto golden = readJsonFile(tests::sourceDir() + "/tests/golden/templates.json");
    ASSERT_TRUE(golden);
    int rendered = 0;
    for (const auto& [name, hashes] : (*golden)["sha256"].items()) {
        const auto source = readFile(tests::llamaSource() + "/models/templates/" + name);
        ASSERT_TRUE(source);
        const auto chat = ChatTemplate::parse(*source, {"<|im_start|>", "<|im_end|>", "2026-07-26", {}});
        ASSERT_TRUE(chat) << name << ": " << chat.error().message;
        for (std::size_t i = 0; i < hashes.size(); ++i) {
            if (hashes[i].is_null())
                continue;
            const auto text = chat->render(conversationFrom((*golden)["conversations"][i]));
            ASSERT_TRUE(text) << name << " " << i << ": " << text.error().message;
            EXPECT_EQ(sha256(*text).substr(0, 16), hashes[i].get<std::string>()) << name << " " << i;
            ++rendered;
        }
    }
    EXPECT_GT(rendered, 280);
}

TEST(ChatTemplate, ParsesEveryBuiltInOne)
{
    for (const auto& name : builtinTemplates()) {
        const auto chat = ChatTemplate::parse(builtinTemplate(name), {"<s>", "</s>", {}, {}});
        ASSERT_TRUE(chat) << name;
        const auto text = chat->render(talk());
        ASSERT_TRUE(text) << name << ": " << text.error().message;
        EXPECT_THAT(*text, testing::HasSubstr("It is four.")) << name;
        EXPECT_TRUE(assistantSpans(*chat, talk(), *text, TrainOn::Assistant)) << name;
    }
    EXPECT_EQ(*chatml().render({{{"user", "Hi", {}}}, {}, true}), "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
}

TEST(ChatTemplate, NamesWhatIsWrong)
{
    EXPECT_EQ(ChatTemplate::parse("{% if %}", {}).error().code, ErrorCode::TemplateBroken);
    EXPECT_EQ(ChatTemplate::parse(std::string(5000, '('), {}).error().code, ErrorCode::TemplateBroken);
    EXPECT_EQ(ChatTemplate::parse("{{ " + std::string(100'000, '[') + " }}", {}).error().code, ErrorCode::TemplateBroken);
    const auto refusing = ChatTemplate::parse("{{ raise_exception('no system role') }}", {});
    ASSERT_TRUE(refusing);
    EXPECT_THAT(refusing->render(talk()).error().message, testing::HasSubstr("no system role"));
    const auto missing = loadChatTemplate("model", tests::llamaSource() + "/models/ggml-vocab-gpt-2.gguf", *tokenizer());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::TemplateMissing);
    EXPECT_THAT(missing.error().hint, testing::AllOf(testing::HasSubstr("chatml"), testing::HasSubstr("none")));
    EXPECT_EQ(loadChatTemplate("no-such", qwen(), *tokenizer()).error().code, ErrorCode::TemplateMissing);
    EXPECT_FALSE(*loadChatTemplate("none", qwen(), *tokenizer()));
}

TEST(ChatTemplate, ReadsAModelsOwnFilesInTheirOrder)
{
    const tests::TempDir folder;
    folder.write("tokenizer_config.json", R"({"chat_template":[{"name":"default","template":"D"},{"name":"tool_use","template":"T"}]})");
    EXPECT_EQ(**readModelTemplate(folder.path()), "D");
    EXPECT_EQ(**readModelTemplate(folder.path(), true), "T");
    folder.write("chat_template.jinja", "J");
    EXPECT_EQ(**readModelTemplate(folder.path()), "J");
}

TEST(Render, TrainsTheLastTurnWithItsEndToken)
{
    const auto row = renderConversation(*tokenizer(), chatml(), talk(), TrainOn::Completion);

    ASSERT_TRUE(row);
    EXPECT_EQ(trainedText(*row), "Six!<|im_end|>");
    EXPECT_EQ(row->trained.back(), 0);  // the newline behind it is not
}

TEST(Render, TrainsEveryAssistantTurnOrEverything)
{
    EXPECT_EQ(trainedText(*renderConversation(*tokenizer(), chatml(), talk(), TrainOn::Assistant)), "It is four.<|im_end|>|Six!<|im_end|>");
    const auto all = renderConversation(*tokenizer(), chatml(), talk(), TrainOn::All);
    EXPECT_EQ(trainedText(*all), all->text);
}

TEST(Render, FindsTurnsThatTheTemplateTrimsOrRewrites)
{
    const auto trimming = *ChatTemplate::parse("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}", {});
    auto spaced = talk();
    spaced.messages.back().content = "  Six!\n";
    EXPECT_EQ(trainedText(*renderConversation(*tokenizer(), trimming, spaced, TrainOn::Completion)), "Six!<|im_end|>");

    // Takes the thoughts out, so that only the common prefix with the generation prompt helps.
    const auto thinking = *ChatTemplate::parse("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1] | trim }}<|im_end|>\n{% endfor %}"
                                               "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}", {});
    auto thought = talk();
    thought.messages.back().content = "<think>3+3</think>\nSix!";
    EXPECT_EQ(trainedText(*renderConversation(*tokenizer(), thinking, thought, TrainOn::Completion)), "Six!<|im_end|>");
}

TEST(Render, LeavesARowOutWhereNoMethodHolds)
{
    const auto hiding = *ChatTemplate::parse("{% for m in messages %}{{ m.content | upper | replace('I', '') }} {% endfor %}{{ messages | length }}", {});

    const auto row = renderConversation(*tokenizer(), hiding, talk(), TrainOn::Assistant);

    ASSERT_FALSE(row);
    EXPECT_EQ(row.error().code, ErrorCode::TemplateBroken);
}

TEST(Render, TokenisesPromptAndCompletionApartWithoutATemplate)
{
    const auto row = renderRecord(*tokenizer(), nullptr, pair("Two and two", "is four"), {});

    ASSERT_TRUE(row);
    auto expected = tokenizer()->encode("Two and two", SpecialTokens::Omit);
    const auto prompt = expected.size();
    tokenizer()->encode("is four", SpecialTokens::Omit, expected);
    expected.push_back(tokenizer()->endToken());
    EXPECT_EQ(row->ids, expected);
    for (std::size_t i = 0; i < row->ids.size(); ++i)
        EXPECT_EQ(row->trained[i], i >= prompt);
}

TEST(Render, PutsStartAndEndAroundPlainText)
{
    const auto spm = *loadTokenizer(tests::llamaSource() + "/models/ggml-vocab-llama-spm.gguf");
    Record record;
    record.kind = Record::Kind::Text;
    record.text = "Hello";

    const auto row = renderRecord(*spm, nullptr, record, {});

    ASSERT_TRUE(row);
    EXPECT_EQ(row->ids.front(), spm->startToken());
    EXPECT_EQ(row->ids.back(), spm->endToken());
}

TEST(Render, CutsOrDropsLongRows)
{
    const auto record = pair("What is this about, please tell me", "A long story about nothing in particular");
    EXPECT_EQ(renderRecord(*tokenizer(), nullptr, record, {TrainOn::Completion, 10, Overlong::Truncate})->ids.size(), 10u);
    EXPECT_EQ(renderRecord(*tokenizer(), nullptr, record, {TrainOn::Completion, 10, Overlong::Drop}).error().code, ErrorCode::Unsupported);
    EXPECT_EQ(renderRecord(*tokenizer(), nullptr, record, {TrainOn::Completion, 4, Overlong::Truncate}).error().code, ErrorCode::NothingTrained);
}

TEST(TokenizeDataset, ReportsWhatItLeftOutAndServesTheSecondCallFromTheCache)
{
    const tests::TempDir folder;
    std::vector<Record> records;
    for (int i = 0; i < 1300; ++i)
        records.push_back(pair("Question number " + std::to_string(i), i % 100 == 7 ? "" : "Answer " + std::to_string(i * 37)));
    records[5].kind = Record::Kind::Empty;
    records[6].prompt = std::string(400, 'x') + " y z " + std::string(3000, 'w');
    const auto dataset = std::make_shared<FakeDataset>(records);
    TokenizeJob job {dataset, tokenizer(), "hash", nullptr, {TrainOn::Completion, 64, Overlong::Truncate}, folder.path("cache"), {}};

    const auto first = tokenizeDataset(job, {});
    ASSERT_TRUE(first) << first.error().message;
    const int reads = dataset->reads;
    const auto second = tokenizeDataset(job, {});
    ASSERT_TRUE(second);

    EXPECT_EQ(first->report.rowsIn, 1300);
    EXPECT_EQ(first->report.rows, 1298);
    ASSERT_EQ(first->report.dropped.size(), 2u);
    EXPECT_EQ(first->report.dropped[0].sample.front() + first->report.dropped[1].sample.front(), 5 + 6);
    EXPECT_EQ(first->shard.row(5).row, 7);
    EXPECT_GT(first->report.trainedShare(), 0.2);
    EXPECT_FALSE(first->report.fromCache);
    EXPECT_TRUE(second->report.fromCache);
    EXPECT_EQ(dataset->reads, reads);
    EXPECT_EQ(second->report.tokens, first->report.tokens);
    dataset->hash = "second";
    EXPECT_FALSE(tokenizeDataset(job, {})->report.fromCache);
}

TEST(TokenizeDataset, StopsWhenAskedAndWhenNothingIsLeft)
{
    const tests::TempDir folder;
    TokenizeJob job {std::make_shared<FakeDataset>(std::vector<Record>(3)), tokenizer(), "hash", nullptr, {}, folder.path("cache"), {}};
    EXPECT_EQ(tokenizeDataset(job, {}).error().code, ErrorCode::NothingTrained);
    std::stop_source stop;
    stop.request_stop();
    JobContext context;
    context.stop = stop.get_token();
    EXPECT_EQ(tokenizeDataset(job, context).error().code, ErrorCode::Cancelled);
    EXPECT_FALSE(fs::exists(folder.path("cache")));
}

}
