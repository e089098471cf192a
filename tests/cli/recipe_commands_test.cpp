// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command_line.h"

#include "base/file.h"

#include <gmock/gmock.h>

namespace attune::cli {
namespace {

using testing::HasSubstr;

const std::string kTraining = tests::sourceDir() + "/tests/golden/training";

class RecipeCommands : public CommandLine {};

}

TEST_F(RecipeCommands, ListPresetsByPurpose)
{
    const auto answer = attune({"--json", "recipe", "presets"});
    ASSERT_EQ(answer.code, 0);
    const Json list = answer.json();
    ASSERT_GT(list.size(), 30u);
    for (const auto& preset : list)
        for (const char* field : {"id", "name", "sentence", "method", "objective"})
            EXPECT_FALSE(preset.value(field, "").empty()) << field;
    const auto forModel = attune({"--json", "recipe", "presets", "--model", kTraining + "/model"});
    ASSERT_EQ(forModel.code, 0) << forModel.err;
    EXPECT_LT(forModel.json().size(), list.size()) << "an encoder's presets are not for a decoder";
}

TEST_F(RecipeCommands, StartFromAPreset)
{
    const auto answer = attune({"--json", "recipe", "new", "--preset", "prefer-dpo", "--model", "tiny", "--data", "pairs", "--set", "method.r=4"});
    ASSERT_EQ(answer.code, 0) << answer.err;
    const Json recipe = answer.json()["recipe"];
    EXPECT_EQ(recipe["objective"]["type"], "dpo");
    EXPECT_EQ(recipe["method"]["r"], 4);
    EXPECT_EQ(recipe["model"]["base"], "tiny");
    EXPECT_EQ(recipe["training"]["learning_rate"], 5e-6);
    const auto wrong = attune({"--json", "recipe", "new", "--preset", "prefer-dop"});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_THAT(wrong.error().value("hint", ""), HasSubstr("prefer-dpo"));
}

TEST_F(RecipeCommands, MeasureAStepAndForgetIt)
{
    if (!fs::exists(tests::binaryDir() + "/lib/libattune_engine.so"))
        GTEST_SKIP() << "this build has no engine";
    std::string rows;
    for (int i = 0; i < 40; ++i)
        rows += "{\"prompt\": \"say " + std::to_string(i) + "\", \"completion\": \"it is " + std::to_string(i) + "\"}\n";
    const std::string path = folder.write("recipe.yaml", "attune_recipe: 1\nmodel: {base: " + kTraining + "/model}\ndata: {train: " + folder.write("rows.jsonl", rows)
        + ", template: none, max_length: 64, packing: false}\ntraining: {batch_size: 4}\neval: {every_steps: 1}\n");
    const auto answer = attune({"--json", "recipe", "test", path});
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_GT(answer.json()["seconds_per_step"].get<double>(), 0);
    EXPECT_GT(answer.json()["peak_memory_bytes"].get<std::int64_t>(), 0);
    EXPECT_GT(answer.json()["tokens"].get<std::int64_t>(), 0);
    EXPECT_TRUE(attune({"--json", "run", "list"}).json().empty()) << "no run is left in the history";
    for (const auto& entry : fs::recursive_directory_iterator(folder.path("workspace")))
        EXPECT_EQ(entry.path().string().find("checkpoint"), std::string::npos) << "no checkpoint is left on the disk";
}

TEST_F(RecipeCommands, FindModelsOfOtherPrograms)
{
    const std::string home = folder.path("home");
    fs::create_directories(home + "/.lmstudio/models/someone/tiny");
    folder.write("home/.lmstudio/models/someone/tiny/tiny.gguf", "GGUF");
    const std::string before = std::getenv("HOME") ? std::getenv("HOME") : "";
    ::setenv("HOME", home.c_str(), 1);
    const auto answer = attune({"--json", "model", "find"});
    ::setenv("HOME", before.c_str(), 1);
    ASSERT_EQ(answer.code, 0);
    const Json list = answer.json();
    const auto found = std::find_if(list.begin(), list.end(), [](const Json& model) { return model["source"] == "LM Studio"; });
    ASSERT_NE(found, list.end());
    EXPECT_EQ((*found)["name"], "someone/tiny/tiny.gguf");
}

TEST_F(RecipeCommands, VerifyFilesByTheirChecksums)
{
    const std::string model = folder.path("model");
    fs::copy(kTraining + "/model", model, fs::copy_options::recursive);
    ASSERT_EQ(attune({"model", "add", model, "--name", "mine"}).code, 0);
    auto answer = attune({"--json", "model", "verify", "mine"});
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(answer.json()[0]["sha256"].get<std::string>().size(), 64u);
    folder.write("model/config.json", "{}");
    answer = attune({"--json", "model", "verify", "mine"});
    EXPECT_EQ(answer.code, 4);
    EXPECT_THAT(answer.error().value("message", ""), HasSubstr("config.json"));
    EXPECT_EQ(attune({"model", "verify", "other"}).code, 4);
}

}
