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
    EXPECT_EQ(attune({"data", "export", "a", "--to", dir.path("p.parquet.gz")}).code, 2);
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

TEST_F(DataCommands, ScanFindsPersonalDataWithExactSpans)
{
    const auto file = dir.write("chats.jsonl",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Grüße 🙂 an bob@example.org\"},{\"role\":\"assistant\",\"content\":\"ok\"}],\"note\":\"für DE89 3704 0044 0532 0130 00\"}\n"
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"},{\"role\":\"assistant\",\"content\":\"v1.2.3.4\"}],\"note\":\"10.0.0.1 and 10.0.0.2\"}\n");
    ASSERT_EQ(attune({"data", "import", file, "--name", "chats"}).code, 0);

    const auto scan = attune({"data", "scan", "chats"});

    ASSERT_EQ(scan.code, 0);
    EXPECT_EQ(scan.value["counts"], (Json {{"card", 0}, {"email", 1}, {"iban", 1}, {"ip", 2}, {"key", 0}, {"phone", 0}, {"url", 0}}));
    const Json& findings = scan.value["findings"];
    ASSERT_EQ(findings.size(), 4u);
    EXPECT_EQ(findings[0], (Json {{"row", 0}, {"column", "messages"}, {"kind", "email"}, {"start", 11}, {"end", 26}, {"text", "bob@example.org"}, {"path", "/0/content"}}));
    EXPECT_EQ(findings[1], (Json {{"row", 0}, {"column", "note"}, {"kind", "iban"}, {"start", 4}, {"end", 31}, {"text", "DE89 3704 0044 0532 0130 00"}}));
    EXPECT_EQ(findings[3]["start"], 13);
    EXPECT_EQ(attune({"data", "scan", "chats", "--kinds", "email,iban"}).value["findings"].size(), 2u);
    EXPECT_EQ(attune({"data", "scan", file, "--columns", "note"}).value["findings"].size(), 3u);
}

TEST_F(DataCommands, ScanKeepsWhatIsIgnoredWithTheDataset)
{
    const auto file = dir.write("hosts.jsonl", "{\"text\":\"host 10.0.0.1\"}\n{\"text\":\"host 192.168.7.7\"}\n{\"text\":\"host 192.168.7.8\"}\n");
    ASSERT_EQ(attune({"data", "import", file, "--name", "hosts"}).code, 0);

    EXPECT_EQ(attune({"data", "scan", "hosts", "--ignore", "10.0.0.1", "--ignore-pattern", "\\.8$"}).value["counts"]["ip"], 1);
    const auto again = attune({"data", "scan", "hosts"});
    EXPECT_EQ(again.value["counts"]["ip"], 1);
    EXPECT_EQ(again.value["ignored"], (Json {{"values", {"10.0.0.1"}}, {"patterns", {"\\.8$"}}}));
    EXPECT_EQ(attune({"data", "scan", "hosts", "--forget-ignored"}).value["counts"]["ip"], 3);
    const auto stored = parseJson(*readFile(dir.path("workspace/datasets/hosts/v1/scan.json")));
    ASSERT_TRUE(stored);
    EXPECT_EQ((*stored)["counts"]["ip"], 3);
}

TEST_F(DataCommands, ScanSaysWhatIsWrong)
{
    const auto imported = attune({"data", "import", sums(), "--name", "sums"});
    ASSERT_EQ(imported.code, 0);

    EXPECT_EQ(attune({"data", "scan", "sums", "--kinds", "emial"}).code, 2);
    EXPECT_EQ(attune({"data", "scan", "sums", "--columns", "anwser"}).error["hint"], "Did you mean \"answer\"?");
    EXPECT_EQ(attune({"data", "scan", "sums", "--ignore-pattern", "("}).code, 2);
    EXPECT_EQ(attune({"data", "scan", "sums", "--kinds", "name"}).code, 2);
    EXPECT_EQ(attune({"data", "scan", "nosuch"}).code, 4);
    EXPECT_EQ(attune({"data", "scan", "sums"}).value["findings"], Json::array());
}

}
