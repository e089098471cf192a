// SPDX-License-Identifier: GPL-3.0-or-later
#include "tiny_model.h"

#include "base/json.h"
#include "formats/safetensors.h"
#include "support/paths.h"

#include <gtest/gtest.h>

namespace attune::tests {
namespace {

// Results of transformers and PEFT, made by tests/golden/llama/make.py; the formulas below are its.

constexpr double kLogitTolerance = 1e-4;     // float32 sums in another order
constexpr double kGradientTolerance = 2e-5;  // relative

std::string goldenFile(const std::string& name)
{
    return sourceDir() + "/tests/golden/llama/" + name;
}

at::Tensor formulaValue(const std::string& name, at::IntArrayRef shape)
{
    int phase = 0;
    for (std::size_t i = 0; i < name.size(); ++i)
        phase += name[i] * static_cast<int>(i + 1);
    const auto n = torch::arange(c10::multiply_integers(shape), torch::kDouble);
    return (torch::frac((n + 1) * 0.6180339887498949 + (phase % 1000) * 0.001) * 2 - 1).reshape(shape).to(torch::kFloat);
}

Result<at::Tensor> formulaWeight(const families::TensorSlot& slot, const families::ModelSpec& spec)
{
    const bool isAbsent = slot.isOptional && ((slot.name == "lm_head.weight" && spec.tiedEmbeddings)
        || (slot.name.ends_with(".bias") && !(slot.name.find("mlp") != std::string::npos ? spec.mlpBias : spec.attentionBias)));
    if (isAbsent)
        return at::Tensor();
    const auto value = formulaValue(slot.name, slot.shape);
    if (slot.shape.size() == 1)
        return slot.name.ends_with("norm.weight") ? 1 + 0.3 * value : 0.3 * value;
    return value * (slot.name.find("embed") != std::string::npos ? 0.8 : 2.4 / std::sqrt(static_cast<double>(slot.shape[1])));
}

std::unique_ptr<model::Decoder> goldenModel(const std::string& variant)
{
    const auto configs = readJsonFile(goldenFile("configs.json"));
    const auto& family = *families::findById("llama");
    const auto spec = family.fromConfig((*configs)[variant]);
    EXPECT_TRUE(spec) << spec.error().message;
    auto model = model::Decoder::build(*spec, family.tensors(*spec), {}, [&](const families::TensorSlot& slot) { return formulaWeight(slot, *spec); }, JobContext {});
    EXPECT_TRUE(model) << model.error().message;
    return std::move(*model);
}

at::Tensor golden(const std::string& name)
{
    static const auto file = formats::SafetensorsFile::open(goldenFile("llama.safetensors"));
    const auto* view = file->find(name);
    auto tensor = torch::empty(view->shape);
    std::memcpy(tensor.data_ptr(), view->bytes.data(), view->bytes.size());
    return tensor;
}

std::vector<std::int32_t> goldenIds()
{
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 20; ++i)
        ids.push_back((7 * i * i + 3 * i + 5) % 61);
    return ids;
}

class GoldenLlama : public testing::TestWithParam<const char*> {};

TEST_P(GoldenLlama, GivesTheLogitsOfTransformers)
{
    const auto model = goldenModel(GetParam());

    const auto logits = model->logits(goldenIds()), wanted = golden(GetParam() + std::string(".logits"));

    EXPECT_LT((logits - wanted).abs().max().item<double>(), kLogitTolerance);
    EXPECT_TRUE(torch::equal(logits.argmax(1), wanted.argmax(1)));
}

INSTANTIATE_TEST_SUITE_P(Variants, GoldenLlama, testing::Values("grouped", "tied", "full_heads", "one_kv_head", "attention_bias", "mlp_bias",
    "wide_heads", "theta", "linear", "dynamic", "llama3", "yarn"), [](const auto& info) { return std::string(info.param); });

TEST(GoldenLora, GivesTheLossAndGradientsOfPeft)
{
    const auto model = goldenModel("grouped");
    for (auto* linear : model->linears()) {
        const auto prefix = "base_model.model." + linear->name;
        const auto a = 0.2 * formulaValue(prefix + ".lora_A.weight", {4, model->inputsOf(linear->name)}), b = 0.2 * formulaValue(prefix + ".lora_B.weight", {linear->out, 4});
        model->setAdapter(linear->name, std::make_unique<model::LowRank>(model::LowRank {{prefix + ".lora_A.weight", a, torch::zeros_like(a)},
            {prefix + ".lora_B.weight", b, torch::zeros_like(b)}, 1.5, 0.0, true, 0}));
    }
    model->parametersChanged();
    const auto ids = goldenIds();
    model::PackedBatch batch;
    const auto addRow = [&](std::size_t begin, std::size_t end, std::size_t firstTrained) {
        const std::vector<std::int32_t> row(ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.begin() + static_cast<std::ptrdiff_t>(end));
        std::vector<std::uint8_t> trained(row.size(), 0);
        std::fill(trained.begin() + static_cast<std::ptrdiff_t>(firstTrained), trained.end(), 1);
        batch.add({row, trained, 0});
    };
    addRow(0, 9, 3);
    addRow(4, 7, 1);
    addRow(2, 16, 8);

    const auto loss = model->accumulate(batch, 0.5);

    EXPECT_NEAR(loss.item<double>(), golden("lora.loss").item<double>(), 1e-4);
    ASSERT_EQ(model->parameters().size(), 28u);
    for (const auto* parameter : model->parameters()) {
        const auto wanted = golden("lora.grad." + parameter->name);
        EXPECT_LT(((parameter->grad - wanted).norm() / wanted.norm()).item<double>(), kGradientTolerance) << parameter->name;
    }
}

}
}
