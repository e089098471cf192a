// SPDX-License-Identifier: GPL-3.0-or-later
// Whole runs of the real program on a tiny model (tests/golden/training): start, watch, stop, kill, resume.
#include "base/file.h"
#include "formats/safetensors.h"
#include "support/paths.h"
#include "support/process.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace attune {
namespace {

const std::string kGolden = tests::sourceDir() + "/tests/golden/training";

struct Outcome {
    int code = 0;
    std::vector<Json> lines;
    std::string out, err;
    const Json& last(const std::string& event) const
    {
        for (auto it = lines.rbegin(); it != lines.rend(); ++it)
            if (it->value("event", "") == event)
                return *it;
        static const Json none;
        return none;
    }
    std::vector<Json> all(const std::string& event) const
    {
        std::vector<Json> found;
        for (const auto& line : lines)
            if (line.value("event", "") == event)
                found.push_back(line);
        return found;
    }
};

struct TrainingRun : testing::Test {
    tests::TempDir folder;

    void SetUp() override
    {
        if (!fs::exists(tests::binaryDir() + "/lib/libattune_engine.so"))
            GTEST_SKIP() << "this build has no engine";
    }
    std::vector<std::string> command(std::vector<std::string> arguments, const std::string& format)
    {
        arguments.insert(arguments.begin(), {tests::binaryDir() + "/bin/attune", "--workspace", folder.path("ws"), format});
        return arguments;
    }
    /// Runs to the end; onEvent sees each JSON line as it comes.
    Outcome run(const std::vector<std::string>& arguments, const std::string& format = "--jsonl",
        const std::function<void(tests::Process&, const Json&)>& onEvent = {})
    {
        static int count = 0;
        const std::string errors = folder.path("stderr-" + std::to_string(++count));
        tests::Process process(command(arguments, format), errors);
        Outcome outcome;
        for (std::string line; process.readLine(line);) {
            outcome.out += line + "\n";
            auto json = parseJson(line);
            if (!json)
                continue;
            outcome.lines.push_back(*json);
            if (onEvent)
                onEvent(process, outcome.lines.back());
        }
        outcome.code = process.wait();
        outcome.err = readFile(errors).value_or("");
        return outcome;
    }
    Json answer(const std::vector<std::string>& arguments)
    {
        const auto outcome = run(arguments, "--json");
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return outcome.lines.empty() ? Json() : outcome.lines.back();
    }
    std::string recipe(const Json& changes = Json::object())
    {
        Json json {{"attune_recipe", 1}, {"name", "tiny"}, {"seed", 3}, {"model", {{"base", kGolden + "/model"}, {"dtype", "float32"}}},
            {"data", {{"train", kGolden + "/rows.jsonl"}, {"template", "none"}, {"eval_fraction", 0.1}, {"max_length", 64}}},
            {"method", {{"type", "lora"}, {"r", 4}, {"lora_dropout", 0.1}}},
            {"training", {{"max_steps", 24}, {"batch_size", 2}, {"gradient_accumulation_steps", 2}, {"learning_rate", 5e-3}}},
            {"eval", {{"every_steps", 10}}}, {"checkpoints", {{"every_steps", 5}}}, {"runtime", {{"device", "cpu"}, {"threads", 1}}}};
        json.merge_patch(changes);
        return folder.write("recipe-" + std::to_string(++m_recipes) + ".json", json.dump());
    }
    /// Steps enough to outlive the test.
    std::string endless() { return recipe({{"training", {{"max_steps", 10000000}}}, {"checkpoints", {{"every_steps", 1000}}}, {"eval", {{"every_steps", 1000000}}}}); }

    int m_recipes = 0;
};

std::vector<double> flatten(const std::string& path)
{
    const auto file = formats::SafetensorsFile::open(path);
    std::vector<double> values;
    if (!file)
        return values;
    for (const auto& tensor : file->tensors()) {
        std::vector<float> floats(tensor.bytes.size() / sizeof(float));
        std::memcpy(floats.data(), tensor.bytes.data(), tensor.bytes.size());
        values.insert(values.end(), floats.begin(), floats.end());
    }
    return values;
}

}

TEST_F(TrainingRun, FollowsTorchAndPeftStepByStep)
{
    const auto expected = readJsonFile(kGolden + "/expected.json");
    ASSERT_TRUE(expected);
    const auto path = recipe({{"data", {{"eval_fraction", 0.0}, {"packing", false}, {"max_length", 256}}},
        {"method", {{"lora_alpha", 8}, {"lora_dropout", 0.0}}},
        {"training", {{"max_steps", 12}, {"batch_size", 4}, {"gradient_accumulation_steps", 1}, {"learning_rate", 2e-3}, {"lr_scheduler", "constant"},
            {"warmup_ratio", 0.0}, {"shuffle", false}}}});

    const auto outcome = run({"run", "start", path, "--init-adapter", kGolden + "/adapter"});

    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const auto steps = outcome.all("step");
    ASSERT_EQ(steps.size(), 12u);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const double loss = (*expected)["losses"][i], norm = (*expected)["grad_norms"][i];
        EXPECT_NEAR(steps[i]["loss"].get<double>(), loss, 1e-3 * loss) << "step " << i + 1;
        EXPECT_NEAR(steps[i]["grad_norm"].get<double>(), norm, 1e-2 * norm) << "step " << i + 1;
    }
    const auto before = flatten(kGolden + "/adapter/adapter_model.safetensors"), after = flatten(kGolden + "/after.safetensors");
    const auto mine = flatten(outcome.last("finished")["adapter"].get<std::string>() + "/adapter_model.safetensors");
    ASSERT_EQ(mine.size(), after.size());
    double dot = 0, a = 0, b = 0;
    for (std::size_t i = 0; i < mine.size(); ++i) {
        const double x = mine[i] - before[i], y = after[i] - before[i];
        dot += x * y, a += x * x, b += y * y;
    }
    EXPECT_GE(dot / std::sqrt(a * b), 0.999);
}

TEST_F(TrainingRun, TellsItsEventsAndKeepsItsHistory)
{
    const auto outcome = run({"run", "start", recipe({{"eval", {{"sample_prompts", {"red green"}}}}}), "--name", "first"});

    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.lines.front()["event"], "started");
    EXPECT_EQ(outcome.lines.front()["run"], "first-1");
    EXPECT_EQ(outcome.lines.front()["steps_total"], 24);
    EXPECT_EQ(outcome.lines.back()["event"], "finished");
    EXPECT_EQ(outcome.lines.back()["status"], "completed");
    EXPECT_EQ(outcome.all("eval").size(), 3u);  // 10, 20, and the end
    EXPECT_EQ(outcome.all("sample").size(), 3u);
    EXPECT_LT(outcome.last("step")["loss"].get<double>(), outcome.all("step").front()["loss"].get<double>());
    const auto shown = answer({"run", "show", "first-1"});
    EXPECT_EQ(shown["status"], "completed");
    EXPECT_EQ(shown["steps_done"], 24);
    EXPECT_EQ(shown["tokens"], outcome.lines.back()["tokens"]);
    EXPECT_EQ(shown["eval_loss"], outcome.lines.back()["eval_loss"]);
    const auto metrics = answer({"run", "metrics", "first"});
    std::multiset<std::int64_t> steps;
    for (const auto& row : metrics)
        if (row["name"] == "loss" && row["split"] == "train")
            steps.insert(row["step"].get<std::int64_t>());
    EXPECT_EQ(steps.size(), 24u);
    EXPECT_EQ(std::set<std::int64_t>(steps.begin(), steps.end()).size(), 24u);
    const std::string runFolder = shown["folder"];
    for (const char* file : {"recipe.yaml", "log.txt", "samples.jsonl", "train.tokens", "checkpoints/step-000024/state.json",
             "checkpoints/step-000024/optimizer.safetensors", "checkpoints/step-000024/adapter/adapter_config.json"})
        EXPECT_TRUE(fs::exists(runFolder + "/" + file)) << file;
}

TEST_F(TrainingRun, ResumesAKilledRunToTheSameBits)
{
    const auto whole = run({"run", "start", recipe(), "--name", "whole"});
    ASSERT_EQ(whole.code, 0) << whole.err;
    const auto killed = run({"run", "start", recipe(), "--name", "killed"}, "--jsonl", [](tests::Process& process, const Json& event) {
        if (event.value("event", "") == "step" && event["step"] == 13)
            process.signal(SIGKILL);
    });
    ASSERT_EQ(killed.code, -SIGKILL);
    EXPECT_EQ(answer({"run", "show", "killed"})["status"], "interrupted");

    const auto resumed = run({"run", "resume", "killed-1"});

    ASSERT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(resumed.lines.front()["event"], "started");
    EXPECT_EQ(resumed.lines.back()["status"], "completed");
    EXPECT_LT(resumed.all("step").size(), 24u);
    const auto bytes = [](const Outcome& o) { return readFile(o.last("finished")["adapter"].get<std::string>() + "/adapter_model.safetensors").value_or(""); };
    ASSERT_FALSE(bytes(whole).empty());
    EXPECT_EQ(bytes(whole), bytes(resumed));
    EXPECT_EQ(whole.last("finished")["tokens"], resumed.last("finished")["tokens"]);
    std::vector<std::int64_t> steps;
    for (const auto& row : answer({"run", "metrics", "killed"}))
        if (row["name"] == "loss" && row["split"] == "train")
            steps.push_back(row["step"].get<std::int64_t>());
    ASSERT_EQ(steps.size(), 24u);
    for (std::size_t i = 0; i < steps.size(); ++i)
        EXPECT_EQ(steps[i], static_cast<std::int64_t>(i) + 1);
}

TEST_F(TrainingRun, EndsWith130AtCtrlCAndKeepsACheckpoint)
{
    const auto stopped = run({"run", "start", endless()}, "--jsonl", [](tests::Process& process, const Json& event) {
        if (event.value("event", "") == "step" && event["step"] == 3)
            process.signal(SIGINT);
    });

    EXPECT_EQ(stopped.code, 130) << stopped.err;
    EXPECT_EQ(stopped.last("finished")["status"], "stopped");
    EXPECT_EQ(stopped.last("checkpoint")["step"], stopped.last("finished")["steps_done"]);
    EXPECT_EQ(answer({"run", "show", "tiny"})["status"], "stopped");
}

TEST_F(TrainingRun, IsPausedWokenAndStoppedByAnotherProcess)
{
    bool wasSteered = false;
    const auto owner = run({"run", "start", endless()}, "--jsonl", [&](tests::Process&, const Json& event) {
        if (wasSteered || event.value("event", "") != "step")
            return;
        wasSteered = true;
        EXPECT_EQ(run({"run", "resume", "tiny"}).code, 9);
        EXPECT_EQ(answer({"run", "pause", "tiny"})["status"], "paused");
        EXPECT_EQ(answer({"run", "resume", "tiny"})["status"], "running");
        EXPECT_EQ(answer({"run", "stop", "tiny"})["status"], "stopped");
    });

    EXPECT_TRUE(wasSteered);
    EXPECT_EQ(owner.code, 0) << owner.err;
    EXPECT_EQ(owner.last("finished")["status"], "stopped");
}

TEST_F(TrainingRun, RefusesRowsWithoutATokenToTrainOn)
{
    std::string rows;
    for (int i = 0; i < 30; ++i)
        rows += Json {{"prompt", std::string(200, 'a')}, {"completion", "b"}}.dump() + "\n";
    const auto outcome = run({"run", "start", recipe({{"data", {{"train", folder.write("cut.jsonl", rows)}}}})});

    EXPECT_EQ(outcome.code, 4);
    EXPECT_TRUE(outcome.out.empty()) << outcome.out;
    EXPECT_NE(outcome.err.find("E-425"), std::string::npos) << outcome.err;
}

TEST_F(TrainingRun, RefusesAKeyThatDoesNotExist)
{
    const auto outcome = run({"run", "start", recipe(), "--set", "method.rr=4"});

    EXPECT_EQ(outcome.code, 3);
    EXPECT_NE(outcome.err.find("method.r"), std::string::npos) << outcome.err;
}

TEST_F(TrainingRun, StopsWithExit7WhenTheLossIsNoNumber)
{
    // A model whose last weights are near the largest float: its logits overflow.
    fs::copy(kGolden + "/model", folder.path("broken"));
    const std::string weights = folder.path("broken/model.safetensors");
    std::string bytes = readFile(weights).value_or("");
    const float huge = 3e38f;
    for (std::size_t i = 1; i <= 32; ++i)
        std::memcpy(bytes.data() + bytes.size() - i * sizeof huge, &huge, sizeof huge);
    ASSERT_TRUE(writeFileAtomically(weights, bytes));

    const auto outcome = run({"run", "start", recipe({{"model", {{"base", folder.path("broken")}}}})});

    EXPECT_EQ(outcome.code, 7) << outcome.err;
    EXPECT_EQ(outcome.last("alert")["level"], "critical");
    EXPECT_EQ(answer({"run", "show", "tiny"})["status"], "failed");
}

TEST_F(TrainingRun, MeasuresAModelAndItsRun)
{
    ASSERT_EQ(run({"run", "start", recipe()}).code, 0);
    const std::vector<std::string> flags {"--data", kGolden + "/rows.jsonl", "--metrics", "loss,perplexity", "--template", "none"};
    const auto evaluate = [&](const std::string& model) {
        std::vector<std::string> arguments {"eval", "-m", model};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        return answer(arguments);
    };

    const auto base = evaluate(kGolden + "/model"), tuned = evaluate("tiny-1");

    EXPECT_EQ(base["rows"], 64);
    EXPECT_LT(tuned["metrics"]["loss"].get<double>(), base["metrics"]["loss"].get<double>());
    EXPECT_NEAR(tuned["metrics"]["perplexity"].get<double>(), std::exp(tuned["metrics"]["loss"].get<double>()), 1e-3);
}

}
