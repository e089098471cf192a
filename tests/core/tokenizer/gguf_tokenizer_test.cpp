// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "support/paths.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/unicode.h"

#include <gtest/gtest.h>
#include <llama.h>

#include <fstream>
#include <random>
#include <sstream>

namespace attune::tokenizer {
namespace {

using Ids = std::vector<std::int32_t>;

std::vector<std::string> vocabularies()
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(tests::llamaSource() + "/models"))
        if (entry.path().extension() == ".gguf")
            names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string text(char32_t value)
{
    std::string out;
    appendUtf8(out, value);
    return out;
}

/// Strings that tokenizers stumble over: scripts, emoji, marks, digits, runs of white space, special tokens.
std::vector<std::string> variedTexts(const std::vector<std::string>& special, int count)
{
    std::mt19937 random(17);
    const auto upTo = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const std::vector<std::string> words {"Hello", "world", "don't", "I'LL", "we've", "'s", "3.14159", "1234567", "naïve", "Größe", "日本語", "かな", "カタカナ", "안녕",
        "привет", "مرحبا", "हिन्दी", "ไทย", "😀", "👨‍👩‍👧", "e\xCC\x81", "x_y", "foo()", "==", "```", "https://a.b/c?d=1", "½", "Ⅷ", "a\u00A0b", "ÀÉ", "İ", "the", "of", "£", "＋"};
    const std::vector<std::string> gaps {" ", " ", " ", "  ", "     ", "\n", "\n\n", "\t", " \n ", "\r\n", "", ""};
    std::vector<std::string> texts {"", " ", "\n", "   ", "a ", " a", "  a  "};
    for (int i = 0; i < count; ++i) {
        std::string made;
        for (std::size_t n = 1 + upTo(12); n > 0; --n) {
            const auto kind = upTo(10);
            if (kind < 6)
                made += words[upTo(words.size())];
            else if (kind < 8)
                made += std::string(1, static_cast<char>(' ' + upTo(95)));
            else if (kind == 8)
                made += text(static_cast<char32_t>(0xA1 + upTo(0x2500)));
            else if (!special.empty())
                made += special[upTo(special.size())];
            made += gaps[upTo(gaps.size())];
        }
        texts.push_back(made);
    }
    return texts;
}

class Llama
{
public:
    explicit Llama(const std::string& path)
    {
        llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
        auto parameters = llama_model_default_params();
        parameters.vocab_only = true;
        m_model = llama_model_load_from_file(path.c_str(), parameters);
    }
    Llama(const Llama&) = delete;
    Llama& operator=(const Llama&) = delete;
    ~Llama() { llama_model_free(m_model); }
    bool isOpen() const { return m_model; }
    Ids encode(const std::string& input, bool special) const
    {
        Ids ids(input.size() + 16);
        const int n = llama_tokenize(llama_model_get_vocab(m_model), input.data(), static_cast<int>(input.size()), ids.data(), static_cast<int>(ids.size()), special, true);
        ids.resize(static_cast<std::size_t>(std::max(0, n)));
        return ids;
    }
    std::vector<std::string> specialTokens() const
    {
        std::vector<std::string> texts;
        const auto* vocab = llama_model_get_vocab(m_model);
        for (int id = 0; id < llama_vocab_n_tokens(vocab) && texts.size() < 40; ++id)
            if (llama_vocab_get_attr(vocab, id) & (LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_USER_DEFINED))
                texts.emplace_back(llama_vocab_get_text(vocab, id));
        return texts;
    }

private:
    llama_model* m_model = nullptr;
};

}

TEST(GgufTokenizer, GivesTheIdsOfLlamaCppsTestVectors)
{
    int checked = 0;
    for (const auto& path : vocabularies()) {
        std::ifstream inputs(path + ".inp", std::ios::binary), outputs(path + ".out");
        if (!inputs || !outputs)
            continue;
        const auto tokenizer = loadTokenizer(path);
        ASSERT_TRUE(tokenizer) << path << ": " << tokenizer.error().message;
        const std::string all((std::istreambuf_iterator<char>(inputs)), {});
        const std::string separator = "\n__ggml_vocab_test__\n";
        std::size_t at = 0;
        for (std::string line; std::getline(outputs, line);) {
            const auto end = std::min(all.find(separator, at), all.size());
            std::istringstream numbers(line);
            const Ids expected((std::istream_iterator<std::int32_t>(numbers)), {});
            EXPECT_EQ((*tokenizer)->encode(all.substr(at, end - at), SpecialTokens::Omit), expected) << path << ": " << all.substr(at, end - at);
            at = end + separator.size();
            ++checked;
            if (at >= all.size())
                break;
        }
    }
    EXPECT_GT(checked, 500);
}

TEST(GgufTokenizer, GivesTheIdsOfLlamaCppForVariedTexts)
{
    int compared = 0;
    for (const auto& path : vocabularies()) {
        const Llama llama(path);
        const auto tokenizer = loadTokenizer(path);
        if (!llama.isOpen())
            continue;
        ASSERT_TRUE(tokenizer) << path << ": " << tokenizer.error().message;
        int differing = 0;
        for (const auto& input : variedTexts(llama.specialTokens(), 400)) {
            for (const bool special : {false, true}) {
                const auto mine = (*tokenizer)->encode(input, special ? SpecialTokens::Add : SpecialTokens::Omit);
                const auto theirs = llama.encode(input, special);
                if (mine != theirs && ++differing <= 3)
                    ADD_FAILURE() << fs::path(path).filename() << ": " << testing::PrintToString(input) << "\n mine   " << testing::PrintToString(mine) << "\n theirs "
                                  << testing::PrintToString(theirs);
            }
        }
        EXPECT_EQ(differing, 0) << path;
        ++compared;
    }
    EXPECT_GE(compared, 15);
}

TEST(GgufTokenizer, GivesTheTextBackWithByteLevelVocabularies)
{
    for (const auto* name : {"gpt-2", "qwen2", "llama-bpe", "starcoder", "deepseek-llm", "falcon"}) {
        const auto tokenizer = loadTokenizer(tests::llamaSource() + "/models/ggml-vocab-" + name + ".gguf");
        ASSERT_TRUE(tokenizer) << name;
        for (const auto& input : variedTexts({}, 300))
            EXPECT_EQ((*tokenizer)->decode((*tokenizer)->encode(input, SpecialTokens::Omit), false), input) << name;
    }
}

TEST(GgufTokenizer, TakesBrokenUtf8AsReplacementCharacters)
{
    const auto tokenizer = loadTokenizer(tests::llamaSource() + "/models/ggml-vocab-qwen2.gguf");
    ASSERT_TRUE(tokenizer);

    const auto ids = (*tokenizer)->encode("a\xFF\xE6\x97 b", SpecialTokens::Omit);

    EXPECT_EQ((*tokenizer)->decode(ids, false), "a\uFFFD\uFFFD\uFFFD b");
    EXPECT_EQ((*tokenizer)->encode(std::string("\xE6\x97"), SpecialTokens::Omit), (*tokenizer)->encode("\uFFFD\uFFFD", SpecialTokens::Omit));
}

TEST(GgufTokenizer, KeepsAnyBytesWithSentencePiece)
{
    const auto tokenizer = loadTokenizer(tests::llamaSource() + "/models/ggml-vocab-llama-spm.gguf");
    ASSERT_TRUE(tokenizer);

    for (const std::string input : {"Hello world", "  two  spaces", "naïve 日本語 😀\n\ttab"})
        EXPECT_EQ((*tokenizer)->decode((*tokenizer)->encode(input, SpecialTokens::Omit), false), input);
    EXPECT_TRUE((*tokenizer)->addsStartToken());
    EXPECT_EQ((*tokenizer)->encode("a").front(), 1);
}

TEST(GgufTokenizer, EncodesAHugeWordInReasonableTime)
{
    const auto tokenizer = loadTokenizer(tests::llamaSource() + "/models/ggml-vocab-gpt-2.gguf");
    ASSERT_TRUE(tokenizer);
    const std::string word(300'000, 'a');

    const auto begin = std::chrono::steady_clock::now();
    const auto ids = (*tokenizer)->encode(word, SpecialTokens::Omit);

    EXPECT_EQ((*tokenizer)->decode(ids, false), word);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(GgufTokenizer, NamesWhatIsWrong)
{
    const tests::TempDir folder;

    EXPECT_EQ(loadTokenizer(folder.path("none.gguf")).error().code, ErrorCode::FileMissing);
    EXPECT_FALSE(loadTokenizer(folder.write("bad.gguf", "GGUF but not really")));
}

}
