// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/objective_rows.h"

#include "support/paths.h"
#include "tokenizer/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace attune::tokenizer {
namespace {

using importer::Record;

std::shared_ptr<const Tokenizer> vocabulary(const char* name)
{
    return *loadTokenizer(tests::llamaSource() + "/models/ggml-vocab-" + name + ".gguf");
}

const Tokenizer& qwen()
{
    static const auto loaded = vocabulary("qwen2");
    return *loaded;
}

const Tokenizer& bert()
{
    static const auto loaded = vocabulary("bert-bge");
    return *loaded;
}

Record labelled(const std::string& text, const std::string& label, std::int64_t row = 17)
{
    Record record;
    record.kind = Record::Kind::Labelled;
    record.text = text;
    record.label = label;
    record.row = row;
    return record;
}

Record pair(const std::string& chosen, const std::string& rejected)
{
    Record record;
    record.kind = Record::Kind::Preference;
    record.row = 4;
    record.prompt = "Say hello.";
    record.chosen = chosen;
    record.rejected = rejected;
    return record;
}

RenderOptions shaped(RowShape shape, std::vector<std::string> labels = {}, LabelKind kind = LabelKind::Class)
{
    RenderOptions options;
    options.shape = shape;
    options.labels = std::move(labels);
    options.labelKind = kind;
    return options;
}

std::string trainedText(const Tokenizer& tokenizer, std::span<const std::int32_t> ids, std::span<const std::uint8_t> trained)
{
    std::string text;
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (trained[i])
            text += tokenizer.piece(ids[i]);
    return text;
}

}

TEST(LabelledRows, HoldTheClassByItsPlaceInTheList)
{
    const auto rows = renderRows(bert(), nullptr, labelled("a good day", "b"), shaped(RowShape::Labelled, {"a", "b"}));

    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ(rows->front().labels, (std::vector<float> {1.0f}));
    EXPECT_EQ(rows->front().ids, bert().encode("a good day", SpecialTokens::Add));
}

TEST(LabelledRows, NameRowAndValueOfAnUnknownLabel)
{
    const auto rows = renderRows(bert(), nullptr, labelled("text", "c"), shaped(RowShape::Labelled, {"a", "b"}));

    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().exitCode(), 4);
    EXPECT_THAT(rows.error().message, testing::AllOf(testing::HasSubstr("Row 17"), testing::HasSubstr("\"c\"")));
}

TEST(LabelledRows, TakeSeveralLabelsAsFlags)
{
    const auto options = shaped(RowShape::Labelled, {"a", "b", "c"}, LabelKind::Flags);

    EXPECT_EQ(renderRows(bert(), nullptr, labelled("text", "[\"c\",\"a\"]"), options)->front().labels, (std::vector<float> {1, 0, 1}));
    EXPECT_EQ(renderRows(bert(), nullptr, labelled("text", "[]"), options)->front().labels, (std::vector<float> {0, 0, 0}));
}

TEST(LabelledRows, ReadNumbersOrSayWhichRowHasNone)
{
    const auto options = shaped(RowShape::Labelled, {}, LabelKind::Number);

    EXPECT_EQ(renderRows(bert(), nullptr, labelled("text", " -3.5 "), options)->front().labels, (std::vector<float> {-3.5f}));
    for (const char* bad : {"three", "3.5x", "1,5"}) {
        const auto rows = renderRows(bert(), nullptr, labelled("text", bad), options);
        ASSERT_FALSE(rows) << bad;
        EXPECT_THAT(rows.error().message, testing::HasSubstr("Row 17"));
    }
}

TEST(LabelledRows, KeepTheEndTokenWhenTheTextIsCut)
{
    auto options = shaped(RowShape::Labelled, {"a", "b"});
    options.maxLength = 4;

    const auto rows = renderRows(bert(), nullptr, labelled("one two three four five", "a"), options);

    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->front().ids.size(), 4u);
    EXPECT_EQ(rows->front().ids.back(), bert().encode("x", SpecialTokens::Add).back());
    EXPECT_TRUE(rows->front().isTruncated);
}

TEST(LabelledWords, PutTheLabelOnTheFirstTokenOfEachWord)
{
    const auto rows = renderRows(bert(), nullptr, labelled("[\"Unaffordable\",\"Berlin\",\"!\"]", "[\"O\",\"LOC\",\"O\"]"), shaped(RowShape::LabelledWords, {"LOC", "O"}));

    ASSERT_TRUE(rows);
    const auto& row = rows->front();
    EXPECT_EQ(row.ids, bert().encode("Unaffordable Berlin !", SpecialTokens::Add));
    ASSERT_EQ(row.labels.size(), row.ids.size());
    std::vector<float> seen;
    for (const float label : row.labels)
        if (label != kNoLabel)
            seen.push_back(label);
    EXPECT_EQ(seen, (std::vector<float> {1, 0, 1}));
    EXPECT_EQ(row.labels.front(), kNoLabel);
    EXPECT_EQ(row.labels.back(), kNoLabel);
}

TEST(LabelledWords, KeepSpacesBetweenWordsOfByteLevelVocabularies)
{
    const auto rows = renderRows(qwen(), nullptr, labelled("[\"Hello\",\"world\"]", "[\"A\",\"B\"]"), shaped(RowShape::LabelledWords, {"A", "B"}));

    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->front().ids, qwen().encode("Hello world", SpecialTokens::Add));
}

TEST(LabelledWords, NeedOneLabelAWord)
{
    const auto rows = renderRows(bert(), nullptr, labelled("[\"a\",\"b\"]", "[\"A\"]"), shaped(RowShape::LabelledWords, {"A"}));

    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::RoleMissing);
}

TEST(PreferenceRows, AreTwoSequencesThatShareTheirPrompt)
{
    const auto chat = *ChatTemplate::parse(builtinTemplate("chatml"), {});

    const auto rows = renderRows(qwen(), &chat, pair("Hello there!", "No."), shaped(RowShape::Preference));

    ASSERT_TRUE(rows);
    const auto& row = rows->front();
    ASSERT_EQ(row.partLengths.size(), 2u);
    EXPECT_EQ(static_cast<std::size_t>(row.partLengths[0] + row.partLengths[1]), row.ids.size());
    const auto cut = static_cast<std::size_t>(row.partLengths[0]);
    const std::span<const std::int32_t> ids(row.ids);
    const std::span<const std::uint8_t> trained(row.trained);
    EXPECT_EQ(trainedText(qwen(), ids.first(cut), trained.first(cut)), "Hello there!<|im_end|>");
    EXPECT_EQ(trainedText(qwen(), ids.subspan(cut), trained.subspan(cut)), "No.<|im_end|>");
    const auto prompt = std::find(row.trained.begin(), row.trained.end(), 1) - row.trained.begin();
    EXPECT_TRUE(std::equal(row.ids.begin(), row.ids.begin() + prompt, row.ids.begin() + static_cast<std::ptrdiff_t>(cut)));
}

TEST(PreferenceRows, WithoutAnAnswerAreLeftOutWithAReason)
{
    const auto rejected = renderRows(qwen(), nullptr, pair("Hello", ""), shaped(RowShape::Preference));
    const auto chosen = renderRows(qwen(), nullptr, pair("", "Hello"), shaped(RowShape::Preference));

    ASSERT_FALSE(rejected);
    EXPECT_EQ(rejected.error().code, ErrorCode::RoleMissing);
    EXPECT_THAT(rejected.error().message, testing::HasSubstr("rejected"));
    ASSERT_FALSE(chosen);
    EXPECT_THAT(chosen.error().message, testing::HasSubstr("chosen"));
}

TEST(FeedbackRows, TakeAPairAsOneGoodAndOneBadAnswer)
{
    const auto rows = renderRows(qwen(), nullptr, pair("Hello", "No"), shaped(RowShape::Feedback));

    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 2u);
    EXPECT_EQ(rows->at(0).labels, (std::vector<float> {1}));
    EXPECT_EQ(rows->at(1).labels, (std::vector<float> {0}));
}

TEST(FeedbackRows, ReadThumbsFromTheLabel)
{
    Record record;
    record.kind = Record::Kind::PromptCompletion;
    record.prompt = "Hi";
    record.completion = "Hello";
    record.label = "False";

    EXPECT_EQ(renderRows(qwen(), nullptr, record, shaped(RowShape::Feedback))->front().labels, (std::vector<float> {0}));
    record.label = "perhaps";
    EXPECT_FALSE(renderRows(qwen(), nullptr, record, shaped(RowShape::Feedback)));
}

TEST(SourceTargetRows, AreTwoSequencesOfWhichTheSecondIsTrained)
{
    Record record;
    record.kind = Record::Kind::PromptCompletion;
    record.prompt = "translate this";
    record.completion = "done";

    auto options = shaped(RowShape::SourceTarget);
    options.decoderStart = 7;

    const auto rows = renderRows(bert(), nullptr, record, options);

    ASSERT_TRUE(rows);
    const auto& row = rows->front();
    const auto source = bert().encode("translate this", SpecialTokens::Add), target = bert().encode("done", SpecialTokens::Add);
    EXPECT_EQ(row.partLengths, (std::vector<std::int32_t> {static_cast<std::int32_t>(source.size()), static_cast<std::int32_t>(target.size()) + 1}));
    EXPECT_EQ(row.ids[source.size()], 7) << "the decoder begins with its start token";
    EXPECT_EQ(row.trained[source.size()], 0);
    EXPECT_EQ(std::accumulate(row.trained.begin(), row.trained.end(), 0), static_cast<int>(target.size()));
    EXPECT_EQ(row.trained.front(), 0);
}

TEST(LabelledRows, OfTwoTextsAreReadAsAPair)
{
    Record record;
    record.kind = Record::Kind::PromptCompletion;
    record.prompt = "is the sky blue";
    record.completion = "yes it is";
    record.label = "a";
    auto options = shaped(RowShape::Labelled);
    options.labels = {"a", "b"};

    const auto whole = renderRows(bert(), nullptr, record, options);
    options.maxLength = static_cast<std::int64_t>(whole->front().ids.size()) - 1;
    const auto cut = renderRows(bert(), nullptr, record, options);

    ASSERT_TRUE(whole && cut);
    auto expected = bert().encode("is the sky blue", SpecialTokens::Add);
    const auto second = bert().encode("yes it is", SpecialTokens::Add);
    EXPECT_EQ(whole->front().partLengths.front(), static_cast<std::int32_t>(expected.size()));
    expected.insert(expected.end(), second.begin() + 1, second.end());
    EXPECT_EQ(whole->front().ids, expected) << "[CLS] first [SEP] second [SEP]";
    EXPECT_EQ(cut->front().ids.back(), expected.back()) << "the longer text loses its end, not the frame";
    EXPECT_EQ(cut->front().partLengths.front(), whole->front().partLengths.front() - 1);
}

TEST(PlainTextRows, TrainAllButSpecialTokens)
{
    Record record;
    record.kind = Record::Kind::Text;
    record.text = "fill the gap";

    const auto rows = renderRows(bert(), nullptr, record, shaped(RowShape::PlainText));

    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->front().trained.front(), 0);
    EXPECT_EQ(rows->front().trained.back(), 0);
    EXPECT_EQ(rows->front().trained[1], 1);
}

TEST(BlockCutter, CutsDocumentsOneBehindAnotherAndKeepsTheRest)
{
    BlockCutter cutter(4);
    RenderedRow first, second, third;
    first.ids = {1, 2, 3};
    second.ids = {4, 5, 6};
    third.ids = {7, 8, 9, 10};
    cutter.add(first, 0);
    cutter.add(second, 1);

    auto blocks = cutter.take(false);
    ASSERT_EQ(blocks.size(), 1u);
    EXPECT_EQ(blocks[0].first.ids, (std::vector<std::int32_t> {1, 2, 3, 4}));
    EXPECT_EQ(blocks[0].second, 0);

    cutter.add(third, 2);
    blocks = cutter.take(true);
    ASSERT_EQ(blocks.size(), 2u);
    EXPECT_EQ(blocks[0].first.ids, (std::vector<std::int32_t> {5, 6, 7, 8}));
    EXPECT_EQ(blocks[0].second, 1);
    EXPECT_EQ(blocks[1].first.ids, (std::vector<std::int32_t> {9, 10}));
    EXPECT_EQ(blocks[1].second, 2);
    EXPECT_EQ(blocks[1].first.trained, (std::vector<std::uint8_t> {1, 1}));
}

TEST(TokenShard, KeepsPartsAndLabels)
{
    const tests::TempDir folder;
    TokenShardWriter writer;
    writer.add(std::vector<std::int32_t> {5, 6, 7}, std::vector<std::uint8_t> {0, 1, 1}, 3, std::vector<std::int32_t> {1, 2}, std::vector<float> {0.5f});
    writer.add(std::vector<std::int32_t> {9}, std::vector<std::uint8_t> {1}, 8, {}, std::vector<float> {1, kNoLabel});
    ASSERT_TRUE(writer.write(folder.path("tokens.bin")));

    const auto shard = TokenShard::open(folder.path("tokens.bin"));

    ASSERT_TRUE(shard);
    EXPECT_THAT(shard->row(0).partLengths, testing::ElementsAre(1, 2));
    EXPECT_THAT(shard->row(0).labels, testing::ElementsAre(0.5f));
    EXPECT_TRUE(shard->row(1).partLengths.empty());
    EXPECT_THAT(shard->row(1).labels, testing::ElementsAre(1.0f, kNoLabel));
    EXPECT_THAT(shard->row(1).ids, testing::ElementsAre(9));

    const auto bytes = *readFile(folder.path("tokens.bin"));
    for (std::size_t n = 0; n < bytes.size(); ++n)
        EXPECT_FALSE(TokenShard::open(folder.write("cut", bytes.substr(0, n)))) << n;
}

}
