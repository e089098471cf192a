// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/virtual_tokens.h"
#include "peft/adapter_io.h"
#include "peft/peft_method.h"
#include "peft/virtual_embeddings.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

namespace attune::peft {
namespace {

using model::Network;

/// Embedding [P, w], Linear(w, h), tanh, Linear(h, 2 · layers · w) (Li and Liang 2021); names as in PEFT.
class ProjectedPrefix final : public VirtualEncoder
{
public:
    ProjectedPrefix(std::int64_t count, std::int64_t width, std::int64_t hidden, std::int64_t out, at::Generator& generator, at::Device device)
        : m_embedding("prompt_encoder.embedding.weight", at::empty({count, width}).normal_(0, 1, generator).to(device), true)
        , m_first("prompt_encoder.transform.0", width, hidden, generator, device)
        , m_second("prompt_encoder.transform.2", hidden, out, generator, device)
    {
    }

    at::Tensor output(const model::HookState&) override { return m_second(at::tanh(m_first(m_embedding.leaf()))); }

    void appendParameters(std::vector<model::Parameter*>& parameters) override
    {
        appendTrained(parameters, {&m_embedding, &m_first.weight, &m_first.bias, &m_second.weight, &m_second.bias});
    }

private:
    model::TrainedTensor m_embedding;
    EncoderLinear m_first, m_second;
};

Status apply(Network& network, const Json& values, std::uint64_t seed)
{
    const at::NoGradGuard noGrad;
    const auto& spec = network.spec();
    const auto count = methods::virtualTokens(values), width = spec.kvWidth(), out = 2 * spec.layers * width, hidden = methods::encoderWidth(values, width);
    auto generator = at::detail::createCPUGenerator(seed);
    std::unique_ptr<VirtualEncoder> encoder;
    const auto device = network.placement().device;
    if (values.value("projection", false))
        encoder = std::make_unique<ProjectedPrefix>(count, width, hidden, out, generator, device);
    else
        encoder = std::make_unique<PlainEncoder>(at::empty({count, out}).normal_(0, 1, generator).to(device), true);
    auto config = baseConfig("PREFIX_TUNING", network);
    // The file holds the finished keys and values, so nothing is left to project.
    config["prefix_projection"] = false;
    config["encoder_hidden_size"] = hidden;
    network.seedDropout(seed);
    setVirtualTokens(network, std::move(config), count, true, std::move(encoder));
    return {};
}

}

const PeftMethod& prefix()
{
    static const PeftMethod method {.id = "prefix", .peftType = "PREFIX_TUNING", .applyTo = apply, .loadInto = loadVirtualTokens};
    return method;
}

}
