// SPDX-License-Identifier: GPL-3.0-or-later
// What changes a dataset after its import: roles, edits, splits, combining; and looking at what changed.
#include "command_line.h"

#include "base/file.h"
#include "base/hash.h"

#include <gmock/gmock.h>

#include <map>

namespace attune::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DataVersions : public CommandLine
{
protected:
    Json json(std::vector<std::string> arguments, int code = 0)
    {
        arguments.insert(arguments.begin(), "--json");
        const auto answer = attune(arguments);
        EXPECT_EQ(answer.code, code) << answer.err;
        return code == 0 ? answer.json() : answer.error();
    }
    void import(const std::string& name, const std::string& file, const std::string& content)
    {
        json({"data", "import", folder.write(file, content), "--name", name});
    }
    std::vector<std::string> column(const std::string& dataset, const std::string& name)
    {
        std::vector<std::string> values;
        const Json shown = json({"data", "show", dataset, "--limit", "100000"});
        for (const auto& row : shown["rows"])
            values.push_back(row["values"][name].is_string() ? row["values"][name].get<std::string>() : toLine(row["values"][name]));
        return values;
    }
};

}

TEST_F(DataVersions, RolesChangeAfterImport)
{
    import("a", "a.jsonl", "{\"question\":\"q\",\"answer\":\"a\",\"note\":\"n\"}\n");

    const Json changed = json({"data", "roles", "a", "--map", "prompt=note,completion=question"});

    EXPECT_EQ(changed["mapping"], (Json {{"completion", "question"}, {"prompt", "note"}}));
    EXPECT_EQ(changed["dataset"], "a@2");
    EXPECT_EQ(json({"data", "roles", "a@1"})["mapping"], (Json {{"prompt", "question"}, {"completion", "answer"}}));
    json({"data", "export", "a", "--to", folder.path("out.jsonl"), "--style", "prompt-completion"});
    EXPECT_EQ(*readFile(folder.path("out.jsonl")), "{\"prompt\":\"n\",\"completion\":\"q\"}\n");
    EXPECT_THAT(json({"data", "roles", "a", "--map", "prompt=nosuch"}, 2)["message"].get<std::string>(), HasSubstr("nosuch"));
    EXPECT_EQ(json({"data", "versions", "a"}).size(), 2u);
}

TEST_F(DataVersions, EditsReplayWhereverTheRowLies)
{
    import("a", "a.jsonl", "{\"t\":\"x\",\"n\":1}\n{\"t\":\"y\",\"n\":2}\n");

    EXPECT_EQ(json({"data", "edit", "a", "--row", "1", "--column", "t", "--value", "007"})["steps"][0]["changed"], 1);
    EXPECT_EQ(json({"data", "edit", "a", "--row", "1", "--column", "n", "--value", "5"})["dataset"], "a@3");

    EXPECT_THAT(column("a", "t"), ElementsAre("x", "007"));
    EXPECT_THAT(column("a", "n"), ElementsAre("1", "5"));
    EXPECT_THAT(column("a@1", "t"), ElementsAre("x", "y"));
    json({"data", "edit", "a", "--row", "9", "--column", "t", "--value", "z"}, 2);
    json({"data", "edit", "a", "--row", "0", "--column", "nosuch", "--value", "z"}, 2);
}

TEST_F(DataVersions, DifferencesNameEachRow)
{
    import("a", "a.jsonl", "{\"t\":\"Keep me\"}\n{\"t\":\"drop\"}\n{\"t\":\"change ME\"}\n{\"t\":\"keep\"}\n");
    const std::string steps = folder.write("s.yaml", "steps:\n  - {type: regex_drop, column: t, pattern: drop}\n  - {type: regex_replace, column: t, pattern: ME, replacement: you}\n  - {type: shuffle, seed: 1}\n");
    json({"data", "clean", "a", "--steps", steps});

    const Json difference = json({"data", "diff", "a@1", "a@2"});

    EXPECT_EQ(difference["added"], 0);
    EXPECT_EQ(difference["removed"], 1);
    EXPECT_EQ(difference["changed"], 1);
    EXPECT_EQ(difference["unchanged"], 2);
    ASSERT_EQ(difference["rows"].size(), 2u);
    EXPECT_EQ(difference["rows"][0]["kind"], "removed");
    EXPECT_EQ(difference["rows"][0]["from_row"], 1);
    EXPECT_EQ(difference["rows"][1]["from"]["t"], "change ME");
    EXPECT_EQ(difference["rows"][1]["to"]["t"], "change you");
    EXPECT_EQ(json({"data", "diff", "a@2", "a@1"})["added"], 1);
    import("b", "b.jsonl", "{\"t\":\"keep\"}\n{\"t\":\"new\"}\n");
    const Json other = json({"data", "diff", "a@1", "b"});
    EXPECT_EQ(other["unchanged"], 1);
    EXPECT_EQ(other["removed"], 3);
    EXPECT_EQ(other["added"], 1);
}

TEST_F(DataVersions, CombineTakesWeightsAndOtherShapes)
{
    import("a", "a.jsonl", "{\"question\":\"q0\",\"answer\":\"a0\"}\n{\"question\":\"q1\",\"answer\":\"a1\"}\n");
    import("b", "b.jsonl", "{\"question\":\"q2\",\"answer\":\"a2\"}\n{\"question\":\"q3\",\"answer\":\"a3\"}\n{\"question\":\"q4\",\"answer\":\"a4\"}\n{\"question\":\"q5\",\"answer\":\"a5\"}\n");
    import("m", "m.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"ho\"}]}\n");

    EXPECT_EQ(json({"data", "combine", "a", "b", "--as", "ab"})["rows"], 6);
    EXPECT_THAT(column("ab", "question"), ElementsAre("q0", "q1", "q2", "q3", "q4", "q5"));
    EXPECT_EQ(json({"data", "combine", "a", "b", "--as", "w", "--weights", "2,0.5"})["rows"], 6);
    const auto weighted = column("w", "question");
    EXPECT_EQ(std::count(weighted.begin(), weighted.end(), "q0"), 2);
    const Json mixed = json({"data", "combine", "a", "m", "--as", "am", "--shuffle"});
    EXPECT_EQ(mixed["mapping"], Json({{"messages", "messages"}}));
    EXPECT_EQ(mixed["parts"].size(), 2u);
    EXPECT_EQ(json({"data", "roles", "ab"})["mapping"], json({"data", "roles", "a"})["mapping"]);
    json({"data", "combine", "a", "b", "--as", "ab"}, 4);
    json({"data", "combine", "a", "b", "--as", "x", "--weights", "1"}, 2);
    json({"data", "combine", "a", "nosuch", "--as", "x"}, 4);
    import("plain", "p.txt", "just text\n\nmore text\n");
    json({"data", "combine", "a", "plain", "--as", "x"}, 4);
}

TEST_F(DataVersions, SplitByColumnAndWithDuplicatesTogether)
{
    import("a", "a.csv", "t,part\na,train\nb,Validation\nc,test\nd,train\n");

    const Json byColumn = json({"data", "split", "a", "--column", "part"});

    EXPECT_EQ(byColumn["splits"], (Json {{"train", 2}, {"eval", 1}, {"test", 1}}));
    EXPECT_THAT(column("a:eval", "t"), ElementsAre("b"));
    json({"data", "split", "a", "--column", "t"}, 2);
    std::string rows;
    for (int i = 0; i < 300; ++i)
        rows += fmt::format("{{\"t\":\"{} sample number {} has some more words in it to be compared by\"}}\n", i % 3 == 2 ? "Another" : "This", i / 3);
    import("near", "near.jsonl", rows);
    json({"data", "split", "near", "--ratios", "0.5,0.5", "--keep-duplicates-together", "near", "--threshold", "0.6"});
    EXPECT_EQ(json({"data", "leak", "near:train", "near:eval", "--threshold", "0.6"})["leaked"], 0);
    json({"data", "split", "near", "--ratios", "0.5,0.5"});
    EXPECT_GT(json({"data", "leak", "near:train", "near:eval", "--threshold", "0.6"})["leaked"].get<int>(), 10);
}

TEST_F(DataVersions, LeaksListEveryPair)
{
    import("train", "train.jsonl", "{\"t\":\"one two three four five six seven\"}\n{\"t\":\"something else entirely, nothing shared here\"}\n{\"t\":\"One two  three four five six seven\"}\n");
    import("eval", "eval.jsonl", "{\"t\":\"fresh words that nobody has seen before today\"}\n{\"t\":\"one two three four five six seven\"}\n");

    const Json leaks = json({"data", "leak", "train", "eval"});

    EXPECT_EQ(leaks["pairs"], (Json::array({{{"train", 0}, {"eval", 1}, {"similarity", 1.0}}, {{"train", 2}, {"eval", 1}, {"similarity", 1.0}}})));
    EXPECT_EQ(leaks["eval_rows"], 2);
    EXPECT_EQ(leaks["leaked"], 1);
    json({"data", "leak", "train", "nosuch"}, 4);
    json({"data", "leak", "train", "eval", "--threshold", "7"}, 2);
}

// Every kind of step at once: replaying is byte-identical and nothing touches the source.
TEST_F(DataVersions, StepsReplayToTheSameBytesAndLeaveTheSourceAlone)
{
    std::string rows;
    for (int i = 0; i < 600; ++i)
        rows += toLine(Json {{"question", fmt::format("<p>Question {} â€™s **text** &amp; more?</p>", i % 500)}, {"answer", i % 7 == 0 ? "I'm sorry, but I can't help with that." : fmt::format("Answer {}", i % 90)}, {"kind", i % 5 ? "a" : "b"}}) + "\n";
    const std::string source = folder.write("a.jsonl", rows);
    const auto hash = hash128OfFile(source)->hex();
    json({"data", "import", source, "--name", "a"});
    const std::string steps = folder.write("steps.yaml",
        "steps:\n  - {type: fix_mojibake}\n  - {type: strip_html}\n  - {type: strip_markdown}\n  - {type: trim}\n  - {type: drop_refusals, column: answer}\n  - {type: language, keep: [en, nl, fr], column: question}\n"
        "  - {type: dedupe, method: near, threshold: 0.9}\n  - {type: balance, column: kind, max_per_class: 200}\n  - {type: oversample, column: kind, seed: 4}\n  - {type: augment_typos, share: 0.5, rate: 0.1}\n"
        "  - {type: template, column: both, text: '{question} | {answer}'}\n  - {type: shuffle, seed: 8}\n");

    for (const std::string name : {"b", "c"}) {
        json({"data", "clean", "a", "--steps", steps, "--as", name});
        json({"data", "export", name, "--to", folder.path(name + ".jsonl")});
    }

    EXPECT_EQ(*readFile(folder.path("b.jsonl")), *readFile(folder.path("c.jsonl")));
    EXPECT_GT(readFile(folder.path("b.jsonl"))->size(), 1000u);
    EXPECT_EQ(hash128OfFile(source)->hex(), hash);
    json({"data", "clean", "a", "--steps", folder.path("nosuch.yaml")}, 4);
    EXPECT_THAT(json({"data", "clean", "a", "--steps", folder.write("x.yaml", "steps: [{type: language, keep: [klingon], column: question}]")}, 4)["message"].get<std::string>(), HasSubstr("klingon"));
}

TEST_F(DataVersions, StepsCountTokensOfAModel)
{
    import("a", "a.jsonl", "{\"t\":\"one two three four five six seven\"}\n{\"t\":\"internationalisation\"}\n{\"t\":\"hi\"}\n");
    const std::string steps = folder.write("s.yaml", "steps: [{type: drop_short, column: t, min_tokens: 5}]\n"), model = tests::llamaSource() + "/models/ggml-vocab-qwen2.gguf";

    EXPECT_THAT(json({"data", "clean", "a", "--steps", steps}, 4)["hint"].get<std::string>(), HasSubstr("--model"));
    EXPECT_EQ(json({"data", "clean", "a", "--steps", steps, "--model", model})["steps"][0]["rows_out"], 1);
    EXPECT_THAT(column("a", "t"), ElementsAre("one two three four five six seven")) << "reading again needs no model";
}

TEST_F(DataVersions, ShowFindsRows)
{
    std::string rows;
    for (int i = 0; i < 3000; ++i)
        rows += fmt::format("{{\"t\":\"row {}\",\"n\":{}}}\n", i, i % 10);
    import("a", "a.jsonl", rows);

    const auto numbers = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"data", "show", "a"});
        std::vector<int> found;
        const Json shown = json(arguments);
        for (const auto& row : shown["rows"])
            found.push_back(row["row"]);
        return found;
    };
    EXPECT_THAT(numbers({"--where", "n >= 9", "--limit", "2"}), ElementsAre(9, 19));
    EXPECT_THAT(numbers({"--where", "n == 3", "--where", "t contains 299", "--limit", "9"}), ElementsAre(2993));
    EXPECT_THAT(numbers({"--where", "t matches ^row 1[0-2]$", "--offset", "11"}), ElementsAre(11, 12));
    EXPECT_TRUE(numbers({"--where", "t contains nosuch"}).empty());
    json({"data", "show", "a", "--where", "nosuch == 1"}, 2);
    json({"data", "show", "a", "--where", "t resembles x"}, 2);
    json({"data", "show", "a", "--where", "n"}, 2);
}

}
