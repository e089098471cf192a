// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/decoder.h"
#include "model/network/network.h"
#include "peft/model_folder.h"
#include "peft/peft_method.h"

#include <map>

namespace attune::peft {
namespace {

using model::Decoder;
using model::Network;

template<typename Model>
Status save(Model& model, const std::string& folder, const std::string&)
{
    std::map<std::string, const families::TensorSlot*> slots;
    for (const auto& slot : model.slots())
        slots.emplace(slot.name, &slot);
    std::vector<FolderTensor> tensors;
    for (const auto* parameter : model.parameters())
        tensors.push_back(folderTensor(*slots.at(parameter->name), [parameter] { return parameter->value; }));
    return writeModelFolder(model.source, model.spec(), tensors, folder);
}

template<typename Model>
Status apply(Model& model, const Json&, std::uint64_t seed)
{
    if (!model.trainsBase())
        return fail(ErrorCode::Internal, "Full fine-tuning needs a model that was loaded with its master weights.");
    model.seedDropout(seed);
    model.setSaver(save<Model>);
    return {};
}

}

const PeftMethod& full()
{
    static const PeftMethod method {"full", "", apply<Decoder>, nullptr, apply<Network>};
    return method;
}

}
