// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/decoder.h"
#include "model/network/network.h"
#include "peft/model_folder.h"
#include "peft/peft_method.h"

#include <map>
#include <type_traits>

namespace attune::peft {
namespace {

using model::Decoder;
using model::Network;

template<typename Model>
std::vector<families::TensorSlot> trainedSlots(Model& model)
{
    std::map<std::string, const families::TensorSlot*> slots;
    for (const auto& slot : model.slots())
        slots.emplace(slot.name, &slot);
    std::vector<families::TensorSlot> trained;
    for (const auto* parameter : model.parameters())
        trained.push_back(*slots.at(parameter->name));
    return trained;
}

Status write(const families::ModelSource& source, const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, const model::TrainedValues& values,
    const std::string& folder)
{
    std::vector<FolderTensor> tensors;
    for (const auto& slot : slots)
        tensors.push_back(folderTensor(slot, [&values, name = slot.name] { return values(name); }));
    return writeModelFolder(source, spec, tensors, folder);
}

template<typename Model>
Status save(Model& model, const std::string& folder, const std::string&)
{
    std::map<std::string, at::Tensor> live;
    for (const auto* parameter : model.parameters())
        live.emplace(parameter->name, parameter->value);
    return write(model.source, model.spec(), trainedSlots(model), [&live](const std::string& name) { return live.at(name); }, folder);
}

model::ValuesWriter writer(Decoder& model, const std::string&)
{
    return [source = model.source, spec = model.spec(), slots = trainedSlots(model)](const std::string& folder, const model::TrainedValues& values) {
        return write(source, spec, slots, values, folder);
    };
}

template<typename Model>
Status apply(Model& model, const Json&, std::uint64_t seed)
{
    if (!model.trainsBase())
        return fail(ErrorCode::Internal, "Full fine-tuning needs a model that was loaded with its master weights.");
    model.seedDropout(seed);
    model.setSaver(save<Model>);
    if constexpr (std::is_same_v<Model, Decoder>)
        model.setWriterMaker(writer);
    return {};
}

}

const PeftMethod& full()
{
    static const PeftMethod method {"full", "", apply<Decoder>, nullptr, apply<Network>};
    return method;
}

}
