// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/export.h"

#include "base/file.h"
#include "exporter/gguf_vocabulary.h"
#include "exporter/hf_tokenizer.h"
#include "exporter/target.h"
#include "exporter/verify.h"
#include "families/adapter.h"
#include "families/weights.h"
#include "support/paths.h"
#include "tokenizer/tokenizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace attune;

namespace {

std::string golden(const std::string& name)
{
    return tests::sourceDir() + "/tests/golden/formats/" + name;
}

/// A checkpoint folder with this adapter.
std::string checkpoint(const tests::TempDir& folder, const std::string& adapter)
{
    const std::string path = folder.path("checkpoints/step-000003");
    fs::create_directories(path);
    fs::copy(adapter, path + "/adapter");
    return path;
}

pipeline::ExportRequest request(const std::string& target, const families::ModelSource& base, const std::string& checkpoint, const std::string& out, const std::string& type)
{
    pipeline::ExportRequest result;
    result.target = target;
    result.base = base;
    result.checkpoint = checkpoint;
    result.out = out;
    result.type = type;
    result.run = "test-1";
    return result;
}

families::ModelSource tiny()
{
    return families::openModel(golden("tiny_llama")).value();
}

families::ModelSource starter()
{
    return families::openModel(tests::starterModel()).value();
}

/// A LoRA adapter on some layers of the starter model, large enough to change what it says.
std::string starterAdapter(const tests::TempDir& folder)
{
    const auto base = starter();
    formats::PeftAdapter adapter(Json {{"peft_type", "LORA"}, {"task_type", "CAUSAL_LM"}, {"base_model_name_or_path", base.path}, {"r", 4}, {"lora_alpha", 8}, {"lora_dropout", 0.0},
        {"target_modules", {"q_proj", "k_proj", "down_proj"}}, {"bias", "none"}, {"fan_in_fan_out", false}, {"inference_mode", true}, {"init_lora_weights", true}, {"modules_to_save", nullptr}});
    std::mt19937 random(7);
    std::normal_distribution<float> normal(0, 0.03f);
    for (const auto& slot : base.family->tensors(base.spec)) {
        const bool isWanted = slot.role == families::Role::AttnQuery || slot.role == families::Role::AttnKey || slot.role == families::Role::MlpDown;
        if (!isWanted || slot.layer % 5 != 0)
            continue;
        const std::string module = slot.name.substr(0, slot.name.rfind('.'));
        std::vector<float> a(static_cast<std::size_t>(4 * slot.shape[1])), b(static_cast<std::size_t>(4 * slot.shape[0]));
        for (auto* list : {&a, &b})
            for (float& value : *list)
                value = normal(random);
        adapter.add(module, "lora_A", {4, slot.shape[1]}, std::move(a));
        adapter.add(module, "lora_B", {slot.shape[0], 4}, std::move(b));
    }
    EXPECT_TRUE(adapter.write(folder.path("adapter")));
    return folder.path("adapter");
}

}

TEST(Export, WritesAMergedFolderThatEqualsTheRun)
{
    tests::TempDir folder;

    const auto report = exporter::exportRun(request("merged", tiny(), checkpoint(folder, golden("tiny_lora")), folder.path("merged"), "f32"), {});

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->verified);
    EXPECT_LT(report->verification.meanKl, 1e-9);
    EXPECT_EQ(report->parity.word, "close");
    EXPECT_TRUE(families::openModel(folder.path("merged")));
    EXPECT_EQ(report->sha256.size(), 64u);
    EXPECT_FALSE(fs::exists(folder.path("merged.unverified")));
}

TEST(Export, WritesAPeftFolderWithTheSameTensors)
{
    tests::TempDir folder;

    const auto report = exporter::exportRun(request("peft", tiny(), checkpoint(folder, golden("tiny_lora")), folder.path("peft"), "f32"), {});

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->verified);
    EXPECT_EQ(readFile(folder.path("peft/adapter_model.safetensors")).value(), readFile(golden("tiny_lora/adapter_model.safetensors")).value());
}

TEST(Export, WritesAGgufAdapterForAHuggingFaceBase)
{
    tests::TempDir folder;

    const auto report = exporter::exportRun(request("gguf-lora", tiny(), checkpoint(folder, golden("tiny_lora")), folder.path("a.gguf"), "f32"), {});

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->verified);
    EXPECT_LT(report->verification.meanKl, 1e-4) << "llama.cpp, with llama3 rope factors and interleaved rows, says the same";
    EXPECT_FALSE(fs::exists(folder.path("a.gguf.unverified.base")));
}

TEST(Export, WritesAGgufAdapterForTheStarterModel)
{
    tests::TempDir folder;

    const auto report = exporter::exportRun(request("gguf-lora", starter(), checkpoint(folder, starterAdapter(folder)), folder.path("a.gguf"), "f16"), {});

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->verified);
    EXPECT_LE(report->verification.meanKl, exporter::kMaxMeanKl);
    EXPECT_EQ(report->parity.word, "close");
}

TEST(Export, MeasuresTheDistanceToTheRunAsItsBaseWasHeld)
{
    tests::TempDir folder;
    const auto at = checkpoint(folder, starterAdapter(folder));
    const auto distance = [&](const char* target, const char* dtype, const char* quantization) {
        auto wanted = request(target, starter(), at, folder.path(target), "f32");
        EXPECT_TRUE(wanted.recipe.set("model.dtype", dtype));
        EXPECT_TRUE(wanted.recipe.set("model.quantization", quantization));
        EXPECT_TRUE(wanted.recipe.set("runtime.device", "cpu"));
        const auto report = exporter::exportRun(wanted, {});
        EXPECT_TRUE(report) << report.error().message;
        return report ? report->parity.meanKl : 0.0;
    };

    const double bfloat16 = distance("gguf-lora", "bfloat16", "none");
    EXPECT_LT(distance("gguf-lora", "float32", "none"), 1e-9);
    EXPECT_LT(distance("gguf-lora", "auto", "keep"), 1e-9) << "the file's own blocks, in float32";
    EXPECT_GT(bfloat16, 1e-6);
    EXPECT_GT(distance("peft", "bfloat16", "nf4"), bfloat16) << "verified all the same: what was written is what was trained";
}

TEST(Export, WritesAQuantisedGgufOfTheStarterModel)
{
    tests::TempDir folder;

    const auto report = exporter::exportRun(request("gguf", starter(), checkpoint(folder, starterAdapter(folder)), folder.path("m.gguf"), "q8_0"), {});

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->verified);
    EXPECT_GT(report->parity.meanKl, 0.0);
    const auto file = formats::GgufFile::open(folder.path("m.gguf"));
    ASSERT_TRUE(file);
    EXPECT_EQ(file->mainType(), "Q8_0");
    EXPECT_EQ(file->text("tokenizer.ggml.pre"), "smollm");
    EXPECT_TRUE(file->find("tokenizer.chat_template"));
}

TEST(Export, WritesAnOllamaFolder)
{
    tests::TempDir folder;

    const auto report = exporter::exportRun(request("ollama", starter(), checkpoint(folder, starterAdapter(folder)), folder.path("ollama"), "auto"), {});

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->verified);
    const auto modelfile = readFile(folder.path("ollama/Modelfile")).value();
    EXPECT_TRUE(modelfile.starts_with("FROM ./base.gguf\nADAPTER ./adapter.gguf\n")) << modelfile;
    EXPECT_NE(modelfile.find("PARAMETER stop \"<|im_end|>\""), std::string::npos) << modelfile;
}

TEST(Export, RefusesWhatItDoesNotKnow)
{
    tests::TempDir folder;
    const auto at = checkpoint(folder, golden("tiny_lora"));

    EXPECT_EQ(exporter::exportRun(request("zip", tiny(), at, folder.path("x"), "f16"), {}).error().code, ErrorCode::Usage);
    EXPECT_EQ(exporter::exportRun(request("gguf-lora", tiny(), at, folder.path("x"), "q4_0"), {}).error().code, ErrorCode::Usage);
    EXPECT_EQ(exporter::exportRun(request("merged", tiny(), folder.path("none"), folder.path("x"), "f16"), {}).error().code, ErrorCode::CheckpointMissing);
    EXPECT_FALSE(fs::exists(folder.path("x")));
}

TEST(Export, LeavesNothingWhenCancelled)
{
    tests::TempDir folder;
    std::stop_source stop;
    stop.request_stop();

    const auto report = exporter::exportRun(request("gguf", starter(), checkpoint(folder, starterAdapter(folder)), folder.path("m.gguf"), "f16"), {.stop = stop.get_token(), .onProgress = {}});

    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::Cancelled);
    EXPECT_FALSE(fs::exists(folder.path("m.gguf")));
    EXPECT_FALSE(fs::exists(folder.path("m.gguf.unverified")));
}

TEST(Distance, FollowsTheDefinition)
{
    exporter::Distance distance;
    const std::vector<float> p {std::log(0.5f), std::log(0.25f), std::log(0.25f)}, q {std::log(0.25f), std::log(0.5f), std::log(0.25f)};

    distance.add(p, q);

    EXPECT_NEAR(distance.result().meanKl, 0.5 * std::log(2.0) - 0.25 * std::log(2.0), 1e-6);
    EXPECT_EQ(distance.result().top1Agreement, 0.0);
    EXPECT_NEAR(distance.result().maxAbsDiff, std::log(2.0), 1e-6);
    EXPECT_FALSE(distance.isWithinLimits());
}

TEST(Distance, CountsOnlyTokensWithALead)
{
    exporter::Distance distance;

    distance.add(std::vector<float> {1.0f, 0.95f}, std::vector<float> {0.95f, 1.0f});

    EXPECT_EQ(distance.result().top1Agreement, 1.0) << "a lead of 0.05 logits decides nothing";
    EXPECT_TRUE(distance.isWithinLimits());
}

TEST(HfTokenizer, CutsTextAsTheGgufItCameFrom)
{
    tests::TempDir folder;
    const auto base = starter();

    ASSERT_TRUE(exporter::writeHfTokenizer(base, folder.path(), std::nullopt));
    const auto copy = tokenizer::loadTokenizer(folder.path());
    const auto original = tokenizer::loadTokenizer(base.path);

    ASSERT_TRUE(copy) << copy.error().message;
    for (const char* text : {"Hello, world! 12345", "<|im_start|>user\nZoë — 日本語 🙂<|im_end|>\n", "def f(x):\n    return x", ""})
        EXPECT_EQ((*copy)->encode(text), (*original)->encode(text)) << text;
}

TEST(GgufVocabulary, ComesBackFromTheFolderItWasWrittenTo)
{
    tests::TempDir folder;
    const auto base = starter();
    ASSERT_TRUE(exporter::writeHfTokenizer(base, folder.path(), std::nullopt));
    formats::GgufWriter writer;

    ASSERT_TRUE(exporter::addVocabulary(writer, folder.path(), base.spec.vocabSize));
    ASSERT_TRUE(writer.write(folder.path("v.gguf")));

    const auto own = formats::GgufFile::open(folder.path("v.gguf")), original = formats::GgufFile::open(base.path);
    ASSERT_TRUE(own && original);
    EXPECT_EQ(own->text("tokenizer.ggml.pre"), original->text("tokenizer.ggml.pre"));
    for (const char* key : {"tokenizer.ggml.tokens", "tokenizer.ggml.merges"})
        EXPECT_EQ(own->texts(key), original->texts(key)) << key;
    for (const char* key : {"tokenizer.ggml.token_type", "tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id", "tokenizer.ggml.add_bos_token"})
        EXPECT_EQ(own->integers(key), original->integers(key)) << key;
}
