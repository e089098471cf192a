// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command_line.h"

#include "base/file.h"
#include "base/hash.h"

#include <gmock/gmock.h>

namespace attune::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class DataExport : public CommandLine
{
protected:
    Answer json(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "--json");
        return attune(std::move(arguments));
    }
    Json info() const { return parseJson(*readFile(folder.path("dataset_info.json"))).value_or(Json()); }
};

const std::string kChats = "{\"messages\":[{\"role\":\"user\",\"content\":\" Mail bob@example.org\"},{\"role\":\"assistant\",\"content\":\"ok\"}]}\n"
                           "{\"messages\":[{\"role\":\"user\",\"content\":\"two\"},{\"role\":\"assistant\",\"content\":\"ok\"}]}\n{broken\n";

}

TEST_F(DataExport, WritesACardWithLineageHashesAndSteps)
{
    const auto source = folder.write("private-place.jsonl", kChats);
    const auto steps = folder.write("steps.yaml", "steps:\n- {type: redact_pii}\n");
    ASSERT_EQ(json({"data", "import", source, "--name", "chats"}).code, 0);
    ASSERT_EQ(json({"data", "clean", "chats", "--steps", steps}).code, 0);
    ASSERT_EQ(json({"data", "scan", "chats"}).code, 0);

    const auto answer = json({"data", "export", "chats", "--to", folder.path("chats.jsonl"), "--style", "messages", "--card"});

    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(answer.json()["card"], folder.path("chats.jsonl.md"));
    const std::string card = *readFile(folder.path("chats.jsonl.md"));
    EXPECT_THAT(card, AllOf(HasSubstr("pretty_name: \"chats@2\""), HasSubstr("| SHA-256 | " + *sha256OfFile(folder.path("chats.jsonl")) + " |"), HasSubstr("| rows | 2 |"), HasSubstr("| chats@1 |"),
                          HasSubstr("| chats@2 |"), HasSubstr(hash128(kChats).hex()), HasSubstr("1 rows of the sources were broken"), HasSubstr("{\"type\":\"redact_pii\"}"), HasSubstr("| messages | list | messages |"),
                          HasSubstr("nothing found"), HasSubstr("private-place.jsonl")));
    EXPECT_THAT(card, Not(HasSubstr(folder.path()))) << "a card tells nothing about the machine";
}

TEST_F(DataExport, SaysInTheCardWhatAScanFound)
{
    ASSERT_EQ(json({"data", "import", folder.write("a.jsonl", kChats), "--name", "chats"}).code, 0);
    ASSERT_EQ(json({"data", "export", "chats", "--to", folder.path("1.jsonl"), "--card"}).code, 0);
    ASSERT_EQ(json({"data", "scan", "chats"}).code, 0);
    ASSERT_EQ(json({"data", "export", "chats", "--to", folder.path("2.jsonl"), "--card"}).code, 0);

    EXPECT_THAT(*readFile(folder.path("1.jsonl.md")), HasSubstr("was not scanned"));
    EXPECT_THAT(*readFile(folder.path("2.jsonl.md")), HasSubstr("1 email, in 1 of 2 rows"));
}

TEST_F(DataExport, AddsToDatasetInfo)
{
    ASSERT_EQ(json({"data", "import", folder.write("a.jsonl", kChats), "--name", "chats"}).code, 0);
    ASSERT_EQ(json({"data", "import", folder.write("b.jsonl", "{\"instruction\":\"a\",\"input\":\"b\",\"output\":\"c\",\"system\":\"s\"}\n"), "--name", "tasks"}).code, 0);
    ASSERT_EQ(json({"data", "import", folder.write("c.jsonl", "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n"), "--name", "pairs"}).code, 0);
    folder.write("dataset_info.json", "{\"other\":{\"file_name\":\"x.json\"}}");

    for (const auto& [name, style, file] : {std::tuple {"chats", "messages", "m.jsonl"}, {"chats", "sharegpt", "s.json"}, {"tasks", "alpaca", "t.jsonl"}, {"tasks", "columns", "u.csv"}, {"pairs", "preference", "p.jsonl"}, {"chats", "columns", "c.jsonl"}}) {
        const auto answer = json({"data", "export", name, "--to", folder.path(file), "--style", style, "--dataset-info"});
        ASSERT_EQ(answer.code, 0) << file << answer.err;
        EXPECT_EQ(answer.json()["dataset_info"], folder.path("dataset_info.json"));
    }

    const Json openAi {{"role_tag", "role"}, {"content_tag", "content"}, {"user_tag", "user"}, {"assistant_tag", "assistant"}, {"system_tag", "system"}};
    EXPECT_EQ(info()["other"]["file_name"], "x.json");
    EXPECT_EQ(info()["m"], (Json {{"file_name", "m.jsonl"}, {"formatting", "sharegpt"}, {"columns", {{"messages", "messages"}}}, {"tags", openAi}}));
    EXPECT_EQ(info()["s"]["tags"]["user_tag"], "human");
    EXPECT_EQ(info()["t"]["columns"], (Json {{"prompt", "instruction"}, {"query", "input"}, {"response", "output"}, {"system", "system"}}));
    EXPECT_EQ(info()["u"]["columns"], info()["t"]["columns"]);
    EXPECT_EQ(info()["p"], (Json {{"file_name", "p.jsonl"}, {"ranking", true}, {"columns", {{"prompt", "prompt"}, {"chosen", "chosen"}, {"rejected", "rejected"}}}}));
    EXPECT_EQ(info()["c"]["tags"], openAi);
}

TEST_F(DataExport, KeepsADatasetInfoThatIsNone)
{
    ASSERT_EQ(json({"data", "import", folder.write("a.jsonl", kChats), "--name", "chats"}).code, 0);
    folder.write("dataset_info.json", "[1]");

    EXPECT_EQ(json({"data", "export", "chats", "--to", folder.path("m.jsonl"), "--dataset-info"}).code, 4);
    EXPECT_EQ(*readFile(folder.path("dataset_info.json")), "[1]");
    EXPECT_EQ(json({"data", "export", "chats", "--to", folder.path("m.jsonl.gz"), "--dataset-info"}).code, 4);
}

}
