// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/peft_adapter.h"
#include "methods/method.h"
#include "model/decoder.h"
#include "peft/low_rank.h"
#include "peft/peft_method.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <map>
#include <set>

namespace attune::peft {
namespace {

using model::Decoder;
using model::Linear;
using model::LowRank;

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

/// The names under which PEFT finds the adapted linears: the last part where all linears of that name
/// in the model are adapted, else the whole path.
Json targetNames(Decoder& decoder)
{
    std::set<std::string> shared, partly;
    const auto last = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
    for (const auto* linear : decoder.linears())
        (linear->adapter ? shared : partly).insert(last(linear->name));
    std::set<std::string> names;
    for (const auto* linear : decoder.linears()) {
        if (linear->adapter)
            names.insert(partly.contains(last(linear->name)) ? linear->name : last(linear->name));
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

/// The names of an adapter's two tensors, and the linear that they are on.
struct AdapterNames {
    std::string linear, a, b;
};

std::vector<AdapterNames> adapterNames(Decoder& decoder)
{
    std::vector<AdapterNames> names;
    for (const auto* linear : decoder.linears())
        if (linear->adapter)
            names.push_back({linear->name, linear->adapter->a.name, linear->adapter->b.name});
    return names;
}

Json configOf(Decoder& decoder, const std::string& baseName, Json config)
{
    config["base_model_name_or_path"] = baseName;
    config["inference_mode"] = true;
    config["target_modules"] = targetNames(decoder);
    config["lora_alpha"] = plainNumber(config.value("lora_alpha", 8.0));
    return config;
}

/// A copy of the trained tensors in PEFT's form.
formats::PeftAdapter adapterOf(const Json& config, const std::vector<AdapterNames>& names, const model::TrainedValues& values)
{
    formats::PeftAdapter adapter(config);
    for (const auto& name : names) {
        const auto a = values(name.a), b = values(name.b);
        adapter.add(name.linear, "lora_A", a.sizes().vec(), valuesOf(a));
        adapter.add(name.linear, "lora_B", b.sizes().vec(), valuesOf(b));
    }
    return adapter;
}

/// What the model holds now.
model::TrainedValues liveValues(Decoder& decoder)
{
    std::map<std::string, at::Tensor> values;
    for (const auto* linear : decoder.linears()) {
        if (!linear->adapter)
            continue;
        values.emplace(linear->adapter->a.name, linear->adapter->a.value);
        values.emplace(linear->adapter->b.name, linear->adapter->b.value);
    }
    return [values = std::move(values)](const std::string& name) { return values.at(name); };
}

void setSavers(Decoder& decoder, const Json& config)
{
    decoder.setSaver([config](Decoder& model, const std::string& folder, const std::string& baseName) {
        return adapterOf(configOf(model, baseName, config), adapterNames(model), liveValues(model)).write(folder);
    });
    decoder.setWriterMaker([config](Decoder& model, const std::string& baseName) {
        return [named = configOf(model, baseName, config), names = adapterNames(model)](const std::string& folder, const model::TrainedValues& values) {
            return adapterOf(named, names, values).write(folder);
        };
    });
}

const families::TensorSlot* slotOf(const Decoder& decoder, const std::string& module)
{
    for (const auto& slot : decoder.slots()) {
        if (slot.name == module + ".weight")
            return &slot;
    }
    return nullptr;
}

/// What the decoder's hand-written passes lack: whole modules beside the adapter, PiSSA and embeddings.
bool needsNetwork(const Json& values)
{
    const auto saved = values.find("modules_to_save"), targets = values.find("target_modules");
    const auto isEmbedding = [](const Json& name) {
        const auto text = name.is_string() ? name.get<std::string>() : std::string();
        return text.find("embed") != std::string::npos || text.ends_with("wte");
    };
    return (saved != values.end() && saved->is_array() && !saved->empty()) || values.value("init_lora_weights", "default") == "pissa"
        || (targets != values.end() && targets->is_array() && std::any_of(targets->begin(), targets->end(), isEmbedding));
}

bool adapterNeedsNetwork(const formats::PeftAdapter& adapter)
{
    return std::any_of(adapter.tensors().begin(), adapter.tensors().end(), [](const auto& tensor) { return tensor.part != "lora_A" && tensor.part != "lora_B"; });
}

/// A as PEFT starts it: U(-1/sqrt(in), 1/sqrt(in)) (kaiming_uniform with a = sqrt(5)), or N(0, 1/r).
at::Tensor initialA(std::int64_t rank, std::int64_t in, bool isGaussian, at::Generator& generator)
{
    if (isGaussian)
        return at::empty({rank, in}).normal_(0, 1.0 / static_cast<double>(rank), generator);
    const double bound = 1.0 / std::sqrt(static_cast<double>(in));
    return at::empty({rank, in}).uniform_(-bound, bound, generator);
}

Status apply(Decoder& decoder, const Json& values, std::uint64_t seed)
{
    ATTUNE_TRY(const auto targets, methods::targetSlots(decoder.slots(), values.value("target_modules", Json("all-linear"))));
    auto config = newConfig(values);
    auto generator = at::detail::createCPUGenerator(seed);
    const bool isGaussian = config["init_lora_weights"] == "gaussian";
    const bool isStabilised = config["use_rslora"].get<bool>();
    for (const auto& slot : targets) {
        config["fan_in_fan_out"] = config["fan_in_fan_out"].get<bool>() || slot.isTransposed;
        const auto module = slot.name.substr(0, slot.name.rfind('.'));
        const auto* linear = decoder.findLinear(module);
        if (!linear)
            return fail(ErrorCode::Unsupported, fmt::format("method.target_modules: {} cannot carry an adapter yet.", module), "Use all-linear or layers of attention and MLP.");
        const auto rank = methods::rankOf(slot, values);
        const auto alpha = methods::alphaOf(slot, values);
        if (rank != config["r"].get<std::int64_t>())
            config["rank_pattern"][module] = rank;
        if (alpha != config["lora_alpha"].get<double>())
            config["alpha_pattern"][module] = plainNumber(alpha);
        const auto scaling = alpha / (isStabilised ? std::sqrt(static_cast<double>(rank)) : static_cast<double>(rank));
        const auto a = initialA(rank, slot.shape[1], isGaussian, generator);
        auto adapter = lowRank(module, a, at::zeros({slot.shape[0], rank}), scaling, config["lora_dropout"].get<double>(), decoder.placement().device, true);
        adapter->b.learningRateScale = values.value("loraplus_lr_ratio", 1.0);
        decoder.setAdapter(module, std::move(adapter));
    }
    decoder.seedDropout(seed);
    decoder.parametersChanged();
    setSavers(decoder, config);
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

Status checkLoadable(Decoder& decoder, const formats::PeftAdapter& adapter)
{
    if (adapter.usesDora())
        return fail(ErrorCode::Unsupported, "The adapter uses DoRA, which this version cannot use.", "Choose a plain LoRA adapter.");
    for (const auto& tensor : adapter.tensors()) {
        if (tensor.part != "lora_A" && tensor.part != "lora_B")
            return fail(ErrorCode::Unsupported, fmt::format("The adapter's {}.{} is no part of a plain LoRA.", tensor.module, tensor.part), "Merge the adapter into its base with PEFT first.");
        if (!decoder.findLinear(tensor.module))
            return fail(slotOf(decoder, tensor.module) ? ErrorCode::Unsupported : ErrorCode::AdapterMismatch,
                fmt::format("The adapter changes {}, which {}.", tensor.module, slotOf(decoder, tensor.module) ? "cannot carry an adapter yet" : "the base model does not have"),
                "Choose the base model that the adapter was trained on.");
    }
    return {};
}

Status load(Decoder& decoder, const formats::PeftAdapter& adapter, bool isTrainable)
{
    ATTUNE_RETURN_IF_ERROR(checkLoadable(decoder, adapter));
    const auto dropout = adapter.config().value("lora_dropout", 0.0);
    for (const auto& module : adapter.loraModules()) {
        const auto* slot = slotOf(decoder, module);
        const auto rank = adapter.rankOf(module);
        ATTUNE_TRY(const auto a, matrix(adapter, module, "lora_A", {rank, slot->shape[1]}));
        ATTUNE_TRY(const auto b, matrix(adapter, module, "lora_B", {slot->shape[0], rank}));
        decoder.setAdapter(module, lowRank(module, a, b, adapter.scaleOf(module), dropout, decoder.placement().device, isTrainable));
    }
    decoder.seedDropout(0);
    decoder.parametersChanged();
    setSavers(decoder, adapter.config());
    return {};
}

}

const PeftMethod& lora()
{
    static const PeftMethod method {.id = "lora",
        .peftType = "LORA",
        .apply = apply,
        .load = load,
        .applyTo = [](model::Network& network, const Json& values, std::uint64_t seed) { return applyLowRank(network, values, seed, false); },
        .loadInto = loadLowRank,
        .needsNetwork = needsNetwork,
        .adapterNeedsNetwork = adapterNeedsNetwork};
    return method;
}

}
