// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "base/json.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace attune::cli {
namespace {

using testing::HasSubstr;

/// Runs `attune --workspace W --json …` in this process.
class DataCommands : public testing::Test
{
protected:
    struct Outcome {
        int code = 0;
        Json value, error;
        std::string out;
    };
    Outcome attune(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), {"--workspace", dir.path("workspace"), "--json"});
        std::istringstream in;
        std::ostringstream out, err;
        Outcome outcome;
        outcome.code = run(arguments, in, out, err);
        outcome.out = out.str();
        if (auto json = parseJson(out.str()))
            outcome.value = *json;
        if (auto json = parseJson(err.str()))
            outcome.error = (*json)["error"];
        return outcome;
    }
    std::string sums()
    {
        std::string text;
        for (int i = 0; i < 100; ++i)
            text += fmt::format("{{\"question\": \"What is {} plus {}?\", \"answer\": \"It is {}.\", \"level\": {}}}\n", i, i, 2 * i, i % 7);
        return dir.write("sums.jsonl", text);
    }

    tests::TempDir dir;
};

}

TEST_F(DataCommands, ImportShowAndList)
{
    const auto imported = attune({"data", "import", sums(), "--name", "sums"});

    EXPECT_EQ(imported.code, 0);
    EXPECT_EQ(imported.value["rows"], 100);
    EXPECT_EQ(imported.value["mapping"], Json({{"prompt", "question"}, {"completion", "answer"}}));
    EXPECT_EQ(attune({"data", "list"}).value[0]["name"], "sums");
    const auto shown = attune({"data", "show", "sums", "--offset", "98", "--limit", "5"}).value;
    ASSERT_EQ(shown["rows"].size(), 2u);
    EXPECT_EQ(shown["rows"][0]["row"], 98);
    EXPECT_EQ(shown["rows"][1]["values"]["level"], 99 % 7);
}

TEST_F(DataCommands, RefuseATakenNameUnlessReplaced)
{
    const std::string file = sums();
    attune({"data", "import", file, "--name", "sums"});

    const auto again = attune({"data", "import", file, "--name", "sums"});
    EXPECT_EQ(again.code, 4);
    EXPECT_TRUE(again.out.empty());
    EXPECT_THAT(again.error["message"].get<std::string>(), HasSubstr("sums"));
    EXPECT_EQ(attune({"data", "import", file, "--name", "sums", "--replace"}).value["version"], 2);
    EXPECT_EQ(attune({"data", "import", file, "--name", "no/slash"}).code, 2);
    EXPECT_EQ(attune({"data", "import", dir.path("nosuch.jsonl"), "--name", "x"}).code, 4);
    EXPECT_FALSE(fs::exists(dir.path("workspace/datasets/x")));
}

TEST_F(DataCommands, EveryChangeIsANewVersion)
{
    attune({"data", "import", dir.write("a.csv", "text,label\nHello,x\nhello ,x\nBye,y\nHello,x\n"), "--name", "a"});

    const auto dry = attune({"data", "dedupe", "a", "--dry-run", "--groups", dir.path("groups.jsonl")});
    EXPECT_EQ(dry.value["rows_out"], 3);
    EXPECT_EQ(*readFile(dir.path("groups.jsonl")), "{\"keep\":0,\"drop\":[3],\"similarity\":[1.0]}\n");
    EXPECT_EQ(attune({"data", "list"}).value[0]["version"], 1);
    EXPECT_EQ(attune({"data", "dedupe", "a"}).value["dataset"], "a@2");
    EXPECT_EQ(attune({"data", "dedupe", "a", "--method", "normalized"}).value["dataset"], "a@3");
    EXPECT_EQ(attune({"data", "show", "a"}).value["rows"].size(), 2u);
    EXPECT_EQ(attune({"data", "show", "a@1"}).value["rows"].size(), 4u);
    EXPECT_EQ(attune({"data", "show", "a@9"}).code, 4);
}

TEST_F(DataCommands, SplitKeepsGroupsTogetherAndLosesNoRow)
{
    std::string csv = "text,source\n";
    for (int i = 0; i < 1000; ++i)
        csv += fmt::format("row {},{}\n", i, i / 4);
    attune({"data", "import", dir.write("a.csv", csv), "--name", "a"});

    const auto split = attune({"data", "split", "a", "--ratios", "0.8,0.1,0.1", "--group", "source", "--seed", "5"});

    ASSERT_EQ(split.code, 0) << split.error;
    EXPECT_EQ(split.value["splits"]["train"].get<int>() + split.value["splits"]["eval"].get<int>() + split.value["splits"]["test"].get<int>(), 1000);
    EXPECT_NEAR(split.value["splits"]["train"].get<int>(), 800, 8);
    std::map<std::string, std::string> partOfSource;
    for (const std::string part : {"train", "eval", "test"}) {
        const auto shown = attune({"data", "show", "a:" + part, "--limit", "1000"});
        for (const auto& row : shown.value["rows"]) {
            const auto [it, isNew] = partOfSource.try_emplace(row["values"]["source"].get<std::string>(), part);
            EXPECT_EQ(it->second, part);
        }
    }
    EXPECT_EQ(partOfSource.size(), 250u);
    EXPECT_EQ(attune({"data", "split", "a", "--ratios", "0.8,0.8"}).code, 2);
    EXPECT_EQ(attune({"data", "show", "a:nosuch"}).code, 4);
}

TEST_F(DataCommands, StatsCountWhatIsThere)
{
    attune({"data", "import", dir.write("a.jsonl", "{\"t\":\"äö\",\"n\":3}\n{\"t\":\"\",\"n\":null}\n{\"n\":5}\n{\"t\":\"äö\",\"n\":5}\n"), "--name", "a"});

    const auto stats = attune({"data", "stats", "a"}).value;

    const auto& text = stats["columns"][0];
    EXPECT_EQ(text["missing"], 1);
    EXPECT_EQ(text["empty"], 1);
    EXPECT_EQ(text["distinct"], 2);
    EXPECT_EQ(text["min"], 0);
    EXPECT_EQ(text["max"], 2);
    const auto& number = stats["columns"][1];
    EXPECT_EQ(number["missing"], 1);
    EXPECT_EQ(number["distinct"], 2);
    EXPECT_EQ(number["min"], 3);
    EXPECT_NEAR(number["mean"].get<double>(), 13.0 / 3, 1e-9);
}

TEST_F(DataCommands, ExportsReadBackAsTheSameRows)
{
    const std::string file = dir.write("a.jsonl",
        "{\"instruction\":\"a, \\\"b\\\"\\n\",\"input\":\"\",\"output\":\"x\\ty\",\"system\":\"s\"}\n{\"instruction\":\" 007\",\"input\":\"in\",\"output\":\"🙂\",\"system\":\"\"}\n");
    attune({"data", "import", file, "--name", "a"});
    const auto rowsOf = [&](const std::string& dataset) {
        Json rows;
        const auto shown = attune({"data", "show", dataset});
        for (const auto& row : shown.value["rows"])
            rows.push_back(row["values"]);
        return rows;
    };
    const Json original = rowsOf("a");
    for (const std::string suffix : {".jsonl", ".json", ".csv", ".tsv", ".jsonl.gz", ".csv.zst"}) {
        const std::string path = dir.path("out" + suffix);
        const auto written = attune({"data", "export", "a", "--to", path});
        ASSERT_EQ(written.code, 0) << suffix << written.error;
        EXPECT_EQ(written.value["bytes"], fs::file_size(path));
        EXPECT_EQ(rowsOf(path), original) << suffix;
    }
    for (const std::string style : {"messages", "sharegpt", "alpaca", "prompt-completion"}) {
        const std::string path = dir.path(style + ".jsonl"), back = dir.path(style + "-2.jsonl");
        ASSERT_EQ(attune({"data", "export", "a", "--to", path, "--style", style}).code, 0) << style;
        ASSERT_EQ(attune({"data", "export", path, "--to", back, "--style", style}).code, 0) << style;
        EXPECT_EQ(*readFile(back), *readFile(path)) << style;
    }
    const auto first = parseJson(readFile(dir.path("messages.jsonl"))->substr(0, readFile(dir.path("messages.jsonl"))->find('\n')));
    EXPECT_EQ((*first)["messages"].size(), 3u);
    const auto missing = attune({"data", "export", "a", "--to", dir.path("p.jsonl"), "--style", "preference"});
    EXPECT_EQ(missing.code, 4);
    EXPECT_THAT(missing.error["message"].get<std::string>(), HasSubstr("chosen"));
    EXPECT_EQ(attune({"data", "export", "a", "--to", dir.path("p.parquet")}).code, 4);
    EXPECT_EQ(attune({"data", "export", "a", "--to", dir.path("p.xyz")}).code, 2);
    EXPECT_NE(attune({"data", "export", "a", "--to", dir.path("no/such/p.jsonl")}).code, 0);
}

TEST_F(DataCommands, CleanReplaysToTheSameBytes)
{
    attune({"data", "import", sums(), "--name", "sums"});
    const std::string steps = dir.write("steps.yaml", "steps:\n  - {type: lowercase}\n  - {type: filter, column: level, op: '>', value: 2}\n  - {type: shuffle, seed: 4}\n");

    EXPECT_EQ(attune({"data", "clean", "sums", "--steps", steps, "--as", "b"}).value["dataset"], "b@1");
    const auto cleaned = attune({"data", "clean", "sums", "--steps", steps, "--as", "c"});

    ASSERT_EQ(cleaned.code, 0) << cleaned.error;
    EXPECT_EQ(cleaned.value["steps"][0]["changed"], 100);
    attune({"data", "export", "b", "--to", dir.path("b.jsonl")});
    attune({"data", "export", "c", "--to", dir.path("c.jsonl")});
    EXPECT_EQ(*readFile(dir.path("b.jsonl")), *readFile(dir.path("c.jsonl")));
    EXPECT_EQ(attune({"data", "clean", "sums", "--steps", dir.write("bad.yaml", "steps: [{type: trimm}]")}).code, 4);
}

}
