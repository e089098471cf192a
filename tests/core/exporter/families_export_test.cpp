// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/export.h"
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

TEST_P(FamilyExport, MergesIntoAFolder)
{
    expectVerified("merged", families::openModel(folder()).value(), 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Cases, FamilyExport, testing::ValuesIn(cases()), [](const auto& info) { return info.param; });

}
}
