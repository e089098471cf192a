// SPDX-License-Identifier: GPL-3.0-or-later
// Two processes that train one model together, as torchrun starts them; all on this computer's loopback.
#include "base/file.h"
#include "base/json.h"
#include "support/paths.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <chrono>

namespace attune {
namespace {

const std::string kGolden = tests::sourceDir() + "/tests/golden/training";

/// A port that nobody listens on now.
int freePort()
{
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
}

struct TwoProcesses : testing::Test {
    tests::TempDir folder;
    int port = freePort();

    void SetUp() override
    {
        if (!fs::exists(tests::binaryDir() + "/lib/libattune_engine.so"))
            GTEST_SKIP() << "this build has no engine";
    }
    std::string recipe(const std::string& name, const Json& changes = Json::object())
    {
        Json json {{"attune_recipe", 1}, {"name", name}, {"seed", 3}, {"model", {{"base", kGolden + "/model"}, {"dtype", "float32"}}},
            {"data", {{"train", kGolden + "/rows.jsonl"}, {"template", "none"}, {"eval_fraction", 0.1}, {"max_length", 64}}},
            {"method", {{"type", "lora"}, {"r", 4}, {"lora_dropout", 0.0}}},
            {"training", {{"max_steps", 12}, {"batch_size", 4}, {"gradient_accumulation_steps", 2}, {"learning_rate", 5e-3}}},
            {"eval", {{"every_steps", 6}}}, {"checkpoints", {{"every_steps", 5}}}, {"runtime", {{"device", "cpu"}, {"threads", 1}}}};
        json.merge_patch(changes);
        return folder.write(name + ".json", json.dump());
    }
    std::vector<std::string> command(const std::vector<std::string>& arguments, int rank, int size)
    {
        std::vector<std::string> words {"/usr/bin/env", "RANK=" + std::to_string(rank), "WORLD_SIZE=" + std::to_string(size), "LOCAL_RANK=" + std::to_string(rank),
            "LOCAL_WORLD_SIZE=" + std::to_string(size), "MASTER_ADDR=127.0.0.1", "MASTER_PORT=" + std::to_string(port), "ATTUNE_RANK_TIMEOUT=60",
            tests::binaryDir() + "/bin/attune", "--workspace", folder.path("ws"), "--jsonl"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        return words;
    }
    std::string errors(int rank) { return readFile(folder.path("stderr-" + std::to_string(rank))).value_or(""); }

    struct Outcome {
        int code = 0;
        std::vector<double> losses, evaluations;
        Json finished;
        void take(const std::string& line)
        {
            const auto json = parseJson(line);
            if (!json)
                return;
            if (json->value("event", "") == "step")
                losses.push_back((*json)["loss"].get<double>());
            if (json->value("event", "") == "eval")
                evaluations.push_back((*json)["metrics"]["loss"].get<double>());
            if (json->value("event", "") == "finished")
                finished = *json;
        }
    };
    Outcome alone(const std::vector<std::string>& arguments)
    {
        tests::Process process(command(arguments, 0, 1), folder.path("stderr-alone"));
        Outcome outcome;
        for (std::string line; process.readLine(line);)
            outcome.take(line);
        outcome.code = process.wait();
        return outcome;
    }
    Outcome together(const std::vector<std::string>& arguments)
    {
        tests::Process second(command(arguments, 1, 2), folder.path("stderr-1"));
        tests::Process first(command(arguments, 0, 2), folder.path("stderr-0"));
        Outcome outcome;
        for (std::string line; first.readLine(line);)
            outcome.take(line);
        outcome.code = first.wait();
        std::string line;
        EXPECT_FALSE(second.readLine(line)) << "only the first process tells: " << line;
        EXPECT_EQ(second.wait(), outcome.code) << errors(1);
        return outcome;
    }
};

}

TEST_F(TwoProcesses, GiveTheLossesOfOne)
{
    const auto one = alone({"run", "start", recipe("one")});
    const auto two = together({"run", "start", recipe("two")});

    ASSERT_EQ(two.code, 0) << errors(0);
    ASSERT_EQ(one.losses.size(), 12u);
    ASSERT_EQ(two.losses.size(), 12u);
    for (std::size_t i = 0; i < one.losses.size(); ++i)
        EXPECT_NEAR(two.losses[i], one.losses[i], 1e-5 * one.losses[i]) << "step " << i + 1;
    ASSERT_EQ(two.evaluations.size(), one.evaluations.size());
    EXPECT_NEAR(two.evaluations.back(), one.evaluations.back(), 1e-5 * one.evaluations.back());
    EXPECT_EQ(two.finished["status"], "completed");
    EXPECT_EQ(two.finished["tokens"], one.finished["tokens"]);
    EXPECT_TRUE(fs::exists(two.finished["adapter"].get<std::string>() + "/adapter_model.safetensors"));
}

TEST_F(TwoProcesses, ShareOutOneMicroBatchOfRows)
{
    const Json small {{"training", {{"gradient_accumulation_steps", 1}, {"max_steps", 6}}}, {"data", {{"packing", false}}}};
    const auto one = alone({"run", "start", recipe("one", small)});
    const auto two = together({"run", "start", recipe("two", small)});

    ASSERT_EQ(two.code, 0) << errors(0);
    ASSERT_EQ(two.losses.size(), one.losses.size());
    for (std::size_t i = 0; i < one.losses.size(); ++i)
        EXPECT_NEAR(two.losses[i], one.losses[i], 1e-5 * one.losses[i]) << "step " << i + 1;
}

TEST_F(TwoProcesses, StopTogetherAndResumeTogether)
{
    const auto path = recipe("long", {{"training", {{"max_steps", 40}}}, {"checkpoints", {{"every_steps", 4}}}});
    const auto one = alone({"run", "start", recipe("one", {{"training", {{"max_steps", 40}}}})});
    std::string run;
    Outcome begun;
    {
        tests::Process second(command({"run", "start", path}, 1, 2), folder.path("stderr-1"));
        tests::Process first(command({"run", "start", path}, 0, 2), folder.path("stderr-0"));
        for (std::string line; first.readLine(line);) {
            begun.take(line);
            if (const auto json = parseJson(line); json && json->value("event", "") == "started")
                run = (*json)["run"].get<std::string>();
            if (begun.losses.size() == 10)
                second.signal(SIGTERM);  // whoever is told to stop stops all
        }
        EXPECT_EQ(first.wait(), 0) << errors(0);
        EXPECT_EQ(second.wait(), 0) << errors(1);
    }
    ASSERT_EQ(begun.finished["status"], "stopped");
    ASSERT_LT(begun.losses.size(), 40u);
    port = freePort();

    const auto rest = together({"run", "resume", run});

    ASSERT_EQ(rest.code, 0) << errors(0);
    ASSERT_EQ(begun.losses.size() + rest.losses.size(), 40u);
    for (std::size_t i = 0; i < rest.losses.size(); ++i)
        EXPECT_NEAR(rest.losses[i], one.losses[begun.losses.size() + i], 1e-4 * rest.losses[i]);
}

TEST_F(TwoProcesses, SayThatAnotherIsGone)
{
    const auto path = recipe("lost", {{"training", {{"max_steps", 1000000}}}, {"eval", {{"every_steps", 1000000}}}});
    tests::Process second(command({"run", "start", path}, 1, 2), folder.path("stderr-1"));
    tests::Process first(command({"run", "start", path}, 0, 2), folder.path("stderr-0"));
    int steps = 0;
    std::chrono::steady_clock::time_point killed;
    for (std::string line; first.readLine(line);) {
        if (line.find("\"event\":\"step\"") != std::string::npos && ++steps == 3) {
            second.signal(SIGKILL);
            killed = std::chrono::steady_clock::now();
        }
    }

    EXPECT_EQ(first.wait(), 6);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - killed).count(), 20);
    EXPECT_NE(errors(0).find("E-600"), std::string::npos) << errors(0);
    EXPECT_NE(errors(0).find("has ended"), std::string::npos) << errors(0);
}

TEST_F(TwoProcesses, DoNotWaitForeverForOneThatNeverCame)
{
    auto words = command({"run", "start", recipe("lonely")}, 0, 2);
    std::replace(words.begin(), words.end(), std::string("ATTUNE_RANK_TIMEOUT=60"), std::string("ATTUNE_RANK_TIMEOUT=2"));
    tests::Process first(words, folder.path("stderr-0"));
    for (std::string line; first.readLine(line);) { }

    EXPECT_EQ(first.wait(), 6);
    EXPECT_NE(errors(0).find("did not answer in time"), std::string::npos) << errors(0);
}

}
