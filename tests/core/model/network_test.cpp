// SPDX-License-Identifier: GPL-3.0-or-later
#include "tiny_model.h"

#include "model/network/network.h"

#include <gtest/gtest.h>

namespace attune::tests {
namespace {

using model::Network;

/// The same random weights as tinyModel() has.
std::unique_ptr<Network> tinyNetwork(const families::ModelSpec& spec = tinySpec(), const model::Placement& placement = {})
{
    torch::manual_seed(1);
    const auto slots = families::findById("llama")->tensors(spec);
    std::map<std::string, at::Tensor> weights;
    const auto decoder = tinyModel(spec);
    for (const auto& slot : slots)
        weights[slot.name] = decoder->mergedWeight(slot.name).clone();
    model::NetworkOptions options;
    options.placement = placement;
    options.read = [weights](const families::TensorSlot& slot, at::ScalarType type) -> Result<at::Tensor> { return weights.at(slot.name).to(type); };
    auto network = Network::build(spec, slots, std::move(options), JobContext {});
    if (!network)
        throw std::runtime_error(network.error().message);
    return std::move(*network);
}

families::ModelSpec variant(bool tied, bool biased, std::int64_t kvHeads)
{
    auto spec = tinySpec();
    spec.tiedEmbeddings = tied;
    spec.attentionBias = spec.attentionOutputBias = spec.mlpBias = biased;
    spec.kvHeads = kvHeads;
    return spec;
}

std::map<std::string, model::Parameter*> byName(model::CausalLm& model)
{
    std::map<std::string, model::Parameter*> result;
    for (auto* parameter : model.parameters())
        result[parameter->name] = parameter;
    return result;
}

void expectSameGradients(model::CausalLm& network, model::CausalLm& decoder, double tolerance)
{
    const auto wanted = byName(decoder), got = byName(network);
    ASSERT_EQ(got.size(), wanted.size());
    for (const auto& [name, parameter] : wanted) {
        ASSERT_TRUE(got.contains(name)) << name;
        EXPECT_LT(((got.at(name)->grad - parameter->grad).norm() / parameter->grad.norm()).item<double>(), tolerance) << name;
        EXPECT_EQ(got.at(name)->decays, parameter->decays) << name;
    }
}

TEST(Network, GivesTheLogitsOfTheDecoder)
{
    for (const auto& spec : {variant(true, false, 2), variant(false, true, 1), variant(false, false, 4)}) {
        const auto ids = tinyBatch({37}).ids;

        const auto logits = tinyNetwork(spec)->logits(ids), wanted = tinyModel(spec)->logits(ids);

        EXPECT_LT((logits - wanted).abs().max().item<double>(), 2e-5);
    }
}

TEST(Network, GivesTheLossAndGradientsOfTheDecoderWithAnAdapter)
{
    const auto network = tinyNetwork(), decoderOwner = std::unique_ptr<Network>();
    const auto decoder = tinyModel();
    const Json values {{"r", 4}, {"lora_alpha", 8.0}, {"target_modules", "all-linear"}};
    for (auto* model : {static_cast<model::CausalLm*>(network.get()), static_cast<model::CausalLm*>(decoder.get())})
        ASSERT_TRUE(model::addAdapter(*model, "lora", values, 7));
    const auto others = byName(*decoder);
    for (auto* parameter : network->parameters()) {
        torch::manual_seed(5);
        const auto value = 0.2 * torch::randn(parameter->value.sizes());
        parameter->value.copy_(value);
        others.at(parameter->name)->value.copy_(value);
    }
    decoder->parametersChanged();
    const auto batch = tinyBatch({9, 3, 14, 5});
    network->setPieceTokens(15);

    const auto loss = network->accumulate(batch, 0.5).item<double>(), wanted = decoder->accumulate(batch, 0.5).item<double>();

    EXPECT_NEAR(loss, wanted, 1e-4);
    EXPECT_NEAR(network->lossSum(batch).item<double>(), wanted, 1e-4);
    expectSameGradients(*network, *decoder, 2e-5);
}

TEST(Network, GivesTheGradientsOfTheDecoderInFullFineTuning)
{
    for (const auto& spec : {variant(true, false, 2), variant(false, true, 1)}) {
        const model::Placement placement {at::kCPU, at::kFloat, at::kFloat, true};
        const auto network = tinyNetwork(spec, placement);
        const auto decoder = tinyModel(spec, {placement});
        const auto batch = tinyBatch({9, 3, 14});

        network->accumulate(batch, 0.25);
        decoder->accumulate(batch, 0.25);

        expectSameGradients(*network, *decoder, 5e-5);
    }
}

TEST(Network, AddsGradientsUpInTheParametersOwnMemory)
{
    const model::Placement placement {at::kCPU, at::kFloat, at::kFloat, true};
    const auto network = tinyNetwork(tinySpec(), placement);
    const auto batch = tinyBatch({9, 3});
    auto* parameter = network->parameters()[3];
    const auto grad = parameter->grad;
    network->accumulate(batch, 1.0);
    const auto once = grad.clone();

    network->accumulate(batch, 1.0);

    EXPECT_TRUE(parameter->grad.is_same(grad));
    EXPECT_TRUE(torch::allclose(grad, 2 * once, 1e-4, 1e-6));
    EXPECT_GT(once.norm().item<double>(), 0);
}

TEST(Network, GeneratesAsItReads)
{
    const auto network = tinyNetwork();
    const auto ids = tinyBatch({21}).ids;
    const auto whole = network->logits(ids);
    const auto cache = network->newCache(32);

    network->forward(std::span(ids).first(13), *cache);
    for (std::size_t i = 13; i < ids.size(); ++i)
        EXPECT_LT((network->forward(std::span(ids).subspan(i, 1), *cache) - whole[static_cast<std::int64_t>(i)]).abs().max().item<double>(), 2e-5);

    cache->truncate(10);
    EXPECT_EQ(cache->length(), 10);
    EXPECT_LT((network->forward(std::span(ids).subspan(10, 5), *cache) - whole[14]).abs().max().item<double>(), 2e-5);
}

TEST(Network, KeepsANarrowBaseAndConvertsItInEachProduct)
{
    const model::Placement placement {at::kCPU, at::kHalf, at::kFloat, false};
    const auto network = tinyNetwork(tinySpec(), placement), wide = tinyNetwork();
    const auto ids = tinyBatch({17}).ids;

    EXPECT_LT(network->baseBytes() * 19 / 10, wide->baseBytes());
    EXPECT_LT((network->logits(ids) - wide->logits(ids)).abs().max().item<double>(), 0.05);
    ASSERT_TRUE(model::addAdapter(*network, "lora", Json {{"r", 4}}, 7));
    network->accumulate(tinyBatch({9, 5}), 1.0);
    EXPECT_GT(network->parameters()[1]->grad.norm().item<double>(), 0);
}

TEST(Network, TrainsOneWeightByName)
{
    const auto network = tinyNetwork();
    const auto trained = network->train("blk.1.ffn_norm.weight");
    ASSERT_TRUE(trained);

    network->accumulate(tinyBatch({9, 5}), 1.0);

    ASSERT_EQ(network->parameters().size(), 1u);
    EXPECT_EQ((*trained)->name, "model.layers.1.post_attention_layernorm.weight");
    EXPECT_FALSE((*trained)->decays);
    EXPECT_GT((*trained)->grad.norm().item<double>(), 0);
    EXPECT_FALSE(network->train("blk.9.ffn_norm.weight"));
}

TEST(Network, DropsOutTheSameAfterItsGeneratorIsSetBack)
{
    const auto network = tinyNetwork();
    ASSERT_TRUE(model::addAdapter(*network, "lora", Json {{"r", 4}, {"lora_dropout", 0.5}}, 7));
    for (auto* parameter : network->parameters())
        parameter->value.fill_(0.1);
    network->setTraining(true);
    const auto batch = tinyBatch({9, 5});
    const auto state = network->generatorState();
    const auto first = network->accumulate(batch, 1.0).item<double>(), second = network->accumulate(batch, 1.0).item<double>();

    network->setGeneratorState(state);

    EXPECT_EQ(network->accumulate(batch, 1.0).item<double>(), first);
    EXPECT_NE(first, second);
    network->setTraining(false);
    EXPECT_EQ(network->accumulate(batch, 1.0).item<double>(), network->accumulate(batch, 1.0).item<double>());
}

std::vector<at::Tensor> gradients(Network& network, const model::PackedBatch& batch)
{
    std::vector<at::Tensor> result;
    for (auto* parameter : network.parameters())
        parameter->grad.zero_();
    network.accumulate(batch, 0.5);
    for (auto* parameter : network.parameters())
        result.push_back(parameter->grad.clone());
    return result;
}

void randomise(Network& network)
{
    torch::manual_seed(5);
    for (auto* parameter : network.parameters())
        parameter->value.add_(0.1 * torch::randn(parameter->value.sizes()));
}

TEST(Network, GivesTheSameGradientsWhereLayersAreComputedAgain)
{
    for (const bool trainsHead : {false, true}) {
        const auto network = tinyNetwork(variant(false, false, 2));
        ASSERT_TRUE(model::addAdapter(*network, "lora", Json {{"r", 2}, {"target_modules", {"q_proj", "down_proj"}}}, 7));
        ASSERT_TRUE(network->train("blk.2.attn_norm.weight"));
        if (trainsHead) {
            ASSERT_TRUE(network->train("output.weight"));
        }
        randomise(*network);
        const auto batch = tinyBatch({400, 20, 9});
        const auto kept = gradients(*network, batch);

        network->setKeptBytes(0);
        const auto again = gradients(*network, batch);

        for (std::size_t i = 0; i < kept.size(); ++i)
            EXPECT_LT(((again[i] - kept[i]).norm() / kept[i].norm()).item<double>(), 1e-5) << network->parameters()[i]->name;
    }
}

TEST(Network, DropsOutTheSameWhenALayerIsComputedAgain)
{
    const auto network = tinyNetwork();
    ASSERT_TRUE(model::addAdapter(*network, "lora", Json {{"r", 4}, {"lora_dropout", 0.5}}, 7));
    randomise(*network);
    network->setTraining(true);
    network->setKeptBytes(0);
    const auto batch = tinyBatch({30, 5});
    const auto state = network->generatorState();
    const auto slope = gradients(*network, batch);
    double squares = 0;
    for (const auto& gradient : slope)
        squares += gradient.square().sum().item<double>();
    const auto lossAt = [&](double distance) {
        for (std::size_t i = 0; i < slope.size(); ++i)
            network->parameters()[i]->value.add_(slope[i], distance);
        network->setGeneratorState(state);
        const double loss = 0.5 * network->accumulate(batch, 0.5).item<double>();
        for (std::size_t i = 0; i < slope.size(); ++i)
            network->parameters()[i]->value.sub_(slope[i], distance);
        return loss;
    };
    const double step = 2e-2 / squares;

    EXPECT_NEAR((lossAt(step) - lossAt(-step)) / (2 * step * squares), 1.0, 2e-2);
}

TEST(Network, GivesTokenLossesOneByOne)
{
    const auto network = tinyNetwork();
    const auto batch = tinyBatch({300});
    torch::NoGradGuard noGrad;
    const auto rows = network->hidden(batch);
    const auto targets = torch::randint(61, {300}, torch::kLong);

    const auto losses = network->tokenLosses(rows, targets);

    const auto wanted = -torch::log_softmax(network->logitsOf(rows), 1).gather(1, targets.unsqueeze(1)).squeeze(1);
    EXPECT_TRUE(torch::allclose(losses, wanted, 1e-4, 1e-5));
}

}
}
