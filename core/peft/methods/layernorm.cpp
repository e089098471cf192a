// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"
#include "peft/adapter_io.h"
#include "peft/peft_method.h"

#include <ATen/ATen.h>

namespace attune::peft {
namespace {

using formats::PeftAdapter;
using model::Network;

PeftAdapter collect(Network& network, Json config)
{
    std::set<std::string> norms;
    std::vector<std::string> all;
    for (const auto& slot : network.slots())
        all.push_back(moduleOf(slot));
    for (const auto& slot : methods::normSlots(network.slots()))
        norms.insert(moduleOf(slot));
    config["target_modules"] = namesOf(norms, all);
    PeftAdapter adapter(config);
    addSaved(adapter, network);
    // What PEFT calls modules to save are those beside the norms, such as a task's head.
    config["modules_to_save"] = nullptr;
    std::set<std::string> beside;
    for (const auto& tensor : adapter.tensors())
        if (!norms.contains(tensor.module))
            beside.insert(tensor.module);
    if (!beside.empty())
        config["modules_to_save"] = namesOf(beside, all);
    adapter.setConfig(std::move(config));
    return adapter;
}

Status apply(Network& network, const Json&, std::uint64_t seed)
{
    for (const auto& slot : methods::normSlots(network.slots()))
        if (network.find(slot.name))
            ATTUNE_RETURN_IF_ERROR(network.train(slot.name));
    network.seedDropout(seed);
    setCollector(network, [config = baseConfig("LN_TUNING", network)](Network& model) { return collect(model, config); });
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

}

const PeftMethod& layernorm()
{
    static const PeftMethod method {.id = "layernorm", .peftType = "LN_TUNING", .applyTo = apply, .loadInto = load};
    return method;
}

}
