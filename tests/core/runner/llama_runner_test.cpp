// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/llama_runner.h"
#include "runner/utf8_buffer.h"
#include "support/paths.h"

#include "base/file.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace attune;
using runner::LlamaRunner;

namespace {

runner::RunnerOptions starter()
{
    return {.model = tests::starterModel(), .adapter = {}, .contextTokens = 256};
}

}

TEST(LlamaRunner, AnswersGreedily)
{
    auto opened = LlamaRunner::open(starter(), {});
    ASSERT_TRUE(opened) << opened.error().message;
    const auto ids = opened->tokenize("The capital of France is", true);
    std::string streamed;

    const auto answer = opened->generate(ids, 8, {}, [&](const std::string& text) { streamed += text; }, {});

    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_NE(answer->text.find("Paris"), std::string::npos) << answer->text;
    EXPECT_EQ(streamed, answer->text);
    EXPECT_EQ(answer->promptTokens, static_cast<std::int64_t>(ids.size()));
    EXPECT_LE(answer->tokens, 8);
}

TEST(LlamaRunner, GivesLogitsAfterEveryToken)
{
    auto opened = LlamaRunner::open(starter(), {});
    ASSERT_TRUE(opened);
    const auto ids = opened->tokenize("one two three", true);
    std::vector<std::int64_t> positions;
    std::vector<float> first, again;

    ASSERT_TRUE(opened->logits(ids, [&](std::int64_t position, std::span<const float> row) {
        positions.push_back(position);
        ASSERT_EQ(row.size(), 49152u);
        if (position == 0)
            first.assign(row.begin(), row.end());
    }, {}));
    ASSERT_TRUE(opened->logits(std::span(ids).first(1), [&](std::int64_t, std::span<const float> row) { again.assign(row.begin(), row.end()); }, {}));

    EXPECT_EQ(positions.size(), ids.size());
    for (std::size_t i = 0; i < first.size(); ++i)
        ASSERT_NEAR(first[i], again[i], 0.05f) << "what comes later must not matter";
}

TEST(LlamaRunner, StopsWhenAsked)
{
    auto opened = LlamaRunner::open(starter(), {});
    ASSERT_TRUE(opened);
    std::stop_source stop;
    JobContext context {.stop = stop.get_token(), .onProgress = {}};
    int pieces = 0;

    const auto answer = opened->generate(opened->tokenize("Once upon a time", true), 200, {}, [&](const std::string&) {
        if (++pieces == 3)
            stop.request_stop();
    }, context);

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->stopReason, "cancelled");
    EXPECT_LT(answer->tokens, 10);
}

TEST(LlamaRunner, RefusesIdsOutsideTheVocabulary)
{
    auto opened = LlamaRunner::open(starter(), {});
    ASSERT_TRUE(opened);

    const auto status = opened->logits(std::vector<std::int32_t> {1, 49152}, [](std::int64_t, std::span<const float>) {}, {});

    ASSERT_FALSE(status);
    EXPECT_NE(status.error().message.find("49152"), std::string::npos);
}

TEST(LlamaRunner, SaysWhatIsWrongWithAFile)
{
    tests::TempDir folder;
    const std::string whole = readFile(tests::starterModel()).value();

    const auto cut = LlamaRunner::open({.model = folder.write("cut.gguf", whole.substr(0, 1 << 20)), .adapter = {}}, {});
    const auto none = LlamaRunner::open({.model = folder.path("none.gguf"), .adapter = {}}, {});
    const auto vocabulary = LlamaRunner::open({.model = tests::llamaSource() + "/models/ggml-vocab-llama-bpe.gguf", .adapter = {}}, {});

    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::ModelCorrupt);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::ModelMissing);
    ASSERT_FALSE(vocabulary);
    EXPECT_EQ(vocabulary.error().code, ErrorCode::ModelUnsupported);
}

TEST(Utf8Buffer, HoldsBackHalfACharacter)
{
    runner::Utf8Buffer buffer;

    EXPECT_EQ(buffer.add("a\xF0\x9F"), "a");
    EXPECT_EQ(buffer.add("\x99"), "");
    EXPECT_EQ(buffer.add("\x82z\xC3"), "\xF0\x9F\x99\x82z");
    EXPECT_EQ(buffer.finish(), "\xEF\xBF\xBD");
    EXPECT_EQ(buffer.finish(), "");
}
