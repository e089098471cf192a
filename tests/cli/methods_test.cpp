// SPDX-License-Identifier: GPL-3.0-or-later
// Every method through the real program on a tiny model: train, measure, generate, export.
#include "base/file.h"
#include "methods/method.h"
#include "support/paths.h"
#include "support/process.h"

#include <gtest/gtest.h>

namespace attune {
namespace {

const std::string kTraining = tests::sourceDir() + "/tests/golden/training";

struct MethodRun : testing::TestWithParam<std::string> {
    tests::TempDir folder;
    std::string base;

    void SetUp() override
    {
        if (!fs::exists(tests::binaryDir() + "/lib/libattune_engine.so"))
            GTEST_SKIP() << "this build has no engine";
        // A model with biases and a head of its own, and the tokenizer of the other tiny model.
        base = folder.path("base");
        fs::copy(tests::sourceDir() + "/tests/golden/methods/biased", base);
        for (const char* name : {"tokenizer.json", "tokenizer_config.json"})
            fs::copy(kTraining + "/model/" + name, base + "/" + name);
    }

    struct Answer {
        int code = 0;
        Json json;
        std::string err;
    };
    Answer run(std::vector<std::string> arguments, const std::string& format = "--json")
    {
        arguments.insert(arguments.begin(), {tests::binaryDir() + "/bin/attune", "--workspace", folder.path("ws"), format});
        const std::string errors = folder.path("stderr");
        tests::Process process(arguments, errors);
        Answer answer;
        for (std::string line; process.readLine(line);)
            if (auto json = parseJson(line))
                answer.json = *json;
        answer.code = process.wait();
        answer.err = readFile(errors).value_or("");
        return answer;
    }

    std::string recipe(const Json& changes)
    {
        Json json {{"attune_recipe", 1}, {"name", "one"}, {"seed", 3}, {"model", {{"base", base}, {"dtype", "float32"}}},
            {"data", {{"train", kTraining + "/rows.jsonl"}, {"template", "none"}, {"eval_fraction", 0.1}, {"max_length", 64}}},
            {"training", {{"max_steps", 6}, {"batch_size", 2}, {"learning_rate", 1e-2}, {"lr_scheduler", "constant"}, {"warmup_ratio", 0.0}}},
            {"runtime", {{"device", "cpu"}, {"threads", 1}}}};
        json.merge_patch(changes);
        return folder.write("recipe.json", json.dump());
    }
    /// What differs from the defaults so that the method fits a model of width 16.
    static Json optionsFor(const std::string& id)
    {
        Json options {{"type", id}};
        if (id == "lora" || id == "dora" || id == "vera")
            options["r"] = 4;
        if (id == "prompt" || id == "prefix" || id == "p_tuning")
            options["num_virtual_tokens"] = 4;
        if (id == "bottleneck")
            options["reduction_factor"] = 4;
        if (id == "freeze")
            options["train_layers"] = 1;
        return options;
    }
    double loss(const std::string& model)
    {
        const auto answer = run({"eval", "-m", model, "--data", kTraining + "/rows.jsonl", "--metrics", "loss", "--template", "none", "--dtype", "float32", "--max-length", "64"});
        EXPECT_EQ(answer.code, 0) << answer.err;
        return answer.json["metrics"]["loss"].get<double>();
    }
};

}

TEST_P(MethodRun, TrainsMeasuresGeneratesAndExports)
{
    const std::string id = GetParam();
    // A random prefix first makes the model worse: it takes more steps to pay.
    const auto path = recipe({{"method", optionsFor(id)}, {"training", {{"max_steps", id == "prefix" ? 60 : 6}}}});
    const auto checked = run({"recipe", "check", path});
    ASSERT_EQ(checked.code, 0) << checked.err;
    const auto trained = run({"run", "start", path}, "--jsonl");
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_EQ(trained.json["event"], "finished");
    const std::string adapter = trained.json["adapter"];

    const double before = loss(base), after = loss("one-1");
    EXPECT_LT(after, before) << id;
    const bool savesModel = methods::findById(id)->savesModel;
    const std::string model = savesModel ? adapter : base;
    std::vector<std::string> generate {"generate", "-m", model, "--prompt", "red green ->", "--raw", "--max-tokens", "5", "--temperature", "0"};
    if (!savesModel)
        generate.insert(generate.end(), {"--adapter", adapter});
    const auto answer = run(generate);
    EXPECT_EQ(answer.code, 0) << answer.err;
    EXPECT_TRUE(answer.json.contains("text"));

    const auto peft = run({"export", "peft", "one-1", "--out", folder.path("peft"), "--no-verify"});
    EXPECT_EQ(peft.code == 0, !savesModel) << peft.err;
    const bool canMerge = checked.json["can_become"].get<std::string>().find("merged model") != std::string::npos || savesModel;
    const auto merged = run({"export", "merged", "one-1", "--out", folder.path("merged"), "--type", "f32"});
    EXPECT_EQ(merged.code == 0, canMerge) << merged.err;
    if (canMerge)
        EXPECT_NEAR(loss(folder.path("merged")), after, 1e-3);
    else
        EXPECT_NE(merged.err.find("cannot be merged"), std::string::npos) << merged.err;
    const auto gguf = run({"export", "gguf-lora", "one-1", "--out", folder.path("adapter.gguf"), "--no-verify"});
    EXPECT_EQ(gguf.code == 0, id == "lora") << gguf.err;
}

INSTANTIATE_TEST_SUITE_P(All, MethodRun, testing::ValuesIn([] {
    std::vector<std::string> ids;
    for (const auto* method : methods::all())
        if (method->isAvailable)
            ids.push_back(method->id);
    return ids;
}()), [](const auto& parameter) { return parameter.param; });

struct QuantisedRun : MethodRun {};

TEST_P(QuantisedRun, TrainsAnAdapter)
{
    const auto trained = run({"run", "start", recipe({{"method", optionsFor("lora")}, {"model", {{"quantization", GetParam()}}}})}, "--jsonl");
    ASSERT_EQ(trained.code, 0) << trained.err;

    EXPECT_LT(loss("one-1"), loss(base));
    EXPECT_EQ(run({"recipe", "check", recipe({{"method", optionsFor("full")}, {"model", {{"quantization", GetParam()}}}})}).code, 3);
    EXPECT_EQ(run({"recipe", "check", recipe({{"method", optionsFor("lora")}, {"model", {{"quantization", "keep"}}}})}).code, 3);  // no GGUF file
}

INSTANTIATE_TEST_SUITE_P(All, QuantisedRun, testing::Values("nf4", "int8"), [](const auto& parameter) { return parameter.param; });

using MethodCheck = MethodRun;

TEST_F(MethodCheck, RefusesWhatTheModelCannotBeTrainedWith)
{
    const auto tiny = [&](const Json& method) { return run({"recipe", "check", recipe({{"model", {{"base", kTraining + "/model"}}}, {"method", method}})}); };

    const auto bitfit = tiny({{"type", "bitfit"}});
    EXPECT_EQ(bitfit.code, 3);
    EXPECT_NE(bitfit.err.find("biases"), std::string::npos) << bitfit.err;
    EXPECT_EQ(tiny({{"type", "freeze"}, {"train_layers", 40}}).code, 3);
    EXPECT_EQ(tiny({{"type", "prompt"}, {"init", "text"}}).code, 3);
    EXPECT_EQ(tiny({{"type", "lora"}, {"modules_to_save", {"lm_head"}}}).code, 3);  // shares the embedding's weight
    EXPECT_EQ(tiny({{"type", "lora"}, {"target_modules", {"no_such_layer"}}}).code, 3);
}

}
