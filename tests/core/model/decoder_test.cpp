// SPDX-License-Identifier: GPL-3.0-or-later
#include "tiny_model.h"

#include <gtest/gtest.h>

#include <numeric>

namespace attune::tests {
namespace {

using model::Decoder;
using model::LowRank;
using model::PackedBatch;

constexpr double kFloatTolerance = 2e-5;  // sums of a few hundred float32 terms of order one

/// The same model as torch operations with a tape: the loss of one row, for autograd.
class TapeModel
{
public:
    explicit TapeModel(Decoder& model)
        : m_model(model)
        , m_spec(model.spec())
    {
        for (const auto& slot : model.slots()) {
            if (slot.name != "lm_head.weight" || !m_spec.tiedEmbeddings)
                if (!slot.isOptional || slot.name == "lm_head.weight" || m_spec.attentionBias)
                    m_weights[slot.name] = weightWithoutAdapter(slot.name).set_requires_grad(true);
        }
        for (auto* linear : model.linears()) {
            if (linear->adapter) {
                m_weights[linear->name + ".lora_A.weight"] = linear->adapter->a.value.clone().set_requires_grad(true);
                m_weights[linear->name + ".lora_B.weight"] = linear->adapter->b.value.clone().set_requires_grad(true);
            }
        }
    }

    torch::Tensor logits(const std::vector<std::int64_t>& ids)
    {
        const auto T = static_cast<std::int64_t>(ids.size()), D = m_spec.headDim;
        auto x = m_weights.at("model.embed_tokens.weight").index_select(0, torch::tensor(ids));
        const auto inverse = torch::pow(m_spec.rope.theta, -torch::arange(0, D, 2, torch::kDouble) / static_cast<double>(D)).to(torch::kFloat);
        const auto angles = torch::cat({torch::arange(T, torch::kFloat).unsqueeze(1) * inverse, torch::arange(T, torch::kFloat).unsqueeze(1) * inverse}, 1);
        for (std::int64_t l = 0; l < m_spec.layers; ++l) {
            const auto p = "model.layers." + std::to_string(l) + ".";
            const auto n = norm(x, p + "input_layernorm.weight");
            auto q = heads(linear(n, p + "self_attn.q_proj"), m_spec.heads), k = heads(linear(n, p + "self_attn.k_proj"), m_spec.kvHeads);
            auto v = heads(linear(n, p + "self_attn.v_proj"), m_spec.kvHeads);
            q = rotate(q, angles), k = rotate(k, angles);
            k = k.repeat_interleave(m_spec.heads / m_spec.kvHeads, 0), v = v.repeat_interleave(m_spec.heads / m_spec.kvHeads, 0);
            const auto mixed = torch::scaled_dot_product_attention(q.unsqueeze(0), k.unsqueeze(0), v.unsqueeze(0), {}, 0.0, true).squeeze(0);
            x = x + linear(mixed.transpose(0, 1).reshape({T, -1}), p + "self_attn.o_proj");
            const auto m = norm(x, p + "post_attention_layernorm.weight");
            x = x + linear(torch::silu(linear(m, p + "mlp.gate_proj")) * linear(m, p + "mlp.up_proj"), p + "mlp.down_proj");
        }
        const auto head = m_spec.tiedEmbeddings ? m_weights.at("model.embed_tokens.weight") : m_weights.at("lm_head.weight");
        return norm(x, "model.norm.weight").matmul(head.t());
    }

    torch::Tensor lossSum(const PackedBatch& batch)
    {
        auto total = torch::zeros({});
        for (std::size_t s = 0; s + 1 < batch.segments.size(); ++s) {
            const std::vector<std::int64_t> ids(batch.ids.begin() + batch.segments[s], batch.ids.begin() + batch.segments[s + 1]);
            const std::vector<std::int64_t> targets(batch.targets.begin() + batch.segments[s], batch.targets.begin() + batch.segments[s + 1]);
            total = total + torch::nn::functional::cross_entropy(logits(ids), torch::tensor(targets),
                torch::nn::functional::CrossEntropyFuncOptions().ignore_index(-1).reduction(torch::kSum));
        }
        return total;
    }

    const torch::Tensor& weight(const std::string& name) const { return m_weights.at(name); }

private:
    torch::Tensor weightWithoutAdapter(const std::string& name)
    {
        m_model.setAdapterScale(0);
        auto weight = m_model.mergedWeight(name).clone();
        m_model.setAdapterScale(1);
        return weight;
    }
    torch::Tensor norm(const torch::Tensor& x, const std::string& name) { return x * (x.square().mean(-1, true) + m_spec.normEpsilon).rsqrt() * m_weights.at(name); }
    torch::Tensor heads(const torch::Tensor& x, std::int64_t count) { return x.view({x.size(0), count, -1}).transpose(0, 1); }
    torch::Tensor rotate(const torch::Tensor& x, const torch::Tensor& angles)
    {
        const auto half = x.size(2) / 2;
        const auto turned = torch::cat({-x.narrow(2, half, half), x.narrow(2, 0, half)}, 2);
        return x * angles.cos() + turned * angles.sin();
    }
    torch::Tensor linear(const torch::Tensor& x, const std::string& name)
    {
        auto y = x.matmul(m_weights.at(name + ".weight").t());
        if (m_weights.count(name + ".bias"))
            y = y + m_weights.at(name + ".bias");
        if (m_weights.count(name + ".lora_A.weight"))
            y = y + m_model.findLinear(name)->adapter->scaling * x.matmul(m_weights.at(name + ".lora_A.weight").t()).matmul(m_weights.at(name + ".lora_B.weight").t());
        return y;
    }

    Decoder& m_model;
    const families::ModelSpec m_spec;
    std::map<std::string, torch::Tensor> m_weights;
};

double relativeError(const torch::Tensor& value, const torch::Tensor& wanted)
{
    return ((value - wanted).norm() / (wanted.norm() + 1e-9)).item<double>();
}

TEST(Decoder, GivesTheLossAndAdapterGradientsOfTheTape)
{
    const auto model = tinyModel();
    addAdapters(*model);
    TapeModel tape(*model);
    const auto batch = tinyBatch({11, 3, 17});

    const auto loss = model->accumulate(batch, 0.25);
    const auto wanted = tape.lossSum(batch);
    (wanted * 0.25).backward();

    EXPECT_NEAR(loss.item<double>(), wanted.item<double>(), 1e-3);
    ASSERT_EQ(model->parameters().size(), model->linears().size() * 2);
    for (const auto* parameter : model->parameters())
        EXPECT_LT(relativeError(parameter->grad, tape.weight(parameter->name).grad()), kFloatTolerance) << parameter->name;
}

TEST(Decoder, GivesAllGradientsInFullFineTuning)
{
    auto spec = tinySpec();
    spec.attentionBias = spec.attentionOutputBias = spec.mlpBias = true;
    TinyOptions options;
    options.placement.trainsBase = true;
    for (const bool isTied : {true, false}) {
        spec.tiedEmbeddings = isTied;
        const auto model = tinyModel(spec, options);
        TapeModel tape(*model);
        const auto batch = tinyBatch({9, 14});

        model->accumulate(batch, 1.0);
        tape.lossSum(batch).backward();

        std::set<std::string> names;
        for (const auto* parameter : model->parameters()) {
            names.insert(parameter->name);
            EXPECT_LT(relativeError(parameter->grad, tape.weight(parameter->name).grad()), kFloatTolerance) << parameter->name;
        }
        EXPECT_EQ(names.size(), model->parameters().size());
        EXPECT_EQ(names.size(), 1u + 1u + 3u * (7u * 2u + 2u) + (isTied ? 0u : 1u));
    }
}

TEST(Decoder, TreatsPackedRowsLikeSeparateOnes)
{
    const auto model = tinyModel();
    const auto batch = tinyBatch({11, 3, 17});

    const auto packed = model->lossSum(batch).item<double>();
    double separate = 0;
    for (const auto& row : split(batch, 1))
        separate += model->lossSum(row).item<double>();

    EXPECT_NEAR(packed, separate, 1e-4);
}

TEST(Decoder, GivesTheSameGradientsInPieces)
{
    const auto model = tinyModel();
    addAdapters(*model);
    const auto batch = tinyBatch({11, 3, 17, 20});
    model->accumulate(batch, 1.0);
    std::vector<torch::Tensor> whole;
    for (auto* parameter : model->parameters()) {
        whole.push_back(parameter->grad.clone());
        parameter->grad.zero_();
    }

    model->setPieceTokens(20);
    model->accumulate(batch, 1.0);

    for (std::size_t i = 0; i < whole.size(); ++i)
        EXPECT_LT(relativeError(model->parameters()[i]->grad, whole[i]), kFloatTolerance);
}

TEST(Decoder, SeesOnlyEarlierTokens)
{
    const auto model = tinyModel();
    std::vector<std::int32_t> ids {5, 9, 1, 33, 7, 2, 60, 8};
    const auto before = model->logits(ids);
    ids[5] = 40;

    const auto after = model->logits(ids);

    EXPECT_TRUE(torch::equal(before.narrow(0, 0, 5), after.narrow(0, 0, 5)));
    EXPECT_GT((before[5] - after[5]).abs().max().item<double>(), 1e-3);
}

TEST(Decoder, AnswersFromTheCacheAsFromTheWholeText)
{
    const auto model = tinyModel();
    const std::vector<std::int32_t> ids {5, 9, 1, 33, 7, 2, 60, 8, 12};
    const auto whole = model->logits(ids);
    const auto cache = model->newCache(32);

    auto last = model->forward(std::span(ids).subspan(0, 4), *cache);
    EXPECT_LT((last - whole[3]).abs().max().item<double>(), 1e-4);
    for (std::size_t t = 4; t < ids.size(); ++t) {
        last = model->forward(std::span(ids).subspan(t, 1), *cache);
        EXPECT_LT((last - whole[static_cast<std::int64_t>(t)]).abs().max().item<double>(), 1e-4) << t;
    }
    cache->truncate(6);
    last = model->forward(std::span(ids).subspan(6, 2), *cache);

    EXPECT_EQ(cache->length(), 8);
    EXPECT_LT((last - whole[7]).abs().max().item<double>(), 1e-4);
}

TEST(Decoder, MergesTheAdapterIntoTheWeights)
{
    const auto model = tinyModel();
    addAdapters(*model);
    const std::vector<std::int32_t> ids {5, 9, 1, 33, 7, 2};
    const auto adapted = model->logits(ids);
    const auto readMerged = [&](const families::TensorSlot& slot) -> Result<at::Tensor> {
        return slot.isOptional ? at::Tensor() : model->mergedWeight(slot.name);
    };

    auto merged = Decoder::build(tinySpec(), model->slots(), {}, readMerged, JobContext {});
    model->setAdapterScale(0);

    EXPECT_LT(((*merged)->logits(ids) - adapted).abs().max().item<double>(), 1e-3);
    EXPECT_GT((model->logits(ids) - adapted).abs().max().item<double>(), 1e-2);
}

TEST(Decoder, DrawsTheSameDropoutFromTheSameGeneratorState)
{
    const auto model = tinyModel();
    addAdapters(*model, 0.3);
    model->setTraining(true);
    const auto batch = tinyBatch({11, 17});
    const auto state = model->generatorState();

    const auto first = model->accumulate(batch, 1.0).item<double>();
    const auto second = model->accumulate(batch, 1.0).item<double>();
    model->setGeneratorState(state);
    const auto again = model->accumulate(batch, 1.0).item<double>();

    EXPECT_EQ(first, again);
    EXPECT_NE(first, second);
}

/// With dropout there is no tape to compare with: the directional derivative shows that forward and
/// backward use the same masks.
TEST(Decoder, HasTheGradientOfItsLossUnderDropout)
{
    const auto model = tinyModel();
    addAdapters(*model, 0.3);
    model->setTraining(true);
    const auto batch = tinyBatch({11, 17});
    const auto state = model->generatorState();
    model->accumulate(batch, 1.0);
    double predicted = 0;
    std::vector<torch::Tensor> directions;
    for (auto* parameter : model->parameters()) {
        directions.push_back(torch::randn_like(parameter->value));
        predicted += (directions.back() * parameter->grad).sum().item<double>();
    }

    constexpr double kStep = 1e-3;
    double losses[2] {};
    for (const int side : {0, 1}) {
        for (std::size_t i = 0; i < directions.size(); ++i)
            model->parameters()[i]->value.add_(directions[i], side == 0 ? kStep : -2 * kStep);
        model->parametersChanged();
        model->setGeneratorState(state);
        losses[side] = model->accumulate(batch, 1.0).item<double>();
    }

    EXPECT_NEAR((losses[0] - losses[1]) / (2 * kStep), predicted, 0.02 * std::abs(predicted) + 0.2);
}

/// Rows that all begin with the same tokens, which no loss asks for.
PackedBatch batchWithBeginning(std::size_t beginning, const std::vector<int>& lengths)
{
    const auto rows = tinyBatch(lengths);
    PackedBatch batch;
    for (std::size_t s = 0; s < lengths.size(); ++s) {
        std::vector<std::int32_t> ids(beginning);
        std::iota(ids.begin(), ids.end(), 7);
        ids.insert(ids.end(), rows.ids.begin() + rows.segments[s], rows.ids.begin() + rows.segments[s + 1]);
        std::vector<std::uint8_t> trained(ids.size(), 0);
        std::fill(trained.begin() + static_cast<std::ptrdiff_t>(beginning) + 2, trained.end(), std::uint8_t(1));
        batch.add({ids, trained, 0});
    }
    return batch;
}

TEST(Decoder, ComputesACommonBeginningOnceWithTheSameGradients)
{
    for (const bool trainsBase : {false, true}) {
        TinyOptions options;
        options.placement.trainsBase = trainsBase;
        const auto model = tinyModel(tinySpec(), options);
        if (!trainsBase)
            addAdapters(*model);
        TapeModel tape(*model);
        const auto batch = batchWithBeginning(12, {9, 4, 21});

        const auto loss = model->accumulate(batch, 0.5);
        const auto wanted = tape.lossSum(batch);
        (wanted * 0.5).backward();

        EXPECT_NEAR(loss.item<double>(), wanted.item<double>(), 1e-3);
        EXPECT_NEAR(model->lossSum(batch).item<double>(), wanted.item<double>(), 1e-3);
        for (const auto* parameter : model->parameters())
            EXPECT_LT(relativeError(parameter->grad, tape.weight(parameter->name).grad()), kFloatTolerance) << parameter->name;
    }
}

TEST(Decoder, OverfitsOneBatch)
{
    TinyOptions options;
    options.placement.trainsBase = true;
    const auto model = tinyModel(tinySpec(), options);
    const auto batch = tinyBatch({9, 14});
    const auto first = model->lossSum(batch).item<double>();

    for (int step = 0; step < 60; ++step) {
        for (auto* parameter : model->parameters())
            parameter->grad.zero_();
        model->accumulate(batch, 1.0 / static_cast<double>(batch.trained));
        for (auto* parameter : model->parameters())
            parameter->value.sub_(parameter->grad, 0.1);
        model->parametersChanged();
    }

    EXPECT_LT(model->lossSum(batch).item<double>(), 0.1 * first);
}

/// Rows of few tokens, and enough in an MLP of whole tiles for what lies between its products to be kept tiled.
class HalfPrecision : public testing::TestWithParam<std::tuple<std::int64_t, std::vector<int>>>
{
};
INSTANTIATE_TEST_SUITE_P(Decoder, HalfPrecision, testing::Values(std::tuple {std::int64_t(48), std::vector<int> {11, 17}}, std::tuple {std::int64_t(64), std::vector<int> {40, 51, 30, 60}}));

TEST_P(HalfPrecision, IsCloseToFloat32)
{
    auto spec = tinySpec();
    spec.intermediateSize = std::get<0>(GetParam());
    TinyOptions options;
    options.placement.stored = options.placement.compute = at::kBFloat16;
    const auto half = tinyModel(spec, options);
    const auto full = tinyModel(spec);
    const auto batch = tinyBatch(std::get<1>(GetParam()));
    addAdapters(*half);
    torch::manual_seed(5);
    for (std::size_t i = 0; i < half->linears().size(); ++i) {
        auto* from = half->linears()[i];
        auto adapter = std::make_unique<LowRank>();
        adapter->a = {"", from->adapter->a.value.clone(), torch::zeros_like(from->adapter->a.value)};
        adapter->b = {"", from->adapter->b.value.clone(), torch::zeros_like(from->adapter->b.value)};
        adapter->scaling = from->adapter->scaling;
        full->setAdapter(from->name, std::move(adapter));
    }
    full->parametersChanged();

    const auto halfLoss = half->accumulate(batch, 1.0).item<double>(), fullLoss = full->accumulate(batch, 1.0).item<double>();

    EXPECT_NEAR(halfLoss, fullLoss, 0.03 * fullLoss);
    for (std::size_t i = 0; i < full->parameters().size(); ++i)
        EXPECT_LT(relativeError(half->parameters()[i]->grad, full->parameters()[i]->grad), 0.2) << half->parameters()[i]->name;
}

}
}
