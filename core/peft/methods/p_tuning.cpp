// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/virtual_tokens.h"
#include "peft/adapter_io.h"
#include "peft/peft_method.h"
#include "peft/virtual_embeddings.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <fmt/format.h>

#include <cmath>
#include <deque>

namespace attune::peft {
namespace {

using model::Network;
using model::TrainedTensor;

/// One bidirectional layer of an LSTM, with torch's names and first values U(-1/sqrt(h), 1/sqrt(h)).
class LstmLayer
{
public:
    LstmLayer(std::int64_t index, std::int64_t in, std::int64_t hidden, at::Generator& generator, at::Device device)
        : m_hidden(hidden)
    {
        const double bound = 1.0 / std::sqrt(static_cast<double>(hidden));
        for (const char* direction : {"", "_reverse"})
            for (const char* part : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}) {
                const std::string name = fmt::format("prompt_encoder.lstm_head.{}_l{}{}", part, index, direction);
                const bool isBias = part[0] == 'b';
                const auto shape = isBias ? std::vector<std::int64_t> {4 * hidden} : std::vector<std::int64_t> {4 * hidden, name.find("_ih") != std::string::npos ? in : hidden};
                m_parts.emplace_back(name, at::empty(shape).uniform_(-bound, bound, generator).to(device), true);
                m_parts.back().parameter.decays = !isBias;
            }
    }

    /// x [1, P, in] to [1, P, 2 hidden].
    at::Tensor operator()(const at::Tensor& x) const
    {
        std::vector<at::Tensor> weights;
        for (const auto& part : m_parts)
            weights.push_back(part.leaf());
        const auto start = at::zeros({2, 1, m_hidden}, x.options().requires_grad(false));
        return std::get<0>(at::lstm(x, {start, start}, weights, /*has_biases=*/true, /*num_layers=*/1, /*dropout=*/0.0, /*train=*/false, /*bidirectional=*/true,
            /*batch_first=*/true));
    }

    void appendParameters(std::vector<model::Parameter*>& parameters)
    {
        for (auto& part : m_parts)
            appendTrained(parameters, {&part});
    }

private:
    const std::int64_t m_hidden;
    std::deque<TrainedTensor> m_parts;
};

/// Embedding [P, w] through three linear layers with ReLU between (MLP), or through a bidirectional LSTM and
/// two (Liu et al. 2021); names as in PEFT.
class PromptEncoder final : public VirtualEncoder
{
public:
    PromptEncoder(const Json& values, std::int64_t count, std::int64_t width, at::Generator& generator, at::Device device)
        : m_embedding("prompt_encoder.embedding.weight", at::empty({count, width}).normal_(0, 1, generator).to(device), true)
        , m_dropout(values.value("encoder_dropout", 0.0))
    {
        const auto hidden = methods::encoderWidth(values, width);
        const auto head = [&](int index, std::int64_t in, std::int64_t out) { m_head.emplace_back(fmt::format("prompt_encoder.mlp_head.{}", index), in, out, generator, device); };
        if (values.value("encoder_reparameterization_type", "MLP") != "LSTM") {
            head(0, width, hidden);
            head(2, hidden, hidden);
            head(4, hidden, width);
            return;
        }
        for (std::int64_t layer = 0; layer < values.value("encoder_num_layers", std::int64_t(2)); ++layer)
            m_lstm.emplace_back(layer, layer == 0 ? width : 2 * hidden, hidden, generator, device);
        head(0, 2 * hidden, 2 * hidden);
        head(2, 2 * hidden, width);
    }

    at::Tensor output(const model::HookState& state) override
    {
        auto x = m_embedding.leaf();
        for (std::size_t i = 0; i < m_lstm.size(); ++i)
            x = m_lstm[i](i == 0 ? x.unsqueeze(0) : state.dropout(x, m_dropout).unsqueeze(0)).squeeze(0);
        for (std::size_t i = 0; i < m_head.size(); ++i)
            x = m_head[i](i == 0 ? x : at::relu(x));
        return x;
    }

    void appendParameters(std::vector<model::Parameter*>& parameters) override
    {
        appendTrained(parameters, {&m_embedding});
        for (auto& layer : m_lstm)
            layer.appendParameters(parameters);
        for (auto& layer : m_head)
            appendTrained(parameters, {&layer.weight, &layer.bias});
    }

private:
    TrainedTensor m_embedding;
    std::deque<LstmLayer> m_lstm;
    std::deque<EncoderLinear> m_head;
    const double m_dropout;
};

Status apply(Network& network, const Json& values, std::uint64_t seed)
{
    const at::NoGradGuard noGrad;
    const auto count = methods::virtualTokens(values), width = network.spec().hiddenSize;
    auto generator = at::detail::createCPUGenerator(seed);
    auto encoder = std::make_unique<PromptEncoder>(values, count, width, generator, network.placement().device);
    auto config = baseConfig("P_TUNING", network);
    config["encoder_reparameterization_type"] = values.value("encoder_reparameterization_type", "MLP");
    config["encoder_hidden_size"] = methods::encoderWidth(values, width);
    config["encoder_num_layers"] = values.value("encoder_num_layers", std::int64_t(2));
    config["encoder_dropout"] = values.value("encoder_dropout", 0.0);
    network.seedDropout(seed);
    setVirtualTokens(network, std::move(config), count, false, std::move(encoder));
    return {};
}

}

const PeftMethod& p_tuning()
{
    static const PeftMethod method {.id = "p_tuning", .peftType = "P_TUNING", .applyTo = apply, .loadInto = loadVirtualTokens};
    return method;
}

}
