// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/peft_adapter.h"
#include "methods/method.h"
#include "model/decoder.h"
#include "model/network/network.h"
#include "peft/lora_hook.h"
#include "peft/peft_method.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <set>

namespace attune::peft {
namespace {

using model::Decoder;
using model::Linear;
using model::LowRank;
using model::Network;

/// What PEFT knows of a linear and its adapter.
struct Adapted {
    std::string module;
    at::Tensor a, b;  ///< undefined without an adapter
};

/// Puts the master of one matrix on the model's device, with a gradient where it trains.
model::Parameter parameter(const std::string& name, const at::Tensor& value, at::Device device, bool isTrained)
{
    auto onDevice = value.to(device, at::kFloat).contiguous();
    return {name, onDevice, isTrained ? at::zeros_like(onDevice) : at::Tensor()};
}

std::unique_ptr<LowRank> lowRank(const std::string& module, const at::Tensor& a, const at::Tensor& b, double scaling, double dropout, at::Device device, bool isTrained)
{
    const auto prefix = "base_model.model." + module;
    return std::make_unique<LowRank>(LowRank {parameter(prefix + ".lora_A.weight", a, device, isTrained), parameter(prefix + ".lora_B.weight", b, device, isTrained), scaling, dropout, isTrained, 0});
}

std::vector<Adapted> adapted(Decoder& decoder)
{
    std::vector<Adapted> result;
    for (const auto* linear : decoder.linears())
        result.push_back(linear->adapter ? Adapted {linear->name, linear->adapter->a.value, linear->adapter->b.value} : Adapted {linear->name, {}, {}});
    return result;
}

std::vector<Adapted> adapted(Network& network)
{
    std::vector<Adapted> result;
    for (const auto* linear : network.linears()) {
        const auto* hook = dynamic_cast<const LoraHook*>(linear->hook());
        result.push_back(hook ? Adapted {linear->name(), hook->a(), hook->b()} : Adapted {linear->name(), {}, {}});
    }
    return result;
}

void put(Decoder& decoder, const std::string& module, const at::Tensor& a, const at::Tensor& b, double scaling, double dropout, bool isTrained)
{
    decoder.setAdapter(module, lowRank(module, a, b, scaling, dropout, decoder.placement().device, isTrained));
}

void put(Network& network, const std::string& module, const at::Tensor& a, const at::Tensor& b, double scaling, double dropout, bool isTrained)
{
    const auto device = network.placement().device;
    network.findLinear(module)->setHook(std::make_shared<LoraHook>(module, a.to(device), b.to(device), scaling, dropout, isTrained));
}

/// The names under which PEFT finds the adapted linears: the last part where all linears of that name
/// in the model are adapted, else the whole path.
Json targetNames(const std::vector<Adapted>& linears)
{
    std::set<std::string> shared, partly;
    const auto last = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
    for (const auto& linear : linears)
        (linear.a.defined() ? shared : partly).insert(last(linear.module));
    std::set<std::string> names;
    for (const auto& linear : linears) {
        if (linear.a.defined())
            names.insert(partly.contains(last(linear.module)) ? linear.module : last(linear.module));
    }
    return Json(std::vector<std::string>(names.begin(), names.end()));
}

/// adapter_config.json of a new adapter, with the keys that PEFT 0.9 and later read (formats.md §3.2:
/// older versions stop at keys that they do not know).
Json newConfig(const Json& values)
{
    Json config = Json::object();
    config["peft_type"] = "LORA";
    config["task_type"] = "CAUSAL_LM";
    config["auto_mapping"] = nullptr;
    config["revision"] = nullptr;
    config["r"] = values.value("r", 16);
    config["lora_alpha"] = values.value("lora_alpha", 32.0);
    config["lora_dropout"] = values.value("lora_dropout", 0.0);
    config["use_rslora"] = values.value("use_rslora", false);
    config["use_dora"] = false;
    config["bias"] = "none";
    config["fan_in_fan_out"] = false;  // set where the base holds [in, out] (GPT-2)
    config["init_lora_weights"] = values.value("init_lora_weights", "default") == "gaussian" ? Json("gaussian") : Json(true);
    config["layers_to_transform"] = nullptr;
    config["layers_pattern"] = nullptr;
    config["modules_to_save"] = nullptr;
    config["rank_pattern"] = Json::object();
    config["alpha_pattern"] = Json::object();
    return config;
}

/// A whole number is written as one, as Python does with `lora_alpha: 16`.
Json plainNumber(double value)
{
    return value == std::floor(value) && std::abs(value) < 1e15 ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

std::vector<float> valuesOf(const at::Tensor& tensor)
{
    const auto flat = tensor.to(at::kCPU, at::kFloat).contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

/// A copy of the trained tensors in PEFT's form.
template<typename Model>
formats::PeftAdapter adapterOf(Model& model, const std::string& baseName, Json config)
{
    const auto linears = adapted(model);
    config["base_model_name_or_path"] = baseName;
    config["inference_mode"] = true;
    config["target_modules"] = targetNames(linears);
    config["lora_alpha"] = plainNumber(config.value("lora_alpha", 8.0));
    formats::PeftAdapter adapter(config);
    for (const auto& [module, a, b] : linears) {
        if (!a.defined())
            continue;
        adapter.add(module, "lora_A", a.sizes().vec(), valuesOf(a));
        adapter.add(module, "lora_B", b.sizes().vec(), valuesOf(b));
    }
    return adapter;
}

template<typename Model>
void setSavers(Model& model, const Json& config)
{
    model.setSaver([config](Model& saved, const std::string& folder, const std::string& baseName) { return adapterOf(saved, baseName, config).write(folder); });
    model.setSnapshotter([config](Model& saved, const std::string& baseName) {
        return [adapter = adapterOf(saved, baseName, config)](const std::string& folder) { return adapter.write(folder); };
    });
}

template<typename Model>
const families::TensorSlot* slotOf(const Model& model, const std::string& module)
{
    for (const auto& slot : model.slots()) {
        if (slot.name == module + ".weight")
            return &slot;
    }
    return nullptr;
}

Status checkValues(const Json& values)
{
    if (values.contains("modules_to_save") && !values["modules_to_save"].empty())
        return fail(ErrorCode::Unsupported, "method.modules_to_save: training whole modules beside an adapter is not possible yet.", "Leave it empty.");
    const auto init = values.value("init_lora_weights", "default");
    if (init != "default" && init != "gaussian")
        return fail(ErrorCode::Unsupported, fmt::format("method.init_lora_weights: {} is not possible yet.", init), "Use default or gaussian.");
    return {};
}

/// A as PEFT starts it: U(-1/sqrt(in), 1/sqrt(in)) (kaiming_uniform with a = sqrt(5)), or N(0, 1/r).
at::Tensor initialA(std::int64_t rank, std::int64_t in, bool isGaussian, at::Generator& generator)
{
    if (isGaussian)
        return at::empty({rank, in}).normal_(0, 1.0 / static_cast<double>(rank), generator);
    const double bound = 1.0 / std::sqrt(static_cast<double>(in));
    return at::empty({rank, in}).uniform_(-bound, bound, generator);
}

template<typename Model>
Status apply(Model& model, const Json& values, std::uint64_t seed)
{
    ATTUNE_RETURN_IF_ERROR(checkValues(values));
    ATTUNE_TRY(const auto targets, methods::targetSlots(model.slots(), values.value("target_modules", Json("all-linear"))));
    auto config = newConfig(values);
    auto generator = at::detail::createCPUGenerator(seed);
    const bool isGaussian = config["init_lora_weights"] == "gaussian";
    const bool isStabilised = config["use_rslora"].get<bool>();
    for (const auto& slot : targets) {
        config["fan_in_fan_out"] = config["fan_in_fan_out"].get<bool>() || slot.isTransposed;
        const auto module = slot.name.substr(0, slot.name.rfind('.'));
        if (!model.findLinear(module))
            return fail(ErrorCode::Unsupported, fmt::format("method.target_modules: {} cannot carry an adapter yet.", module), "Use all-linear or layers of attention and MLP.");
        const auto rank = methods::rankOf(slot, values);
        const auto alpha = methods::alphaOf(slot, values);
        if (rank != config["r"].get<std::int64_t>())
            config["rank_pattern"][module] = rank;
        if (alpha != config["lora_alpha"].get<double>())
            config["alpha_pattern"][module] = plainNumber(alpha);
        const auto scaling = alpha / (isStabilised ? std::sqrt(static_cast<double>(rank)) : static_cast<double>(rank));
        const auto a = initialA(rank, slot.shape[1], isGaussian, generator);
        put(model, module, a, at::zeros({slot.shape[0], rank}), scaling, config["lora_dropout"].get<double>(), true);
    }
    model.seedDropout(seed);
    model.parametersChanged();
    setSavers(model, config);
    return {};
}

std::string shapeText(at::IntArrayRef shape)
{
    std::string text = "[";
    for (const auto size : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
}

Result<at::Tensor> matrix(const formats::PeftAdapter& adapter, const std::string& module, const char* part, at::IntArrayRef wanted)
{
    const auto* tensor = adapter.find(module, part);
    if (!tensor || at::IntArrayRef(tensor->shape) != wanted)
        return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter's {}.{} has the shape {}, the base model needs {}.", module, part,
            tensor ? shapeText(tensor->shape) : "of nothing", shapeText(wanted)),
            "Choose the base model that the adapter was trained on.");
    ATTUNE_TRY(const auto values, tensor->values());
    return at::tensor(at::ArrayRef<float>(values), at::kFloat).view(wanted);
}

template<typename Model>
Status checkLoadable(Model& model, const formats::PeftAdapter& adapter)
{
    if (adapter.usesDora())
        return fail(ErrorCode::Unsupported, "The adapter uses DoRA, which this version cannot use.", "Choose a plain LoRA adapter.");
    for (const auto& tensor : adapter.tensors()) {
        if (tensor.part != "lora_A" && tensor.part != "lora_B")
            return fail(ErrorCode::Unsupported, fmt::format("The adapter's {}.{} is no part of a plain LoRA.", tensor.module, tensor.part), "Merge the adapter into its base with PEFT first.");
        if (!model.findLinear(tensor.module))
            return fail(slotOf(model, tensor.module) ? ErrorCode::Unsupported : ErrorCode::AdapterMismatch,
                fmt::format("The adapter changes {}, which {}.", tensor.module, slotOf(model, tensor.module) ? "cannot carry an adapter yet" : "the base model does not have"),
                "Choose the base model that the adapter was trained on.");
    }
    return {};
}

template<typename Model>
Status load(Model& model, const formats::PeftAdapter& adapter, bool isTrainable)
{
    ATTUNE_RETURN_IF_ERROR(checkLoadable(model, adapter));
    const auto dropout = adapter.config().value("lora_dropout", 0.0);
    for (const auto& module : adapter.loraModules()) {
        const auto* slot = slotOf(model, module);
        const auto rank = adapter.rankOf(module);
        ATTUNE_TRY(const auto a, matrix(adapter, module, "lora_A", {rank, slot->shape[1]}));
        ATTUNE_TRY(const auto b, matrix(adapter, module, "lora_B", {slot->shape[0], rank}));
        put(model, module, a, b, adapter.scaleOf(module), dropout, isTrainable);
    }
    model.seedDropout(0);
    model.parametersChanged();
    setSavers(model, adapter.config());
    return {};
}

}

const PeftMethod& lora()
{
    static const PeftMethod method {"lora", "LORA", apply<Decoder>, load<Decoder>, apply<Network>, load<Network>};
    return method;
}

}
