// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "exporter/export.h"
#include "exporter/hf_tokenizer.h"
#include "families/family.h"
#include "formats/safetensors.h"
#include "model/causal_lm.h"
#include "support/paths.h"

#include <torch/torch.h>

#include <gtest/gtest.h>

#include <filesystem>

namespace attune::tests {
namespace {

namespace fs = std::filesystem;

// What the exporter writes of the models in tests/golden/families (see make.py there).

std::string goldenFolder()
{
    return sourceDir() + "/tests/golden/families";
}

std::vector<std::string> cases()
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(goldenFolder())) {
        if (entry.is_directory())
            names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

class FamilyExport : public testing::TestWithParam<std::string>
{
protected:
    std::string folder() const { return goldenFolder() + "/" + GetParam(); }
    bool hasGguf() const { return fs::exists(folder() + "/model.gguf"); }
};

/// A LoRA adapter that changes what the model says, as a checkpoint holds it.
std::string checkpointOf(const TempDir& temporary, const families::ModelSource& base)
{
    auto model = model::loadModel(base, {}, JobContext {});
    EXPECT_TRUE(model) << model.error().message;
    EXPECT_TRUE(model::addAdapter(**model, "lora", Json {{"r", 2}, {"lora_alpha", 4.0}, {"target_modules", "all-linear"}}, 3));
    torch::manual_seed(4);
    for (auto* parameter : (*model)->parameters())
        parameter->value.copy_(0.2 * torch::randn(parameter->value.sizes()));
    const auto path = temporary.path("checkpoints/step-000003");
    fs::create_directories(path);
    EXPECT_TRUE((*model)->save(path + "/adapter", base.path));
    return path;
}

/// llama.cpp rounds what goes into a product with bfloat16 weights; so an adapter's base allows more than float32 does.
void expectVerified(const std::string& target, const families::ModelSource& base, double largestKl)
{
    const TempDir temporary;
    pipeline::ExportRequest request;
    request.base = base;
    request.checkpoint = checkpointOf(temporary, base);
    request.run = "test-1";
    request.target = target;
    request.type = "f32";
    request.out = temporary.path("out");

    const auto report = exporter::exportRun(request, JobContext {});

    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->verified);
    EXPECT_LT(report->verification.meanKl, largestKl);
}

/// The exporter compares what it wrote with what llama.cpp computes, and fails where they differ.
TEST_P(FamilyExport, MergesIntoAGgufThatLlamaComputesAlike)
{
    if (!hasGguf())
        GTEST_SKIP() << "llama.cpp does not have this variant";
    expectVerified("gguf", families::openModel(folder() + "/model.gguf").value(), 1e-5);
}

TEST_P(FamilyExport, WritesAGgufAdapterForAGguf)
{
    if (!hasGguf())
        GTEST_SKIP() << "llama.cpp does not have this variant";
    expectVerified("gguf-lora", families::openModel(folder() + "/model.gguf").value(), 5e-4);
}

/// The adapter is tried on a GGUF of the base that is made for it from the folder: names, rows and metadata.
TEST_P(FamilyExport, WritesAGgufAdapterForAFolder)
{
    if (!hasGguf())
        GTEST_SKIP() << "llama.cpp does not have this variant";
    expectVerified("gguf-lora", families::openModel(folder()).value(), 5e-4);
}

/// A folder of the case's settings with random weights and the starter model's tokenizer.
families::ModelSource withTokenizer(const std::string& caseFolder, const std::string& folder)
{
    const auto vocabulary = families::openModel(starterModel()).value();
    auto config = readJsonFile(caseFolder + "/config.json").value();
    config["vocab_size"] = vocabulary.spec.vocabSize;
    fs::create_directories(folder);
    EXPECT_TRUE(writeFileAtomically(folder + "/config.json", config.dump()));
    EXPECT_TRUE(exporter::writeHfTokenizer(vocabulary, folder, {}));
    const auto* family = families::findByConfig(config);
    const auto spec = family->fromConfig(config).value();
    torch::manual_seed(8);
    std::vector<at::Tensor> held;
    std::vector<formats::TensorToWrite> tensors;
    for (const auto& slot : family->tensors(spec)) {
        if (slot.isOptional)
            continue;
        const auto shape = slot.isTransposed ? std::vector(slot.shape.rbegin(), slot.shape.rend()) : slot.shape;
        const bool isNorm = slot.role == families::Role::Norm && slot.name.ends_with(".weight");
        const auto scale = slot.shape.size() == 1 ? 0.2 : slot.role == families::Role::Embedding ? 0.7 : 1.2 / std::sqrt(static_cast<double>(slot.shape[1]));
        held.push_back((torch::randn(shape) * scale + (isNorm && !spec.normAddsOne ? 1.0 : 0.0)).contiguous());
        tensors.push_back({slot.name, formats::DType::F32, shape, [value = held.back()]() -> Result<std::span<const std::uint8_t>> {
            return std::span(static_cast<const std::uint8_t*>(value.const_data_ptr()), value.nbytes());
        }});
    }
    EXPECT_TRUE(formats::writeSafetensors(folder + "/model.safetensors", std::move(tensors)));
    return families::openModel(folder).value();
}

/// Metadata from the spec, tokenizer metadata from tokenizer.json.
TEST_P(FamilyExport, MergesAFolderIntoAGguf)
{
    if (!hasGguf())
        GTEST_SKIP() << "llama.cpp does not have this variant";
    const TempDir temporary;
    expectVerified("gguf", withTokenizer(folder(), temporary.path("base")), 1e-5);
}

TEST_P(FamilyExport, MergesIntoAFolder)
{
    expectVerified("merged", families::openModel(folder()).value(), 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Cases, FamilyExport, testing::ValuesIn(cases()), [](const auto& info) { return info.param; });

}
}
