// SPDX-License-Identifier: GPL-3.0-or-later
#include "command_line.h"

#include "pipeline/recipe.h"
#include "store/store.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

namespace attune::cli {
namespace {

using testing::HasSubstr;

class RunCommands : public CommandLine
{
protected:
    /// A finished run with a recipe and two steps.
    std::string addRun(const std::string& name, int rank, double lastLoss)
    {
        auto store = store::Store::open(folder.path("workspace"));
        store::RunRow row;
        row.name = name;
        EXPECT_TRUE((*store)->createRun(row));
        pipeline::Recipe recipe;
        EXPECT_TRUE(recipe.set("method.r", rank));
        folder.write("workspace/runs/" + row.id + "/recipe.yaml", recipe.toYaml());
        row.recipe = row.folder + "/recipe.yaml";
        row.status = store::RunStatus::Completed;
        row.trainLoss = lastLoss;
        EXPECT_TRUE((*store)->updateRun(row));
        EXPECT_TRUE((*store)->appendMetrics(row.id, {{0, 1, 0.5, "train", "loss", 2.5, 100, 1.5}, {0, 2, 1.0, "train", "loss", lastLoss, 200, 3.0},
            {0, 2, 1.0, "eval", "loss", lastLoss + 1, 200, 3.5}}));
        return row.id;
    }
};

TEST_F(RunCommands, ListIsEmptyInAFreshWorkspace)
{
    const auto answer = attune({"run", "list", "--json"});

    EXPECT_EQ(answer.code, 0);
    EXPECT_EQ(answer.json(), Json::array());
}

TEST_F(RunCommands, ShowHasTheFieldsOfTheContract)
{
    addRun("bot", 8, 1.5);

    const auto answer = attune({"run", "show", "bot", "--json"});

    ASSERT_EQ(answer.code, 0) << answer.err;
    const Json run = answer.json();
    for (const char* field : {"id", "name", "status", "recipe", "model", "method", "dataset", "steps_done", "steps_total", "tokens", "train_loss", "eval_loss",
             "best_step", "tokens_per_second", "peak_memory_bytes", "estimate_bytes", "started", "seconds", "folder", "error"})
        EXPECT_TRUE(run.contains(field)) << field;
    EXPECT_EQ(run["status"], "completed");
    EXPECT_EQ(run["train_loss"], 1.5);
    EXPECT_EQ(attune({"run", "list", "--json"}).json().size(), 1u);
}

TEST_F(RunCommands, MetricsComeInThreeFormats)
{
    addRun("bot", 8, std::nan(""));

    const auto csv = attune({"run", "metrics", "bot-1", "--format", "csv"});
    const auto lines = attune({"run", "metrics", "bot-1", "--format", "jsonl"});
    const auto json = attune({"run", "metrics", "bot-1", "--json"});

    EXPECT_THAT(csv.out, HasSubstr("step,epoch,split,name,value,tokens,seconds\n1,0.5,train,loss,2.5,100,1.5\n2,1,train,loss,nan,200,3\n"));
    EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 3);
    ASSERT_EQ(json.json().size(), 3u);
    EXPECT_EQ(json.json()[0]["value"], 2.5);
    EXPECT_TRUE(json.json()[1]["value"].is_null());
}

TEST_F(RunCommands, ComparePutsDifferencesSideBySide)
{
    addRun("bot", 8, 1.5);
    addRun("bot", 32, 1.25);

    const auto all = attune({"run", "compare", "bot-1", "bot-2", "--json"}).json();
    const auto differences = attune({"run", "compare", "bot-1", "bot-2", "--differences-only", "--json"}).json();

    EXPECT_GT(all["config"].size(), 30u);
    ASSERT_EQ(differences["config"].size(), 1u);
    EXPECT_EQ(differences["config"][0], (Json {{"key", "method.r"}, {"values", {8, 32}}}));
    EXPECT_EQ(differences["metrics"][0], (Json {{"name", "train_loss"}, {"values", {1.5, 1.25}}}));
    EXPECT_EQ(all["curves"].size(), 4u);
    EXPECT_EQ(all["curves"][1]["steps"], (Json {1, 2}));
}

TEST_F(RunCommands, RemoveMovesTheFolderToTheTrash)
{
    addRun("bot", 8, 1.5);

    EXPECT_EQ(attune({"run", "rm", "bot-1"}).code, 0);

    EXPECT_EQ(attune({"run", "list", "--json"}).json().size(), 0u);
    EXPECT_TRUE(std::filesystem::exists(folder.path("workspace/.trash/bot-1/recipe.yaml")));
}

TEST_F(RunCommands, RefuseARunThatIsTraining)
{
    const auto id = addRun("bot", 8, 1.5);
    auto lock = store::RunLock::acquire(folder.path("workspace/runs/" + id));

    EXPECT_EQ(attune({"run", "rm", id, "--json"}).code, 9);
}

TEST_F(RunCommands, NameTheRunThatIsNotThere)
{
    addRun("bot", 8, 1.5);
    for (const char* verb : {"show", "rm", "metrics"}) {
        const auto answer = attune({"run", verb, "bto-1", "--json"});
        EXPECT_EQ(answer.code, 4);
        EXPECT_EQ(answer.out, "");
        EXPECT_EQ(answer.error()["code"], "E-430");
        EXPECT_THAT(answer.error()["message"].get<std::string>(), HasSubstr("bto-1"));
        EXPECT_THAT(answer.error()["hint"].get<std::string>(), HasSubstr("bot-1"));
    }
}

TEST_F(RunCommands, DoctorReportsADamagedDatabaseAndStillSucceeds)
{
    folder.write("workspace/attune.sqlite", std::string(8192, 'x'));

    const auto answer = attune({"doctor", "--json"});

    EXPECT_EQ(answer.code, 0);
    const Json checks = answer.json()["checks"];
    const auto database = std::find_if(checks.begin(), checks.end(), [](const Json& c) { return c["name"] == "database"; });
    ASSERT_NE(database, checks.end());
    EXPECT_EQ((*database)["status"], "fail");
    EXPECT_THAT((*database)["fix"].get<std::string>(), HasSubstr("Move"));
}

}
}
