// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/family.h"
#include "families/task_head.h"
#include "formats/safetensors.h"
#include "model/network/label_head.h"
#include "model/network/network.h"
#include "support/paths.h"

#include <torch/torch.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace attune::tests {
namespace {

namespace fs = std::filesystem;

// Tiny random encoders and encoder-decoders with what transformers computes, made by tests/golden/encoders/make.py.

constexpr double kTolerance = 1e-4;

std::string goldenFolder()
{
    return sourceDir() + "/tests/golden/encoders";
}

std::vector<std::string> cases()
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(goldenFolder()))
        if (entry.is_directory())
            names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::int32_t> ids()
{
    std::vector<std::int32_t> result;
    for (int i = 0; i < 30; ++i) {
        const int id = (7 * i * i + 3 * i + 5) % 48;
        result.push_back(id == 1 ? 2 : id);
    }
    return result;
}

std::unique_ptr<model::Network> loaded(const std::string& path, bool trainsBase = false)
{
    auto source = families::openModel(path);
    EXPECT_TRUE(source) << source.error().message;
    EXPECT_TRUE(source->isTrainable) << source->reason;
    model::LoadOptions options;
    options.isForTraining = options.trainsBase = trainsBase;
    options.needsNetwork = true;
    auto model = model::loadModel(*source, options, JobContext {});
    EXPECT_TRUE(model) << model.error().message;
    return std::unique_ptr<model::Network>(dynamic_cast<model::Network*>(model->release()));
}

model::PackedBatch batchOf(std::initializer_list<std::pair<int, int>> sequences)
{
    model::PackedBatch batch;
    const auto all = ids();
    for (const auto& [begin, end] : sequences) {
        batch.addSequence(std::span(all).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)), {});
        batch.closeRow({}, 1);
    }
    return batch;
}

double difference(const at::Tensor& a, const at::Tensor& b)
{
    return (a.to(at::kFloat) - b).abs().max().item<double>();
}

class EncoderCase : public testing::TestWithParam<std::string>
{
protected:
    std::string folder() const { return goldenFolder() + "/" + GetParam(); }

    std::optional<at::Tensor> wanted(const std::string& name) const
    {
        const auto file = formats::SafetensorsFile::open(folder() + "/outputs.safetensors");
        const auto* view = file->find(name);
        if (!view)
            return {};
        auto tensor = torch::empty(view->shape);
        std::memcpy(tensor.data_ptr(), view->bytes.data(), view->bytes.size());
        return tensor;
    }

    void expectOutputs(model::Network& network, double tolerance = kTolerance) const
    {
        const at::NoGradGuard noGrad;
        network.setTraining(false);
        EXPECT_LT(difference(network.hidden(batchOf({{0, 30}})), *wanted("hidden")), tolerance);
        const auto logits = wanted("logits");
        if (!logits)
            return;
        const auto head = families::headOfModel(network.source);
        const auto given = head.isThere() ? model::labelLogits(network, batchOf({{0, 30}}), head.kind == families::TaskHead::Kind::Tokens) : network.logits(ids());
        EXPECT_LT(difference(given.view_as(*logits), *logits), tolerance);
    }
};

TEST_P(EncoderCase, GivesWhatTransformersGives)
{
    expectOutputs(*loaded(folder()));
}

TEST_P(EncoderCase, TellsASecondTextByItsTypes)
{
    const auto pair = wanted("pair_logits");
    if (!pair)
        GTEST_SKIP() << "one type of tokens, or no answer for a text";
    const at::NoGradGuard noGrad;
    const auto network = loaded(folder());
    auto batch = batchOf({{0, 9}});
    batch.addTextPair(ids(), 12);
    batch.closeRow({}, 1);
    batch.addSequence(ids(), {});
    batch.closeRow({}, 1);

    const auto pieces = model::split(batch, 1);

    EXPECT_LT(difference(model::labelLogits(*network, batch, false).select(0, 1), *pair), kTolerance);
    EXPECT_LT(difference(model::labelLogits(*network, batch, false).select(0, 2), *wanted("logits")), kTolerance);
    ASSERT_EQ(pieces.size(), 3u);
    EXPECT_LT(difference(model::labelLogits(*network, pieces[1], false).select(0, 0), *pair), kTolerance);
}

TEST_P(EncoderCase, GivesTheSameFromGguf)
{
    if (!fs::exists(folder() + "/model.gguf"))
        GTEST_SKIP() << "not read from GGUF";
    expectOutputs(*loaded(folder() + "/model.gguf"));
}

TEST_P(EncoderCase, KeepsPackedRowsApart)
{
    const at::NoGradGuard noGrad;
    const auto network = loaded(folder());
    if (network->spec().kind == families::Architecture::EncoderDecoder) {
        const auto both = network->hidden(batchOf({{0, 9}, {3, 10}, {11, 30}, {5, 12}}));
        EXPECT_LT(difference(both.narrow(0, 16, 26), network->hidden(batchOf({{11, 30}, {5, 12}}))), 1e-5);
        return;
    }
    const auto both = network->hidden(batchOf({{0, 11}, {4, 30}}));
    EXPECT_LT(difference(both.narrow(0, 11, 26), network->hidden(batchOf({{4, 30}}))), 1e-5);
}

TEST_P(EncoderCase, IsTheSameAfterAFullModelWasSavedAndReadAgain)
{
    const auto network = loaded(folder(), true);
    ASSERT_TRUE(model::addAdapter(*network, "full", Json::object(), 1));
    const TempDir saved;
    const auto status = network->save(saved.path("model"), "base");
    ASSERT_TRUE(status) << status.error().message;
    if (families::headOfModel(network->source).isThere())
        return;  // the engine writes what its head is called (tests/cli)

    expectOutputs(*loaded(saved.path("model")));
}

TEST_P(EncoderCase, LearnsAlongItsGradient)
{
    const auto network = loaded(folder());
    if (families::headOfModel(network->source).isThere() || !network->hasTextHead())
        GTEST_SKIP() << "labels are tried in tests/core/trainer";
    ASSERT_TRUE(model::addAdapter(*network, "lora", Json {{"r", 2}, {"lora_alpha", 4.0}, {"target_modules", "all-linear"}}, 3));
    torch::manual_seed(4);
    for (auto* parameter : network->parameters())
        parameter->value.copy_(0.1 * torch::randn(parameter->value.sizes()));
    auto batch = batchOf({{0, 13}, {3, 24}});
    if (network->spec().kind == families::Architecture::EncoderDecoder)
        for (std::size_t t = 13; t < 33; ++t)
            batch.targets[t] = batch.ids[t + 1];
    else
        for (std::size_t t = 0; t < batch.ids.size(); t += 3)
            batch.targets[t] = batch.ids[t];
    network->accumulate(batch, 1.0);
    double squares = 0;
    for (auto* parameter : network->parameters())
        squares += parameter->grad.square().sum().item<double>();
    ASSERT_GT(squares, 0);
    const double step = 2e-2 / squares;
    const auto lossAt = [&](double distance) {
        for (auto* parameter : network->parameters())
            parameter->value.add_(parameter->grad, distance);
        const double loss = network->lossSum(batch).item<double>();
        for (auto* parameter : network->parameters())
            parameter->value.sub_(parameter->grad, distance);
        return loss;
    };

    EXPECT_NEAR((lossAt(step) - lossAt(-step)) / (2 * step * squares), 1.0, 2e-2);
}

INSTANTIATE_TEST_SUITE_P(Cases, EncoderCase, testing::ValuesIn(cases()), [](const auto& info) { return info.param; });

/// Families by name, so that one without a golden fails by its name.
class EncoderGolden : public testing::TestWithParam<const families::Family*> {};

TEST_P(EncoderGolden, HasCasesForItsHeads)
{
    std::set<families::TaskHead::Kind> heads;
    bool hasGguf = false;
    for (const auto& name : cases()) {
        const auto source = families::openModel(goldenFolder() + "/" + name);
        if (!source || source->family != GetParam())
            continue;
        heads.insert(families::headOfModel(*source).kind);
        hasGguf = hasGguf || fs::exists(goldenFolder() + "/" + name + "/model.gguf");
    }
    EXPECT_EQ(heads.size(), GetParam()->labelHead.output.empty() ? 1u : 3u) << GetParam()->id << ": make cases in tests/golden/encoders/make.py";
    EXPECT_TRUE(hasGguf || GetParam()->ggufArchitectures.empty()) << GetParam()->id << " claims to be read from GGUF";
}

std::vector<const families::Family*> readers()
{
    std::vector<const families::Family*> result;
    for (const auto* family : families::all()) {
        const auto spec = family->fromConfig(Json {{"num_hidden_layers", 1}});
        if (spec && spec->kind != families::Architecture::Decoder)
            result.push_back(family);
    }
    return result;
}

INSTANTIATE_TEST_SUITE_P(Families, EncoderGolden, testing::ValuesIn(readers()), [](const auto& info) { return info.param->id; });

}
}
