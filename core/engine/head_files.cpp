// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/head_files.h"

#include "base/file.h"
#include "families/task_head.h"
#include "formats/peft_adapter.h"
#include "formats/safetensors.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

#include <set>

namespace attune::engine {
namespace {

using model::Network;

struct HeadTensor {
    std::string name;  ///< "score.weight"
    std::vector<std::int64_t> shape;
    std::vector<float> values;
    std::string savedModule;  ///< as PEFT names it: "classifier"
};

/// A copy of the head's weights, for a writer on another thread.
std::vector<HeadTensor> copyHead(Network& network)
{
    std::vector<HeadTensor> head;
    for (const auto& slot : network.slots()) {
        const auto* tensor = network.find(slot.name);
        const bool isHead = families::isOfHead(slot) || (families::isPooler(slot) && tensor && tensor->isTrained());
        if (!isHead || !tensor)
            continue;
        const auto values = tensor->values().to(at::kCPU, at::kFloat).contiguous();
        head.push_back({slot.name, values.sizes().vec(), {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()}, families::savedModule(slot.name, network.spec())});
    }
    return head;
}

Status addToAdapter(const std::string& folder, const families::TaskHead& head, const std::vector<HeadTensor>& tensors)
{
    ATTUNE_TRY(auto adapter, formats::PeftAdapter::open(folder));
    Json config = adapter.config();
    config["task_type"] = head.kind == families::TaskHead::Kind::Tokens ? "TOKEN_CLS" : "SEQ_CLS";
    std::set<std::string> saved {"classifier", "score"};  // PEFT's own for these tasks
    if (config.contains("modules_to_save") && config["modules_to_save"].is_array())
        for (const auto& name : config["modules_to_save"])
            saved.insert(name.get<std::string>());
    for (const auto& tensor : tensors) {
        const auto dot = tensor.name.rfind('.');
        const auto module = tensor.name.substr(0, dot);
        saved.insert(tensor.savedModule);
        if (!adapter.find(module, tensor.name.substr(dot + 1)))
            adapter.add(module, tensor.name.substr(dot + 1), tensor.shape, tensor.values);
    }
    config["modules_to_save"] = saved;
    adapter.setConfig(config);
    return adapter.write(folder);
}

/// For layouts that are not PEFT's: the head in a file of its own.
Status writeApart(const std::string& folder, const std::vector<HeadTensor>& head)
{
    std::vector<formats::TensorToWrite> tensors;
    for (const auto& tensor : head)
        tensors.push_back({tensor.name, formats::DType::F32, tensor.shape, [&tensor]() -> Result<std::span<const std::uint8_t>> {
            return std::span(reinterpret_cast<const std::uint8_t*>(tensor.values.data()), tensor.values.size() * sizeof(float));
        }});
    return formats::writeSafetensors(folder + "/head.safetensors", std::move(tensors));
}

Status addHead(const std::string& folder, const families::TaskHead& head, const std::vector<HeadTensor>& tensors)
{
    std::error_code error;
    const std::string configPath = folder + "/config.json";
    if (fs::exists(configPath, error)) {
        ATTUNE_TRY(auto config, readJsonFile(configPath, 64u << 20));
        families::describeHead(config, head);
        return writeFileAtomically(configPath, config.dump(2) + "\n");
    }
    ATTUNE_RETURN_IF_ERROR(fs::exists(folder + "/adapter_model.safetensors", error) ? addToAdapter(folder, head, tensors) : writeApart(folder, tensors));
    return writeFileAtomically(folder + "/head.json", families::toJson(head).dump(2) + "\n");
}

}

Status trainHead(Network& network)
{
    const auto slots = network.slots();
    for (const auto& slot : slots)
        if (network.find(slot.name) && (families::isOfHead(slot) || network.newSlots.contains(slot.name))) {
            ATTUNE_TRY([[maybe_unused]] auto* parameter, network.train(slot.name));
        }
    return {};
}

std::function<Status(const std::string& folder)> headWriter(Network& network, const families::TaskHead& head)
{
    return [head, tensors = copyHead(network)](const std::string& folder) { return addHead(folder, head, tensors); };
}

}
