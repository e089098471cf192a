// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/ggml_types.h"
#include "formats/safetensors.h"
#include "model/network/network.h"
#include "model/quantised/gguf_blocks.h"
#include "model/quantised/int8.h"
#include "model/quantised/nf4.h"
#include "support/paths.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::tests {
namespace {

// Codes and scales of bitsandbytes, made by tests/golden/methods/make.py from the tiny model's weights.

at::Tensor readTensor(const std::string& path, const std::string& name)
{
    const auto file = formats::SafetensorsFile::open(path);
    const auto* view = file->find(name);
    const auto type = view->dtype == formats::DType::F32 ? at::kFloat : view->dtype == formats::DType::I8 ? at::kChar : at::kByte;
    auto tensor = at::empty(view->shape, type);
    std::memcpy(tensor.data_ptr(), view->bytes.data(), view->bytes.size());
    return tensor;
}

at::Tensor golden(const std::string& name)
{
    return readTensor(sourceDir() + "/tests/golden/methods/quantised.safetensors", name);
}

const std::string& modelPath()
{
    static const std::string path = sourceDir() + "/tests/golden/training/model/model.safetensors";
    return path;
}

/// All weights one after another, in the order of their names.
at::Tensor everything()
{
    const auto file = formats::SafetensorsFile::open(modelPath());
    std::vector<std::string> names;
    for (const auto& view : file->tensors())
        names.push_back(view.name);
    std::sort(names.begin(), names.end());
    std::vector<at::Tensor> parts;
    for (const auto& name : names)
        parts.push_back(readTensor(modelPath(), name).flatten());
    return at::cat(parts);
}

class Nf4 : public testing::TestWithParam<std::string> {
protected:
    model::Nf4Tensor quantised() const
    {
        const auto values = everything();
        return model::quantiseNf4(GetParam() == "odd" ? values.narrow(0, 0, 1001) : values);
    }
};

TEST_P(Nf4, HasTheCodesAndScalesOfBitsandbytes)
{
    const auto tensor = quantised();

    EXPECT_TRUE(at::equal(tensor.codes, golden(GetParam() + ".codes")));
    EXPECT_TRUE(at::equal(tensor.scaleCodes, golden(GetParam() + ".scale_codes")));
    EXPECT_TRUE(at::equal(tensor.scaleScales, golden(GetParam() + ".scale_scales")));
    EXPECT_EQ(tensor.scaleOffset, golden(GetParam() + ".offset").item<float>());
}

INSTANTIATE_TEST_SUITE_P(Sizes, Nf4, testing::Values("all", "odd"), [](const auto& parameter) { return parameter.param; });

TEST(Nf4Values, AreThoseOfBitsandbytes)
{
    const auto tensor = model::quantiseNf4(everything().narrow(0, 0, 1001));

    const auto values = model::dequantiseNf4(tensor, at::kFloat);

    EXPECT_TRUE(at::equal(values, golden("odd.values")));
    EXPECT_TRUE(at::equal(model::dequantiseNf4(tensor, at::kBFloat16), values.to(at::kBFloat16)));
}

TEST(Nf4Values, SurviveZerosAndOneBlock)
{
    const auto zeros = model::quantiseNf4(at::zeros({3, 5}));
    EXPECT_TRUE(at::equal(model::dequantiseNf4(zeros, at::kFloat), at::zeros({3, 5})));

    const auto source = model::nf4Source(at::ones({2, 4}) * 0.5, at::kCPU);
    EXPECT_LT((source->weight(at::kFloat) - 0.5).abs().max().item<double>(), 1e-3);
    EXPECT_TRUE(at::equal(source->rows(at::tensor({std::int64_t(1)}), at::kFloat), source->weight(at::kFloat).narrow(0, 1, 1)));
}

/// As the fast engine wants them: beside the columns of an adapter.
TEST(QuantisedSources, WriteIntoRowsThatLieApart)
{
    for (const std::int64_t columns : {192, 37}) {
        const auto weight = torch::randn({9, columns});
        for (const auto& source : {model::nf4Source(weight, at::kCPU), model::int8Source(weight, at::kCPU)}) {
            for (const auto type : {at::kFloat, at::kBFloat16}) {
                const auto out = at::full({9, columns + 16}, -3.0, type);
                source->expand(out.narrow(1, 0, columns));
                EXPECT_TRUE(out.narrow(1, 0, columns).equal(source->weight(type))) << columns;
                EXPECT_TRUE((out.narrow(1, columns, 16) == -3.0).all().item<bool>()) << columns;
            }
        }
    }
}

TEST(Int8, HasTheCodesAndScalesOfBitsandbytes)
{
    const auto weight = readTensor(modelPath(), "model.layers.0.self_attn.v_proj.weight");

    const auto tensor = model::quantiseInt8(weight);

    EXPECT_TRUE(at::equal(tensor.codes, golden("int8.codes")));
    EXPECT_TRUE(at::equal(tensor.scales, golden("int8.scales")));
    EXPECT_LT((model::dequantiseInt8(tensor, at::kFloat) - golden("int8.values")).abs().max().item<double>(), 1e-6);
    EXPECT_TRUE(at::equal(model::dequantiseInt8(model::quantiseInt8(at::zeros({2, 3})), at::kFloat), at::zeros({2, 3})));
}

TEST(GgufBlocks, AreTheFilesOwnAndExpandToTheSameValues)
{
    const auto source = families::openModel(starterModel());
    if (!source)
        GTEST_SKIP() << "the starter model is not there";
    const auto weights = std::make_shared<const families::Weights>(std::move(*families::Weights::open(*source)));
    std::int64_t quantised = 0;
    std::uint64_t bytes = 0;
    for (const auto& slot : source->family->tensors(source->spec)) {
        if (slot.layer > 1 || !weights->has(slot))
            continue;
        const auto blocks = model::ggufBlocks(weights, slot, at::kCPU);
        ASSERT_TRUE(blocks) << blocks.error().message;
        if (!*blocks)
            continue;
        ++quantised;
        bytes += (*blocks)->bytes();
        auto wanted = at::empty(slot.shape);
        ASSERT_TRUE(weights->read(slot, {wanted.data_ptr<float>(), static_cast<std::size_t>(wanted.numel())}));
        EXPECT_TRUE(at::equal((*blocks)->weight(at::kFloat), wanted)) << slot.name;
        EXPECT_TRUE(at::equal((*blocks)->weight(at::kBFloat16), wanted.to(at::kBFloat16))) << slot.name;
        const auto ids = at::tensor({std::int64_t(3), std::int64_t(0)});
        EXPECT_TRUE(at::equal((*blocks)->rows(ids, at::kFloat), wanted.index_select(0, ids))) << slot.name;
    }
    EXPECT_EQ(quantised, 15);  // seven linears of two layers, and the embedding
    EXPECT_LT(bytes, 40'000'000u);
}

TEST(GgufBlocks, GiveTheLogitsOfTheExpandedWeightsInLessMemory)
{
    const auto source = families::openModel(starterModel());
    if (!source)
        GTEST_SKIP() << "the starter model is not there";
    model::LoadOptions options {.needsNetwork = true};
    const std::vector<std::int32_t> ids {1, 338, 1041, 5, 900, 2, 77};
    const auto wide = model::loadModel(*source, options, {});
    ASSERT_TRUE(wide) << wide.error().message;
    const auto wanted = (*wide)->logits(ids);
    const auto wideBytes = dynamic_cast<model::Network&>(**wide).baseBytes();
    options.quantization = "keep";
    const auto kept = model::loadModel(*source, options, {});
    ASSERT_TRUE(kept) << kept.error().message;

    EXPECT_LT(((*kept)->logits(ids) - wanted).abs().max().item<double>(), 1e-4);
    EXPECT_LT(dynamic_cast<model::Network&>(**kept).baseBytes(), wideBytes / 5);
}

}
}
