// SPDX-License-Identifier: GPL-3.0-or-later
// Objectives from the command line to a measured model, with the real program on the tiny model of tests/golden/training.
#include "base/file.h"
#include "formats/safetensors.h"
#include "support/paths.h"
#include "support/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune {
namespace {

using testing::HasSubstr;

const std::string kModel = tests::sourceDir() + "/tests/golden/training/model";

struct Outcome {
    int code = 0;
    std::string out, err;
    std::vector<Json> lines;
};

struct Objectives : testing::Test {
    tests::TempDir folder;

    void SetUp() override
    {
        if (!fs::exists(tests::binaryDir() + "/lib/libattune_engine.so"))
            GTEST_SKIP() << "this build has no engine";
    }
    Outcome run(std::vector<std::string> arguments, const std::string& format = "--json")
    {
        arguments.insert(arguments.begin(), {tests::binaryDir() + "/bin/attune", "--workspace", folder.path("ws"), format});
        const std::string errors = folder.path("stderr-" + std::to_string(++m_runs));
        tests::Process process(arguments, errors);
        Outcome outcome;
        for (std::string line; process.readLine(line);) {
            outcome.out += line + "\n";
            if (auto json = parseJson(line))
                outcome.lines.push_back(*json);
        }
        outcome.code = process.wait();
        outcome.err = readFile(errors).value_or("");
        return outcome;
    }
    std::string rows(const std::string& name, const std::vector<Json>& rows)
    {
        std::string text;
        for (const auto& row : rows)
            text += row.dump() + "\n";
        return folder.write(name, text);
    }
    /// Texts whose first letter is their class.
    std::string labelled()
    {
        std::vector<Json> list;
        for (int i = 0; i < 60; ++i)
            list.push_back({{"text", std::string(i % 2 ? "red " : "blue ") + std::string(static_cast<std::size_t>(i % 5), 'x')}, {"label", i % 2 ? "warm" : "cold"}});
        return rows("labelled.jsonl", list);
    }
    std::string pairs(bool isWhole = true)
    {
        std::vector<Json> list;
        for (int i = 0; i < 24; ++i)
            list.push_back({{"prompt", "say " + std::to_string(i)}, {"chosen", " yes"}, {"rejected", !isWhole && i == 7 ? "" : " no no"}});
        return rows(isWhole ? "pairs.jsonl" : "broken.jsonl", list);
    }
    std::string recipe(const std::string& data, const Json& changes)
    {
        Json json {{"attune_recipe", 1}, {"name", "tiny"}, {"model", {{"base", kModel}, {"dtype", "float32"}}},
            {"data", {{"train", data}, {"template", "none"}, {"eval_fraction", 0.2}, {"max_length", 64}, {"packing", false}}},
            {"method", {{"type", "lora"}, {"r", 4}}}, {"training", {{"max_steps", 30}, {"batch_size", 8}, {"learning_rate", 1e-2}, {"warmup_ratio", 0.0}}},
            {"eval", {{"every_steps", 15}}}, {"runtime", {{"device", "cpu"}, {"threads", 1}}}};
        json.merge_patch(changes);
        return folder.write("recipe-" + std::to_string(++m_recipes) + ".json", json.dump());
    }
    static Json last(const Outcome& outcome, const std::string& event)
    {
        Json found;
        for (const auto& line : outcome.lines)
            if (line.is_object() && line.value("event", "") == event)
                found = line;
        return found;
    }

    int m_runs = 0, m_recipes = 0;
};

}

TEST_F(Objectives, ClassifyFromRecipeToMeasuredModel)
{
    const auto data = labelled();
    const auto trained = run({"run", "start", recipe(data, {{"objective", {{"type", "classification"}}}, {"eval", {{"metrics", {"accuracy", "f1", "loss"}}}}})}, "--jsonl");
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_GT(last(trained, "eval")["metrics"]["accuracy"].get<double>(), 0.9);
    const auto finished = last(trained, "finished");

    // What PEFT and HF need lies in the adapter's folder.
    const std::string adapter = finished["adapter"];
    const auto config = readJsonFile(adapter + "/adapter_config.json");
    ASSERT_TRUE(config);
    EXPECT_EQ((*config)["task_type"], "SEQ_CLS");
    const auto file = formats::SafetensorsFile::open(adapter + "/adapter_model.safetensors");
    ASSERT_TRUE(file);
    EXPECT_NE(file->find("base_model.model.score.weight"), nullptr);

    const auto measured = run({"eval", "-m", finished["run"], "--data", data, "--metrics", "accuracy,f1,mcc,loss"});
    ASSERT_EQ(measured.code, 0) << measured.err;
    EXPECT_GT(measured.lines.back()["metrics"]["accuracy"].get<double>(), 0.9);
    EXPECT_EQ(measured.lines.back()["confusion_matrix"].size(), 2u);
    EXPECT_EQ(measured.lines.back()["classes"][0]["label"], "cold");

    const auto written = run({"generate", "-m", finished["run"], "--prompt", "red"});
    EXPECT_NE(written.code, 0);
    EXPECT_THAT(written.err, HasSubstr("labels"));
}

TEST_F(Objectives, FullFineTuningOfAClassifierIsAModelThatHfKnows)
{
    const auto data = labelled();
    const auto trained = run({"run", "start", recipe(data, {{"objective", {{"type", "classification"}}}, {"method", {{"type", "full"}, {"r", nullptr}}},
        {"training", {{"learning_rate", 2e-3}}}, {"eval", {{"metrics", {"accuracy"}}}}})}, "--jsonl");
    ASSERT_EQ(trained.code, 0) << trained.err;

    const auto measured = run({"eval", "-m", last(trained, "finished")["run"], "--data", data, "--metrics", "accuracy"});

    ASSERT_EQ(measured.code, 0) << measured.err;
    EXPECT_GT(measured.lines.back()["metrics"]["accuracy"].get<double>(), 0.9);
}

TEST_F(Objectives, AClassifierIsExportedWithItsHead)
{
    const auto data = labelled();
    const auto trained = run({"run", "start", recipe(data, {{"objective", {{"type", "classification"}}}, {"eval", {{"metrics", {"accuracy"}}}}})}, "--jsonl");
    ASSERT_EQ(trained.code, 0) << trained.err;
    const std::string id = last(trained, "finished")["run"];

    const auto merged = run({"export", "merged", id, "--out", folder.path("merged"), "--type", "f32"}), adapter = run({"export", "peft", id, "--out", folder.path("adapter")});

    ASSERT_EQ(merged.code, 0) << merged.err;
    ASSERT_EQ(adapter.code, 0) << adapter.err;
    EXPECT_TRUE(merged.lines.back()["verified"].get<bool>());
    const auto config = readJsonFile(folder.path("merged/config.json"));
    ASSERT_TRUE(config);
    EXPECT_EQ((*config)["architectures"][0], "LlamaForSequenceClassification");
    EXPECT_EQ((*config)["id2label"]["1"], "warm");
    const auto measured = run({"eval", "-m", folder.path("merged"), "--data", data, "--metrics", "accuracy"});
    ASSERT_EQ(measured.code, 0) << measured.err;
    EXPECT_GT(measured.lines.back()["metrics"]["accuracy"].get<double>(), 0.9);

    const auto gguf = run({"export", "gguf", id, "--out", folder.path("model.gguf")});
    EXPECT_NE(gguf.code, 0);
    EXPECT_THAT(gguf.err, HasSubstr("labels"));
}

TEST_F(Objectives, TheHeadBesideABottleneckAdapterIsReadAgain)
{
    const auto data = labelled();
    const auto trained = run({"run", "start", recipe(data, {{"objective", {{"type", "classification"}}}, {"method", {{"type", "bottleneck"}, {"r", nullptr}}}, {"eval", {{"metrics", {"accuracy"}}}}})}, "--jsonl");
    ASSERT_EQ(trained.code, 0) << trained.err;

    const auto measured = run({"eval", "-m", last(trained, "finished")["run"], "--data", data, "--metrics", "accuracy"});

    ASSERT_EQ(measured.code, 0) << measured.err;
    EXPECT_GT(measured.lines.back()["metrics"]["accuracy"].get<double>(), 0.9);
}

TEST_F(Objectives, AnswersCalledTrueOrFalseAreFeedback)
{
    std::vector<Json> list;
    for (int i = 0; i < 24; ++i)
        list.push_back({{"prompt", "say " + std::to_string(i)}, {"completion", i % 2 ? " yes" : " no no"}, {"label", i % 2 == 1}});

    const auto trained = run({"run", "start", recipe(rows("feedback.jsonl", list), {{"objective", {{"type", "kto"}}}, {"training", {{"max_steps", 3}}}, {"eval", {{"metrics", {"loss"}}}}})}, "--jsonl");

    EXPECT_EQ(trained.code, 0) << trained.err;
}

TEST_F(Objectives, RegressionReportsItsNumbers)
{
    std::vector<Json> list;
    for (int i = 0; i < 40; ++i)
        list.push_back({{"text", std::to_string(i) + " " + "adgk"[i % 4]}, {"label", i % 4 * 0.5}});  // rows differ: equal ones would not be split
    const auto data = rows("numbers.jsonl", list);
    const auto trained = run({"run", "start", recipe(data, {{"objective", {{"type", "regression"}}}, {"eval", {{"metrics", {"mse", "pearson"}}}}})}, "--jsonl");

    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_GT(last(trained, "eval")["metrics"]["pearson"].get<double>(), 0.8);
}

TEST_F(Objectives, DpoRaisesTheMarginAndItIsInTheHistory)
{
    const auto trained = run({"run", "start", recipe(pairs(), {{"objective", {{"type", "dpo"}}}, {"eval", {{"metrics", {"reward_margin", "reward_accuracy"}}}}})}, "--jsonl");
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_GT(last(trained, "eval")["metrics"]["reward_margin"].get<double>(), 0.1);
    EXPECT_EQ(last(trained, "eval")["metrics"]["reward_accuracy"].get<double>(), 1.0);
    const std::string id = last(trained, "finished")["run"];

    const auto history = run({"run", "metrics", id});

    EXPECT_THAT(history.out, HasSubstr("reward_margin"));
}

TEST_F(Objectives, FullFineTuningPrefersToo)
{
    const auto trained = run({"run", "start", recipe(pairs(), {{"objective", {{"type", "dpo"}}}, {"method", {{"type", "full"}, {"r", nullptr}}},
        {"training", {{"learning_rate", 1e-3}, {"max_steps", 15}}}, {"eval", {{"metrics", {"reward_margin"}}}}})}, "--jsonl");

    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_GT(last(trained, "eval")["metrics"]["reward_margin"].get<double>(), 0.05);
}

TEST_F(Objectives, ContinuedPretrainingCutsBlocks)
{
    std::vector<Json> list;
    for (int i = 0; i < 40; ++i)
        list.push_back({{"text", "the quick brown fox number " + std::to_string(i)}});
    const auto trained = run({"run", "start", recipe(rows("texts.jsonl", list), {{"objective", {{"type", "pretrain"}}}, {"data", {{"max_length", 32}, {"eval_fraction", 0.0}}}})}, "--jsonl");

    ASSERT_EQ(trained.code, 0) << trained.err;
    for (const auto& line : trained.lines) {
        if (line.value("event", "") == "step") {
            EXPECT_LE(line["tokens"].get<int>(), 8 * 32);
        }
    }
    EXPECT_EQ(last(trained, "step")["step"], 30);
}

TEST_F(Objectives, ARowWithoutARejectedAnswerIsNamed)
{
    const auto checked = run({"recipe", "check", recipe(pairs(false), {{"objective", {{"type", "dpo"}}}})});

    ASSERT_EQ(checked.code, 0) << checked.err;
    EXPECT_THAT(checked.lines.back()["warnings"].dump(), testing::AllOf(HasSubstr("rejected"), HasSubstr("row 7")));
}

TEST_F(Objectives, WhatDoesNotFitTheDataIsRefusedBeforeAnythingLoads)
{
    struct Case { std::string objective, label, data; };
    for (const auto& [objective, label, data] : {Case {"dpo", "Preferences (DPO)", labelled()}, Case {"classification", "Classify", pairs()}, Case {"mlm", "Fill gaps", labelled()}}) {
        const auto checked = run({"recipe", "check", recipe(data, {{"objective", {{"type", objective}}}})});
        EXPECT_EQ(checked.code, 3) << objective << checked.out;
        EXPECT_THAT(checked.err, testing::AllOf(HasSubstr("objective.type"), HasSubstr(label)));
    }
}

TEST_F(Objectives, AnUnknownLabelIsNamedWithItsRow)
{
    const auto checked = run({"recipe", "check", recipe(labelled(), {{"objective", {{"type", "classification"}, {"labels", {"warm", "hot"}}}}})});

    EXPECT_EQ(checked.code, 4);
    EXPECT_THAT(checked.err, testing::AllOf(HasSubstr("Row 0"), HasSubstr("cold")));
}

TEST_F(Objectives, GeneratedAnswersAreMeasured)
{
    const auto measured = run({"eval", "-m", kModel, "--data", tests::sourceDir() + "/tests/golden/training/rows.jsonl", "--template", "none", "--limit", "4",
        "--max-new-tokens", "8", "--metrics", "loss,bleu,chrf,rouge,exact_match,accuracy"});

    ASSERT_EQ(measured.code, 0) << measured.err;
    const auto& metrics = measured.lines.back()["metrics"];
    for (const char* name : {"loss", "bleu", "chrf", "rouge", "rouge1", "rouge2", "rougeL", "rougeLsum", "exact_match", "accuracy"})
        EXPECT_TRUE(metrics.contains(name)) << name;
    EXPECT_EQ(measured.lines.back()["rows"], 4);
}

TEST_F(Objectives, AnUnknownMetricIsAUsageErrorWithTheNearest)
{
    const auto measured = run({"eval", "-m", kModel, "--data", tests::sourceDir() + "/tests/golden/training/rows.jsonl", "--metrics", "rogue"});

    EXPECT_EQ(measured.code, 2);
    EXPECT_THAT(measured.err, HasSubstr("rouge"));
}

}
