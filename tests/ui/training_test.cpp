// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that train on a thread of the window; they need the engine and the starter model.
#include "pages/run_actions.h"
#include "pipeline/checkpoints.h"
#include "pipeline/dataset_jobs.h"
#include "pipeline/engine.h"
#include "ui/window.h"

#include <gmock/gmock.h>

namespace attune::pages {
namespace {

using testing::AnyOf;
using testing::Eq;
using tests::waitFor;

class Training : public tests::WindowTest
{
protected:
    pipeline::Recipe recipe(const std::string& name, int steps)
    {
        std::string rows;
        for (int i = 0; i < 60; ++i)
            rows += "{\"prompt\": \"What is " + std::to_string(i) + " and one?\", \"completion\": \"It is " + std::to_string(i + 1) + ".\"}\n";
        const auto file = dir.write(name + ".jsonl", rows);
        auto made = pipeline::Recipe::parse("name: " + name + "\nmodel:\n  base: " + tests::starterModel() + "\ndata:\n  train: " + file
                + "\n  max_length: 64\ntraining:\n  batch_size: 2\n  max_steps: " + std::to_string(steps) + "\n", dir.path());
        EXPECT_TRUE(made);
        return *made;
    }
    std::optional<store::RunRow> find(const std::string& name)
    {
        const auto all = history->runs();
        for (const auto& run : *all)
            if (run.name == name)
                return run;
        return std::nullopt;
    }
    static bool hasEngine() { return static_cast<bool>(pipeline::openEngine()) && fs::exists(tests::starterModel()); }
};

}

TEST_F(Training, EndsWithACheckpointWhenTheProgramIsAskedToEnd)
{
    if (!hasEngine())
        GTEST_SKIP() << "the engine is not built";
    startRunHere(window->context(), recipe("long-one", 100000), window.get());
    ASSERT_TRUE(waitFor([this] { const auto run = find("long-one"); return run && run->stepsDone >= 2; }, 120000));
    EXPECT_TRUE(waitFor([this] { return window->windowTitle().contains(QStringLiteral("long-one")); })) << "its page is opened";

    window->finish();  // what SIGTERM does

    const auto run = find("long-one");
    ASSERT_TRUE(run);
    EXPECT_THAT(run->status, AnyOf(Eq(store::RunStatus::Stopped), Eq(store::RunStatus::Interrupted)));
    const auto checkpoints = pipeline::checkpointsOf(run->folder);
    ASSERT_FALSE(checkpoints.empty());
    EXPECT_EQ(checkpoints.back().step, run->stepsDone);
}

TEST_F(Training, LetsASecondRunWaitForTheFirst)
{
    if (!hasEngine())
        GTEST_SKIP() << "the engine is not built";
    startRunHere(window->context(), recipe("first-one", 100000), window.get());
    ASSERT_TRUE(waitFor([this] { const auto run = find("first-one"); return run && run->stepsDone >= 1; }, 120000));
    startRunHere(window->context(), recipe("second-one", 3), window.get());
    EXPECT_EQ(window->context().jobs.waiting(), 1);
    EXPECT_FALSE(find("second-one"));
    EXPECT_TRUE(says(QStringLiteral("waits until")));

    window->open(shell::PageId::Activity);
    EXPECT_TRUE(says(QStringLiteral("waits for its turn")));
    ASSERT_TRUE(history->postCommand(find("first-one")->id, store::RunCommand::Stop));

    EXPECT_TRUE(waitFor([this] { const auto run = find("second-one"); return run && run->status == store::RunStatus::Completed; }, 120000));
    EXPECT_EQ(find("first-one")->status, store::RunStatus::Stopped);
}

}
