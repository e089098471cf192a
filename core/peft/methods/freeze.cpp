// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"
#include "model/network/network.h"
#include "peft/model_folder.h"
#include "peft/peft_method.h"

#include <cmath>

namespace attune::peft {
namespace {

using model::Network;

/// How far below the output a weight lies: the head and the final norm 0, the last layer 1, the embeddings
/// one more than the layers.
std::int64_t depthOf(const families::TensorSlot& slot, std::int64_t layers)
{
    if (slot.layer >= 0)
        return layers - slot.layer;
    return slot.role == families::Role::Embedding ? layers + 1 : 0;
}

Status apply(Network& network, const Json& values, std::uint64_t seed)
{
    const auto layers = network.spec().layers;
    const auto every = values.value("unfreeze_every_steps", std::int64_t(0));
    const double decay = values.value("layer_lr_decay", 1.0);
    for (const auto& slot : methods::unfrozenSlots(network.spec(), network.slots(), values)) {
        if (!network.find(slot.name))  // a tied head, an optional bias
            continue;
        ATTUNE_TRY(auto* parameter, network.train(slot.name, /*keepsBase=*/false));
        const auto depth = depthOf(slot, layers);
        parameter->learningRateScale = std::pow(decay, static_cast<double>(depth));
        // The last layer trains from the start, the one below after `every` steps; embeddings come last.
        parameter->firstStep = every * std::max<std::int64_t>(0, depth - 1);
    }
    network.seedDropout(seed);
    network.setSaver([](Network& model, const std::string& folder, const std::string&) {
        std::vector<FolderTensor> tensors;
        for (const auto& slot : model.slots())
            if (const auto* tensor = model.find(slot.name))
                tensors.push_back(folderTensor(slot, [tensor] { return tensor->values(); }));
        return writeModelFolder(model.source, model.spec(), tensors, folder);
    });
    return {};
}

}

const PeftMethod& freeze()
{
    static const PeftMethod method {.id = "freeze", .peftType = "", .applyTo = apply};
    return method;
}

}
