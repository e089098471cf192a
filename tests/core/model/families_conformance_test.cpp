// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/family.h"
#include "formats/safetensors.h"
#include "model/network/network.h"
#include "support/paths.h"

#include <torch/torch.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace attune::tests {
namespace {

namespace fs = std::filesystem;

// Tiny random models and their logits, made by tests/golden/families/make.py with transformers and, for GGUF,
// llama.cpp's converter. Every folder there is a case.

constexpr double kLogitTolerance = 1e-4;

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

families::ModelSource opened(const std::string& path)
{
    auto source = families::openModel(path);
    EXPECT_TRUE(source) << source.error().message;
    EXPECT_TRUE(source->isTrainable) << source->reason;
    return *source;
}

std::unique_ptr<model::CausalLm> loaded(const std::string& path, model::LoadOptions options = {})
{
    auto model = model::loadModel(opened(path), options, JobContext {});
    EXPECT_TRUE(model) << model.error().message;
    return std::move(*model);
}

at::Tensor wanted(const std::string& name)
{
    const auto file = formats::SafetensorsFile::open(goldenFolder() + "/" + name + "/logits.safetensors");
    const auto* view = file->find("logits");
    auto tensor = torch::empty(view->shape);
    std::memcpy(tensor.data_ptr(), view->bytes.data(), view->bytes.size());
    return tensor;
}

std::vector<std::int32_t> ids()
{
    std::vector<std::int32_t> result;
    for (int i = 0; i < 30; ++i)
        result.push_back((7 * i * i + 3 * i + 5) % 48);
    return result;
}

double difference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

model::PackedBatch batchOf(std::initializer_list<std::pair<std::size_t, std::size_t>> rows)
{
    model::PackedBatch batch;
    const auto all = ids();
    for (const auto& [begin, end] : rows)
        batch.add({{all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end)}, std::vector<std::uint8_t>(end - begin, 1), 0});
    return batch;
}

class FamilyCase : public testing::TestWithParam<std::string>
{
protected:
    std::string folder() const { return goldenFolder() + "/" + GetParam(); }
};

TEST_P(FamilyCase, GivesTheLogitsOfTransformersFromItsFolder)
{
    EXPECT_LT(difference(loaded(folder())->logits(ids()), wanted(GetParam())), kLogitTolerance);
}

TEST_P(FamilyCase, GivesTheSameFromGguf)
{
    if (!fs::exists(folder() + "/model.gguf"))
        GTEST_SKIP() << "llama.cpp does not have this variant";

    EXPECT_LT(difference(loaded(folder() + "/model.gguf")->logits(ids()), wanted(GetParam())), kLogitTolerance);
}

TEST_P(FamilyCase, GivesTheSameOnTheGeneralNetwork)
{
    model::LoadOptions options;
    options.needsNetwork = true;

    EXPECT_LT(difference(loaded(folder(), options)->logits(ids()), wanted(GetParam())), kLogitTolerance);
}

TEST_P(FamilyCase, GeneratesAsItReads)
{
    const auto model = loaded(folder());
    const auto kind = model->spec().rope.kind;
    if (kind == families::RopeSpec::Kind::Dynamic || kind == families::RopeSpec::Kind::LongRope)
        GTEST_SKIP() << "earlier keys were rotated for a shorter row";
    const auto all = ids();
    const auto expected = model->logits(all);
    const auto cache = model->newCache(40);
    model->forward(std::span(all).first(17), *cache);

    for (std::size_t i = 17; i < all.size(); ++i)
        EXPECT_LT(difference(model->forward(std::span(all).subspan(i, 1), *cache), expected[static_cast<std::int64_t>(i)]), kLogitTolerance) << i;
}

TEST_P(FamilyCase, KeepsPackedRowsApart)
{
    const auto model = loaded(folder());
    const auto together = model->lossSum(batchOf({{0, 13}, {5, 8}, {3, 24}})).item<double>();

    const auto apart = model->lossSum(batchOf({{0, 13}})).item<double>() + model->lossSum(batchOf({{5, 8}})).item<double>() + model->lossSum(batchOf({{3, 24}})).item<double>();

    EXPECT_NEAR(together, apart, 1e-3);
}

TEST_P(FamilyCase, LearnsAlongItsGradient)
{
    const auto model = loaded(folder());
    ASSERT_TRUE(model::addAdapter(*model, "lora", Json {{"r", 2}, {"lora_alpha", 4.0}, {"target_modules", "all-linear"}}, 3));
    torch::manual_seed(4);
    double squares = 0;
    for (auto* parameter : model->parameters())
        parameter->value.copy_(0.1 * torch::randn(parameter->value.sizes()));
    model->parametersChanged();
    const auto batch = batchOf({{0, 13}, {3, 24}});
    model->accumulate(batch, 1.0);
    for (auto* parameter : model->parameters())
        squares += parameter->grad.square().sum().item<double>();
    ASSERT_GT(squares, 0);
    const double step = 2e-2 / squares;  // changes the loss by about 0.04
    const auto lossAt = [&](double distance) {
        for (auto* parameter : model->parameters())
            parameter->value.add_(parameter->grad, distance);
        model->parametersChanged();
        const double loss = model->lossSum(batch).item<double>();
        for (auto* parameter : model->parameters())
            parameter->value.sub_(parameter->grad, distance);
        return loss;
    };

    EXPECT_NEAR((lossAt(step) - lossAt(-step)) / (2 * step * squares), 1.0, 2e-2);
}

TEST_P(FamilyCase, IsTheSameAfterAFullModelWasSavedAndReadAgain)
{
    for (const std::string from : {folder(), folder() + "/model.gguf"}) {
        if (!fs::exists(from))
            continue;
        model::LoadOptions options;
        options.isForTraining = options.trainsBase = true;
        const auto model = loaded(from, options);
        ASSERT_TRUE(model::addAdapter(*model, "full", Json::object(), 1));
        const TempDir saved;
        const auto status = model->save(saved.path("model"), "base");
        ASSERT_TRUE(status) << status.error().message;

        EXPECT_LT(difference(loaded(saved.path("model"))->logits(ids()), wanted(GetParam())), kLogitTolerance) << from;
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, FamilyCase, testing::ValuesIn(cases()), [](const auto& info) { return info.param; });

/// Families by name, so that one without a golden fails by its name.
class FamilyGolden : public testing::TestWithParam<const families::Family*> {};

TEST_P(FamilyGolden, HasCasesFromAFolderAndFromGguf)
{
    bool hasFolder = false, hasGguf = false;
    for (const auto& name : cases()) {
        const auto source = families::openModel(goldenFolder() + "/" + name);
        if (!source || source->family != GetParam())
            continue;
        hasFolder = true;
        hasGguf = hasGguf || fs::exists(goldenFolder() + "/" + name + "/model.gguf");
    }
    EXPECT_TRUE(hasFolder) << GetParam()->id << ": make a case in tests/golden/families/make.py";
    EXPECT_TRUE(hasGguf || GetParam()->ggufArchitectures.empty()) << GetParam()->id << " claims to be read from GGUF";
}

std::vector<const families::Family*> decoderFamilies()
{
    std::vector<const families::Family*> result;
    for (const auto* family : families::all()) {
        const auto spec = family->fromConfig(Json {{"num_hidden_layers", 1}});
        if (!spec || spec->kind == families::Architecture::Decoder)
            result.push_back(family);
    }
    return result;
}

INSTANTIATE_TEST_SUITE_P(Families, FamilyGolden, testing::ValuesIn(decoderFamilies()), [](const auto& info) { return info.param->id; });

}
}
