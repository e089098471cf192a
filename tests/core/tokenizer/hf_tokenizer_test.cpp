// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "base/json.h"
#include "support/paths.h"
#include "tokenizer/tokenizer.h"

#include <gtest/gtest.h>

#include <thread>

namespace attune::tokenizer {
namespace {

using Ids = std::vector<std::int32_t>;

Result<std::shared_ptr<const Tokenizer>> load(const std::string& json)
{
    const tests::TempDir folder;
    folder.write("tokenizer.json", json);
    return loadTokenizer(folder.path());
}

std::string goldenFolder()
{
    return tests::sourceDir() + "/tests/golden/tokenizers";
}

}

class HfTokenizerGolden : public testing::TestWithParam<std::string> { };

TEST_P(HfTokenizerGolden, GivesTheIdsAndTextsOfHfTokenizers)
{
    const auto golden = readJsonFile(goldenFolder() + "/" + GetParam() + ".json");
    ASSERT_TRUE(golden);
    const auto tokenizer = load((*golden)["tokenizer"].dump());
    ASSERT_TRUE(tokenizer) << tokenizer.error().message;

    for (std::size_t i = 0; i < (*golden)["texts"].size(); ++i) {
        const auto text = (*golden)["texts"][i].get<std::string>();
        const auto ids = (*golden)["ids"][i].get<Ids>();
        EXPECT_EQ((*tokenizer)->encode(text), ids) << testing::PrintToString(text);
        EXPECT_EQ((*tokenizer)->encode(text, SpecialTokens::Omit), (*golden)["plain"][i].get<Ids>()) << testing::PrintToString(text);
        EXPECT_EQ((*tokenizer)->decode(ids, false), (*golden)["decoded"][i].get<std::string>());
        EXPECT_EQ((*tokenizer)->decode(ids, true), (*golden)["skipped"][i].get<std::string>());
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, HfTokenizerGolden,
    testing::Values("gpt2", "smollm", "llama3", "qwen2", "qwen35", "gpt4o", "roberta", "added", "ignore_merges", "llama_legacy", "llama", "gemma", "unigram",
        "unigram_bytes", "bert", "bert_cased", "wordlevel", "punctuation", "merged", "clip"),
    [](const auto& info) { return info.param; });

TEST(HfTokenizer, ServesManyThreadsAtOnce)
{
    const auto golden = readJsonFile(goldenFolder() + "/llama3.json");
    ASSERT_TRUE(golden);
    const auto tokenizer = load((*golden)["tokenizer"].dump());
    ASSERT_TRUE(tokenizer);
    const auto other = load((*readJsonFile(goldenFolder() + "/gpt2.json"))["tokenizer"].dump());
    ASSERT_TRUE(other);
    std::atomic<int> wrong {0};

    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (std::size_t i = 0; i < (*golden)["texts"].size(); ++i) {
                    const auto text = (*golden)["texts"][i].get<std::string>();
                    wrong += (*tokenizer)->encode(text) != (*golden)["ids"][i].get<Ids>();
                    (*other)->encode(text);  // another tokenizer takes over the thread's cache
                }
            });
    }

    EXPECT_EQ(wrong, 0);
}

TEST(HfTokenizer, RefusesWhatIsNoTokenizer)
{
    const std::string model = R"({"type":"BPE","vocab":{"a":0,"b":1},"merges":[]})";
    EXPECT_TRUE(load(R"({"model":)" + model + "}"));
    for (const std::string& bad : {std::string(), std::string("[]"), std::string("{"), std::string(R"({"model":5})"), std::string(R"({"model":{"type":"BPE"}})"),
             std::string(R"({"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}})"), std::string(R"({"model":{"type":"BPE","vocab":{"a":99999999999},"merges":[]}})"),
             std::string(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":["a z"]}})"), std::string(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}})"),
             std::string(R"({"model":{"type":"Unigram","vocab":[["a"]]}})"), std::string(R"({"model":{"type":"Magic","vocab":{}}})"),
             R"({"normalizer":{"type":"Unheard"},"model":)" + model + "}", R"({"pre_tokenizer":{"type":"Split"},"model":)" + model + "}",
             R"({"pre_tokenizer":{"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated"},"model":)" + model + "}",
             R"({"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA////"},"model":)" + model + "}",
             R"({"decoder":{"type":3},"model":)" + model + "}", R"({"added_tokens":[{"id":-5,"content":"x"}],"model":)" + model + "}",
             R"({"post_processor":{"type":"BertProcessing","sep":["x",77],"cls":["y",1]},"model":)" + model + "}"}) {
        const auto tokenizer = load(bad);
        ASSERT_FALSE(tokenizer) << bad;
        EXPECT_EQ(tokenizer.error().code, ErrorCode::TokenizerBroken) << bad;
    }
}

TEST(HfTokenizer, SurvivesDeepNesting)
{
    std::string nested = "null";
    for (int i = 0; i < 5000; ++i)
        nested = R"({"type":"Sequence","normalizers":[)" + nested + "]}";
    const auto tokenizer = load(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"normalizer":)" + nested + "}");

    ASSERT_FALSE(tokenizer);
    EXPECT_EQ(tokenizer.error().code, ErrorCode::TokenizerBroken);
}

TEST(HfTokenizer, SaysWhichFilesAreMissing)
{
    const tests::TempDir folder;

    const auto tokenizer = loadTokenizer(folder.path());

    ASSERT_FALSE(tokenizer);
    EXPECT_NE(tokenizer.error().message.find("tokenizer.json"), std::string::npos);
}

TEST(HfTokenizer, KnowsStartAndEndFromTheSmallFiles)
{
    const tests::TempDir folder;
    folder.write("tokenizer.json", R"({"model":{"type":"BPE","vocab":{"a":0,"<s>":1,"</s>":2,"<e>":3},"merges":[]}})");
    folder.write("tokenizer_config.json", R"({"bos_token":{"content":"<s>"},"eos_token":"</s>","added_tokens_decoder":{"7":{"content":"<x>","special":true}}})");
    folder.write("generation_config.json", R"({"eos_token_id":[2,3]})");

    const auto tokenizer = loadTokenizer(folder.path());

    ASSERT_TRUE(tokenizer) << tokenizer.error().message;
    EXPECT_EQ((*tokenizer)->startToken(), 1);
    EXPECT_EQ((*tokenizer)->endToken(), 2);
    EXPECT_EQ((*tokenizer)->endOfGeneration(), (Ids {2, 3}));
    EXPECT_EQ((*tokenizer)->vocabSize(), 8);
    EXPECT_EQ((*tokenizer)->encode("a<x></s>"), (Ids {0, 7, 2}));
    EXPECT_TRUE((*tokenizer)->isSpecial(7));
    EXPECT_EQ((*tokenizer)->idOf("<x>"), 7);
    EXPECT_EQ((*tokenizer)->idOf("nothing"), -1);
}

}
