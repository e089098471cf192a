// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/model_scan.h"

#include "base/file.h"
#include "base/hash.h"
#include "pipeline/model_details.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::pipeline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ModelScan : public testing::Test
{
protected:
    ModelPlaces places() const { return {dir.path("hub"), dir.path("ollama"), {dir.path("lmstudio")}}; }
    std::vector<FoundModel> found() const { return findModels(places(), {}); }
    std::string put(const std::string& name, const std::string& text) const
    {
        fs::create_directories(fs::path(dir.path(name)).parent_path());
        return dir.write(name, text);
    }
    void hub(const std::string& name, const std::string& file, const std::string& text) const
    {
        put("hub/" + name + "/refs/main", "abc123\n");
        put("hub/" + name + "/snapshots/abc123/" + file, text);
    }

    tests::TempDir dir;
};

}

TEST_F(ModelScan, FindsNothingWhereNothingIs)
{
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(ModelScan, ReadsTheCacheOfHuggingFace)
{
    hub("models--Qwen--Qwen2.5-0.5B", "config.json", "{}");
    hub("models--Qwen--Qwen2.5-0.5B", "model.safetensors", "12345678");
    hub("models--bert-base-uncased", "tokenizer.json", "{}");
    put("hub/models--gone--old/refs/main", "nowhere");
    const auto models = found();
    ASSERT_EQ(models.size(), 1u) << "a tokenizer alone is no model";
    EXPECT_EQ(models[0].name, "Qwen/Qwen2.5-0.5B");
    EXPECT_EQ(models[0].path, dir.path("hub/models--Qwen--Qwen2.5-0.5B/snapshots/abc123"));
    EXPECT_EQ(models[0].source, "Hugging Face cache");
    EXPECT_EQ(models[0].bytes, 8u);
    EXPECT_EQ(models[0].problem, "");
}

TEST_F(ModelScan, SaysWhatADownloadLacks)
{
    hub("models--a--half", "config.json", "{}");
    hub("models--a--half", "model-00001-of-00002.safetensors", "x");
    hub("models--a--half", "model.safetensors.index.json", R"({"weight_map": {"x": "model-00001-of-00002.safetensors", "y": "model-00002-of-00002.safetensors"}})");
    hub("models--b--pickle", "config.json", "{}");
    hub("models--b--pickle", "pytorch_model.bin", "x");
    const auto models = found();
    ASSERT_EQ(models.size(), 2u);
    EXPECT_THAT(models[0].problem, HasSubstr("1 weight files are missing"));
    EXPECT_THAT(models[1].problem, HasSubstr("safetensors"));
}

TEST_F(ModelScan, ReadsLmStudiosFolders)
{
    put("lmstudio/bartowski/gemma-2-9b-GGUF/gemma-2-9b.Q4_K_M.gguf", "GGUF");
    put("lmstudio/bartowski/gemma-2-9b-GGUF/mmproj-gemma.gguf", "GGUF");
    put("lmstudio/big/big-00001-of-00002.gguf", "GGUF");
    put("lmstudio/big/big-00002-of-00002.gguf", "GGUF");
    const auto models = found();
    ASSERT_EQ(models.size(), 2u) << "projectors and later parts are no models";
    EXPECT_EQ(models[0].name, "bartowski/gemma-2-9b-GGUF/gemma-2-9b.Q4_K_M.gguf");
    EXPECT_EQ(models[0].source, "LM Studio");
}

TEST_F(ModelScan, ReadsOllamasManifests)
{
    const std::string manifest = R"({"layers": [{"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:ff"},
        {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:abcd", "size": 8}]})";
    put("ollama/manifests/registry.ollama.ai/library/llama3.2/1b", manifest);
    put("ollama/manifests/registry.ollama.ai/someone/tuned/latest", R"({"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:gone"}]})");
    put("ollama/manifests/registry.ollama.ai/library/evil/latest", R"({"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../../etc/passwd"}]})");
    put("ollama/manifests/registry.ollama.ai/library/broken/latest", "{no json");
    put("ollama/blobs/sha256-abcd", "GGUFrest");
    const auto models = found();
    ASSERT_EQ(models.size(), 2u);
    EXPECT_EQ(models[0].name, "llama3.2:1b");
    EXPECT_EQ(models[0].path, dir.path("ollama/blobs/sha256-abcd"));
    EXPECT_EQ(models[0].problem, "");
    EXPECT_EQ(models[1].name, "someone/tuned:latest");
    EXPECT_THAT(models[1].problem, HasSubstr("missing"));
}

TEST_F(ModelScan, VerifiesFilesAgainstWhatWasKept)
{
    auto store = store::Store::open(dir.path("workspace"));
    ASSERT_TRUE(store);
    put("model/config.json", "{}");
    put("model/model.safetensors", "weights");
    ASSERT_TRUE((*store)->putModel({.name = "mine", .path = dir.path("model"), .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));

    auto files = verifyModel(**store, "mine", {});
    ASSERT_TRUE(files);
    ASSERT_EQ(files->size(), 2u);
    EXPECT_EQ((*files)[1].sha256, sha256("weights"));
    EXPECT_EQ((*files)[1].problem, "");

    put("model/model.safetensors", "weighty");
    files = verifyModel(**store, "mine", {});
    ASSERT_TRUE(files);
    EXPECT_EQ((*files)[0].problem, "");
    EXPECT_THAT((*files)[1].problem, HasSubstr("changed"));
    files = verifyModel(**store, "mine", {});
    ASSERT_TRUE(files);
    EXPECT_THAT((*files)[1].problem, HasSubstr("changed")) << "what is wrong stays wrong until it is added anew";
    EXPECT_FALSE(verifyModel(**store, "other", {}));
}

TEST_F(ModelScan, ComparesWithTheChecksumInABlobsName)
{
    auto store = store::Store::open(dir.path("workspace"));
    ASSERT_TRUE(store);
    const std::string good = put("ollama/blobs/sha256-" + sha256("GGUFgood"), "GGUFgood");
    const std::string bad = put("ollama/blobs/sha256-" + sha256("GGUFother"), "GGUFbad");
    ASSERT_TRUE((*store)->putModel({.name = "good", .path = good, .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));
    ASSERT_TRUE((*store)->putModel({.name = "bad", .path = bad, .sha256 = {}, .created = store::nowUtc(), .info = Json::object()}));
    EXPECT_EQ(verifyModel(**store, "good", {})->front().problem, "");
    EXPECT_THAT(verifyModel(**store, "bad", {})->front().problem, HasSubstr("damaged"));
}

TEST_F(ModelScan, KnowsTheStarterModel)
{
    if (!fs::exists(tests::starterModel()))
        GTEST_SKIP() << "the starter model is not there";
    auto store = store::Store::open(dir.path("workspace"));
    ASSERT_TRUE(store);
    store::ModelRow row {.name = "starter", .path = tests::starterModel(), .created = store::nowUtc(), .info = Json::object()};
    const auto details = modelDetails(**store, row, {});
    ASSERT_TRUE(details);
    EXPECT_THAT(details->templateText, HasSubstr("<|im_start|>user\nHow do I reset my password?"));
    ASSERT_EQ(details->files.size(), 1u);
    EXPECT_EQ(details->memory.size(), 15u) << "five contexts, three methods";
    EXPECT_GT(details->memory[2].bytes, details->memory[0].bytes) << "all weights need more than LoRA";
    const auto verdict = trainVerdict(**store, details->source);
    EXPECT_EQ(verdict.level, TrainVerdict::Level::Yes);
    EXPECT_THAT(verdict.text, HasSubstr("LoRA"));
}

}
