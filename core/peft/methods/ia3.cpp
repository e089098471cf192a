// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"
#include "peft/adapter_io.h"
#include "peft/peft_method.h"

#include <ATen/ATen.h>

#include <fmt/format.h>

namespace attune::peft {
namespace {

using formats::PeftAdapter;
using model::HookState;
using model::Network;
using model::NetworkLinear;

/// IA3 (Liu et al. 2022): y · l, bias included, or, on a feed-forward module, W (x · l) + bias.
class Ia3Hook final : public model::LinearHook
{
public:
    /// factors: [out, 1], or [1, in] where the input is scaled, as PEFT stores them.
    Ia3Hook(const std::string& module, const at::Tensor& factors, bool isTrained)
        : m_factors("base_model.model." + module + ".ia3_l", factors, isTrained)
        , m_scalesInput(factors.size(0) == 1)
    {
    }

    at::Tensor input(const NetworkLinear&, const at::Tensor& x, const HookState& state) override
    {
        return m_scalesInput ? (x.to(at::kFloat) * factors(state.adapterScale)).to(x.scalar_type()) : x;
    }

    at::Tensor apply(const NetworkLinear&, const at::Tensor&, const at::Tensor& y, const HookState& state) override
    {
        return m_scalesInput ? y : (y.to(at::kFloat) * factors(state.adapterScale)).to(y.scalar_type());
    }

    at::Tensor merged(const NetworkLinear&, const at::Tensor& weight, double scale) override
    {
        const auto l = factors(scale);
        return weight * (m_scalesInput ? l.unsqueeze(0) : l.unsqueeze(1));
    }

    at::Tensor mergedBias(const NetworkLinear&, const at::Tensor& bias, double scale) override { return m_scalesInput ? bias : bias * factors(scale); }
    void appendParameters(std::vector<model::Parameter*>& parameters) override { appendTrained(parameters, {&m_factors}); }
    const at::Tensor& values() const { return m_factors.parameter.value; }
    bool scalesInput() const { return m_scalesInput; }

private:
    at::Tensor factors(double scale) const
    {
        const auto flat = m_factors.leaf().view({-1});
        return scale == 1 ? flat : 1 + (flat - 1) * scale;
    }

    model::TrainedTensor m_factors;
    const bool m_scalesInput;
};

PeftAdapter collect(Network& network, Json config)
{
    std::set<std::string> targets, feedForward;
    PeftAdapter adapter;
    for (const auto* linear : network.linears()) {
        const auto* hook = dynamic_cast<Ia3Hook*>(linear->hook());
        if (!hook)
            continue;
        targets.insert(linear->name());
        if (hook->scalesInput())
            feedForward.insert(linear->name());
        if (linear->slot().isTransposed)
            config["fan_in_fan_out"] = true;
        addTensor(adapter, linear->name(), "ia3_l", hook->values());
    }
    config["target_modules"] = namesOf(targets, linearNames(network));
    config["feedforward_modules"] = namesOf(feedForward, linearNames(network));
    adapter.setConfig(std::move(config));
    addSaved(adapter, network);
    return adapter;
}

Status apply(Network& network, const Json& values, std::uint64_t seed)
{
    const at::NoGradGuard noGrad;
    ATTUNE_TRY(const auto targets, methods::targetSlots(network.slots(), values.value("target_modules", Json("all-linear"))));
    std::set<std::string> saved;
    for (const auto& slot : methods::savedSlots(network.slots(), values))
        saved.insert(slot.name);
    for (const auto& slot : targets) {
        auto* linear = network.findLinear(moduleOf(slot));
        if (!linear)
            return fail(ErrorCode::Unsupported, fmt::format("method.target_modules: IA3 cannot scale {}.", moduleOf(slot)), "Name linear layers such as k_proj, v_proj and down_proj.");
        if (saved.contains(slot.name))
            continue;
        const auto factors = methods::isFeedForward(slot, values) ? at::ones({1, slot.shape[1]}) : at::ones({slot.shape[0], 1});
        linear->setHook(std::make_shared<Ia3Hook>(linear->name(), factors.to(network.placement().device), true));
    }
    ATTUNE_RETURN_IF_ERROR(trainSaved(network, values));
    auto config = baseConfig("IA3", network);
    config["fan_in_fan_out"] = false;
    config["init_ia3_weights"] = true;
    network.seedDropout(seed);
    setCollector(network, [config](Network& model) { return collect(model, config); });
    return {};
}

Status load(Network& network, const PeftAdapter& adapter, bool isTrainable)
{
    const at::NoGradGuard noGrad;
    for (const auto& tensor : adapter.tensors()) {
        if (tensor.part != "ia3_l")
            continue;
        auto* linear = network.findLinear(tensor.module);
        if (!linear)
            return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter scales {}, which is no layer of the base model.", tensor.module), "Choose the base model that the adapter was trained on.");
        const bool scalesInput = !tensor.shape.empty() && tensor.shape[0] == 1;
        const std::vector<std::int64_t> shape = scalesInput ? std::vector<std::int64_t> {1, linear->inputs()} : std::vector<std::int64_t> {linear->outputs(), 1};
        ATTUNE_TRY(const auto factors, adapterTensor(adapter, network, tensor.module, "ia3_l", shape));
        linear->setHook(std::make_shared<Ia3Hook>(tensor.module, factors, isTrainable));
    }
    ATTUNE_RETURN_IF_ERROR(loadSaved(network, adapter, isTrainable));
    network.seedDropout(0);
    setCollector(network, [config = adapter.config()](Network& model) { return collect(model, config); });
    return {};
}

}

const PeftMethod& ia3()
{
    static const PeftMethod method {.id = "ia3", .peftType = "IA3", .applyTo = apply, .loadInto = load};
    return method;
}

}
