// SPDX-License-Identifier: GPL-3.0-or-later
#include "peft/low_rank.h"

#include "methods/method.h"
#include "peft/adapter_io.h"
#include "peft/lora_hook.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <fmt/format.h>

#include <cmath>

namespace attune::peft {
namespace {

using families::Role;
using families::TensorSlot;
using formats::PeftAdapter;
using model::Network;

/// adapter_config.json of a new adapter, with the keys that PEFT 0.9 and later read (formats.md §3.2:
/// older versions stop at keys that they do not know).
Json newConfig(const Network& network, const Json& values, bool isDora)
{
    auto config = baseConfig("LORA", network);
    config["r"] = values.value("r", std::int64_t(16));
    config["lora_alpha"] = plainNumber(values.value("lora_alpha", 32.0));
    config["lora_dropout"] = values.value("lora_dropout", 0.0);
    config["use_rslora"] = values.value("use_rslora", false);
    config["use_dora"] = isDora;
    config["bias"] = "none";
    config["fan_in_fan_out"] = false;
    config["init_lora_weights"] = values.value("init_lora_weights", "default") == "gaussian" ? Json("gaussian") : Json(true);
    for (const char* unused : {"layers_to_transform", "layers_pattern", "modules_to_save"})
        config[unused] = nullptr;
    config["rank_pattern"] = Json::object();
    config["alpha_pattern"] = Json::object();
    return config;
}

/// PEFT's first values: A from U(-1/sqrt(in), 1/sqrt(in)) (kaiming_uniform with a = sqrt(5)) or N(0, 1/r) and
/// B zero; on an embedding A zero and B from N(0, 1).
void fillPlain(LowRankValues& values, const TensorSlot& slot, std::int64_t rank, bool isGaussian, at::Generator& generator)
{
    const auto out = slot.shape[0], in = slot.shape[1];
    if (slot.role == Role::Embedding) {
        values.a = at::zeros({rank, out});
        values.b = at::empty({in, rank}).normal_(0, 1, generator);
        return;
    }
    const double bound = 1.0 / std::sqrt(static_cast<double>(in));
    values.a = isGaussian ? at::empty({rank, in}).normal_(0, 1.0 / static_cast<double>(rank), generator) : at::empty({rank, in}).uniform_(-bound, bound, generator);
    values.b = at::zeros({out, rank});
}

/// W = U S V^T: A = sqrt(S_r / s) V_r^T and B = U_r sqrt(S_r / s), so that s B A is the best W of rank r.
void fillPrincipal(LowRankValues& values, const at::Tensor& weight, std::int64_t rank)
{
    const auto [u, s, v] = at::linalg_svd(weight, /*full_matrices=*/false);
    const auto roots = (s.narrow(0, 0, rank) / values.scaling).sqrt();
    values.a = (roots.unsqueeze(1) * v.narrow(0, 0, rank)).contiguous();
    values.b = (u.narrow(1, 0, rank) * roots).contiguous();
    values.startA = values.a.clone();
    values.startB = values.b.clone();
}

void put(Network& network, const TensorSlot& slot, LowRankValues values, bool isTrained)
{
    const auto device = network.placement().device;
    for (auto* tensor : {&values.a, &values.b, &values.magnitude, &values.startA, &values.startB})
        if (tensor->defined())
            *tensor = tensor->to(device);
    const auto module = moduleOf(slot);
    if (slot.role == Role::Embedding)
        network.setEmbeddingHook(std::make_shared<EmbeddingLoraHook>(module, values, isTrained));
    else
        network.findLinear(module)->setHook(std::make_shared<LoraHook>(module, values, isTrained));
}

PeftAdapter collect(Network& network, Json config)
{
    std::set<std::string> targets;
    std::vector<std::string> all = linearNames(network);
    PeftAdapter adapter;
    if (const auto* hook = dynamic_cast<EmbeddingLoraHook*>(network.embeddingHook())) {
        targets.insert(hook->module());
        all.push_back(hook->module());
        addTensor(adapter, hook->module(), "lora_embedding_A", hook->a());
        addTensor(adapter, hook->module(), "lora_embedding_B", hook->b());
    }
    for (const auto* linear : network.linears()) {
        const auto* hook = dynamic_cast<LoraHook*>(linear->hook());
        if (!hook)
            continue;
        targets.insert(linear->name());
        addTensor(adapter, linear->name(), "lora_A", hook->plainA());
        addTensor(adapter, linear->name(), "lora_B", hook->plainB());
        if (hook->magnitude().defined())
            addTensor(adapter, linear->name(), "lora_magnitude_vector", hook->magnitude());
        if (linear->slot().isTransposed)
            config["fan_in_fan_out"] = true;
    }
    config["target_modules"] = namesOf(targets, all);
    adapter.setConfig(std::move(config));
    addSaved(adapter, network);
    return adapter;
}

/// A plain LoRA that does what PiSSA's does has twice the rank, and an alpha that keeps the scale.
void doubleRanks(Json& config)
{
    const double factor = config["use_rslora"].get<bool>() ? std::sqrt(2.0) : 2.0;
    config["r"] = 2 * config["r"].get<std::int64_t>();
    config["lora_alpha"] = plainNumber(config["lora_alpha"].get<double>() * factor);
    for (auto& [module, rank] : config["rank_pattern"].items())
        rank = 2 * rank.get<std::int64_t>();
    for (auto& [module, alpha] : config["alpha_pattern"].items())
        alpha = plainNumber(alpha.get<double>() * factor);
}

/// How one layer is adapted; its rank and alpha go into the configuration's patterns where they differ.
Result<LowRankValues> newValues(Network& network, const TensorSlot& slot, const Json& values, Json& config, at::Generator& generator, bool isDora)
{
    LowRankValues result;
    const auto module = moduleOf(slot);
    const bool isPissa = values.value("init_lora_weights", "default") == "pissa" && slot.role != Role::Embedding;
    const auto rank = isPissa ? std::min({methods::rankOf(slot, values), slot.shape[0], slot.shape[1]}) : methods::rankOf(slot, values);
    const auto alpha = methods::alphaOf(slot, values);
    if (rank != config["r"].get<std::int64_t>())
        config["rank_pattern"][module] = rank;
    if (alpha != config["lora_alpha"].get<double>())
        config["alpha_pattern"][module] = plainNumber(alpha);
    result.scaling = alpha / (config["use_rslora"].get<bool>() ? std::sqrt(static_cast<double>(rank)) : static_cast<double>(rank));
    result.dropout = config["lora_dropout"].get<double>();
    result.rateOfB = values.value("loraplus_lr_ratio", 1.0);
    if (slot.role == Role::Embedding && isDora)
        return fail(ErrorCode::Unsupported, "DoRA on an embedding table is not possible.", "Use lora, or leave the embedding out of method.target_modules.");
    if (slot.role != Role::Embedding && !network.findLinear(module))
        return fail(ErrorCode::Unsupported, fmt::format("method.target_modules: {} cannot carry an adapter.", module), "Use all-linear or layers of attention and MLP.");
    if (isPissa)
        fillPrincipal(result, network.find(slot.name)->values(), rank);
    else
        fillPlain(result, slot, rank, config["init_lora_weights"] == "gaussian", generator);
    if (isDora)  // B is zero, so the lengths are the base's own
        result.magnitude = at::linalg_vector_norm(network.find(slot.name)->values(), 2, at::IntArrayRef {1});
    return result;
}

}

Status applyLowRank(Network& network, const Json& values, std::uint64_t seed, bool isDora)
{
    const at::NoGradGuard noGrad;
    ATTUNE_TRY(const auto targets, methods::targetSlots(network.slots(), values.value("target_modules", Json("all-linear"))));
    auto config = newConfig(network, values, isDora);
    auto generator = at::detail::createCPUGenerator(seed);
    std::set<std::string> saved;
    for (const auto& slot : methods::savedSlots(network.slots(), values))
        saved.insert(slot.name);
    for (const auto& slot : targets) {
        if (saved.contains(slot.name))
            continue;
        ATTUNE_TRY(auto made, newValues(network, slot, values, config, generator, isDora));
        put(network, slot, std::move(made), true);
    }
    ATTUNE_RETURN_IF_ERROR(trainSaved(network, values));
    if (values.value("init_lora_weights", "default") == "pissa")
        doubleRanks(config);
    network.seedDropout(seed);
    setCollector(network, [config](Network& model) { return collect(model, config); });
    return {};
}

Status loadLowRank(Network& network, const PeftAdapter& adapter, bool isTrainable)
{
    const at::NoGradGuard noGrad;
    for (const auto& tensor : adapter.tensors())
        if (tensor.part == "lora_B.bias" || tensor.part == "trainable_tokens_delta")
            return fail(ErrorCode::Unsupported, fmt::format("The adapter's {}.{} is no part of a LoRA that this version knows.", tensor.module, tensor.part), "Merge the adapter into its base with PEFT first.");
    for (const auto& module : adapter.loraModules()) {
        const auto* slot = slotOf(network, module);
        const bool isEmbedding = adapter.find(module, "lora_embedding_A");
        if (!slot || slot->shape.size() != 2 || (slot->role == Role::Embedding) != isEmbedding || (!isEmbedding && !network.findLinear(module)))
            return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter changes {}, which is no such layer of the base model.", module), "Choose the base model that the adapter was trained on.");
        const auto rank = adapter.rankOf(module), out = slot->shape[0], in = slot->shape[1];
        LowRankValues values;
        ATTUNE_TRY(values.a, adapterTensor(adapter, network, module, isEmbedding ? "lora_embedding_A" : "lora_A", {rank, isEmbedding ? out : in}));
        ATTUNE_TRY(values.b, adapterTensor(adapter, network, module, isEmbedding ? "lora_embedding_B" : "lora_B", {isEmbedding ? in : out, rank}));
        if (adapter.usesDora() && !isEmbedding) {
            ATTUNE_TRY(values.magnitude, adapterTensor(adapter, network, module, "lora_magnitude_vector", {out}));
        }
        values.scaling = adapter.scaleOf(module);
        values.dropout = adapter.config().value("lora_dropout", 0.0);
        put(network, *slot, std::move(values), isTrainable);
    }
    ATTUNE_RETURN_IF_ERROR(loadSaved(network, adapter, isTrainable));
    network.seedDropout(0);
    setCollector(network, [config = adapter.config()](Network& model) { return collect(model, config); });
    return {};
}

}
