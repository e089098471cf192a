// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace attune::cli {
namespace {

struct Answer {
    int code;
    std::string out, err;
    std::vector<Json> lines() const
    {
        std::vector<Json> values;
        std::istringstream in(out);
        for (std::string line; std::getline(in, line);)
            values.push_back(Json::parse(line));
        return values;
    }
};

Answer call(const std::vector<std::string>& arguments, const std::string& input)
{
    std::istringstream in(input);
    std::ostringstream out, err;
    const int code = run(arguments, in, out, err);
    return {code, out.str(), err.str()};
}

std::string model()
{
    return tests::llamaSource() + "/models/ggml-vocab-qwen2.gguf";
}

}

TEST(TokenizeCommand, AnswersOneLinePerLineInOrder)
{
    std::string input;
    for (int i = 0; i < 20'000; ++i)
        input += R"({"text":"number )" + std::to_string(i) + R"( and some words around it"})" + "\n";

    const auto ids = call({"tokenize", "-m", model()}, input);
    const auto texts = call({"detokenize", "-m", model()}, ids.out);

    ASSERT_EQ(ids.code, 0) << ids.err;
    ASSERT_EQ(texts.lines().size(), 20'000u);
    for (const int i : {0, 1, 7'777, 19'999})
        EXPECT_EQ(texts.lines().at(static_cast<std::size_t>(i))["text"], "number " + std::to_string(i) + " and some words around it");
}

TEST(TokenizeCommand, TakesEmptyTextsAndALastLineWithoutNewline)
{
    const auto answer = call({"tokenize", "-m", model()}, "{\"text\":\"\"}\n{\"text\":\"a\"}");

    EXPECT_EQ(answer.out, "{\"ids\":[]}\n{\"ids\":[64]}\n");
}

TEST(TokenizeCommand, NamesTheLineThatIsWrong)
{
    const auto answer = call({"--json", "tokenize", "-m", model()}, "{\"text\":\"a\"}\n{\"txt\":1}\n");

    EXPECT_EQ(answer.code, 4);
    EXPECT_TRUE(answer.out.empty());
    EXPECT_THAT(Json::parse(answer.err)["error"]["where"].get<std::string>(), testing::HasSubstr("line 2"));
}

TEST(DetokenizeCommand, WritesNoLineEndInsideALine)
{
    const std::string text = "a\\u2028b\\u0085c";
    const auto ids = call({"tokenize", "-m", model()}, "{\"text\":\"" + text + "\"}\n");

    EXPECT_EQ(call({"detokenize", "-m", model()}, ids.out).out, "{\"text\":\"" + text + "\"}\n");
}

TEST(DetokenizeCommand, SkipsSpecialTokensWhenAsked)
{
    const auto ids = call({"tokenize", "-m", model()}, "{\"text\":\"a<|im_end|>b\"}\n");

    EXPECT_EQ(call({"detokenize", "-m", model()}, ids.out).lines().at(0)["text"], "a<|im_end|>b");
    EXPECT_EQ(call({"detokenize", "-m", model(), "--skip-special"}, ids.out).lines().at(0)["text"], "ab");
    EXPECT_EQ(call({"detokenize", "-m", model()}, "{\"ids\":[99999999]}\n").code, 4);
}

TEST(TemplateCommand, RendersWithIdsAndMask)
{
    const std::string input = R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Yo"}]})" "\n";

    const auto line = call({"template", "-m", model(), "--template", "chatml"}, input).lines().at(0);

    EXPECT_EQ(line["text"], "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nYo<|im_end|>\n");
    EXPECT_EQ(line["ids"].size(), line["trained"].size());
    EXPECT_EQ(line["trained"].dump(), "[0,0,0,0,0,0,0,0,0,1,1,0]");
    EXPECT_EQ(call({"template", "-m", tests::llamaSource() + "/models/ggml-vocab-gpt-2.gguf"}, input).code, 4);
    EXPECT_EQ(call({"template", "-m", model(), "--train-on", "nobody"}, input).code, 2);
}

}
