// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"
#include "peft/adapter_io.h"
#include "peft/peft_method.h"

#include <ATen/ATen.h>

namespace attune::peft {
namespace {

using formats::PeftAdapter;
using model::Network;

/// PEFT has no type for BitFit; its LoRA with `bias: all` saves and loads every bias. The LoRA that must
/// come with it sits on one layer, has rank 1 and is zero.
PeftAdapter collect(Network& network, Json config)
{
    const auto linears = network.linears();
    const auto* carrier = linears.front();
    config.update({{"r", 1}, {"lora_alpha", 1}, {"lora_dropout", 0.0}, {"use_rslora", false}, {"use_dora", false}, {"bias", "all"}, {"fan_in_fan_out", carrier->slot().isTransposed},
        {"init_lora_weights", true}, {"target_modules", Json::array({carrier->name()})}});
    PeftAdapter adapter(config);
    addTensor(adapter, carrier->name(), "lora_A", at::zeros({1, carrier->inputs()}));
    addTensor(adapter, carrier->name(), "lora_B", at::zeros({carrier->outputs(), 1}));
    addSaved(adapter, network);
    // Biases are saved by `bias: all`; only modules with whole weights count as saved.
    std::set<std::string> whole;
    std::vector<std::string> all;
    for (const auto& slot : network.slots())
        all.push_back(moduleOf(slot));
    for (const auto& tensor : adapter.tensors())
        if (tensor.part == "weight")
            whole.insert(tensor.module);
    config["modules_to_save"] = whole.empty() ? Json() : namesOf(whole, all);
    adapter.setConfig(std::move(config));
    return adapter;
}

Status apply(Network& network, const Json&, std::uint64_t seed)
{
    bool isAny = false;
    for (const auto& slot : methods::biasSlots(network.slots())) {
        if (!network.find(slot.name))
            continue;
        ATTUNE_RETURN_IF_ERROR(network.train(slot.name));
        isAny = true;
    }
    if (!isAny)
        return fail(ErrorCode::RecipeConflict, "BitFit trains biases, and this model has none.", "Use layernorm, ia3 or lora.");
    network.seedDropout(seed);
    setCollector(network, [config = baseConfig("LORA", network)](Network& model) { return collect(model, config); });
    return {};
}

Status load(Network& network, const PeftAdapter& adapter, bool isTrainable)
{
    const at::NoGradGuard noGrad;
    ATTUNE_RETURN_IF_ERROR(loadSaved(network, adapter, isTrainable));
    network.seedDropout(0);
    setCollector(network, [config = adapter.config()](Network& model) { return collect(model, config); });
    return {};
}

/// `bias: all` with a LoRA that does nothing.
bool takes(const PeftAdapter& adapter)
{
    const auto bias = adapter.config().find("bias");
    if (bias == adapter.config().end() || *bias != "all" || adapter.loraModules().size() != 1)
        return false;
    const auto* b = adapter.find(adapter.loraModules().front(), "lora_B");
    const auto values = b ? b->values() : Result<std::vector<float>>(std::vector<float>());
    return values && std::all_of(values->begin(), values->end(), [](float value) { return value == 0; });
}

}

const PeftMethod& bitfit()
{
    static const PeftMethod method {.id = "bitfit", .peftType = "LORA", .applyTo = apply, .loadInto = load, .takes = takes};
    return method;
}

}
