// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/shared_options.h"

#include <fmt/format.h>

#include <algorithm>

namespace attune::methods {

using families::TensorSlot;

Option rankOption()
{
    return {.key = "method.r", .type = OptionType::Integer, .defaultValue = 16, .label = "Rank",
        .help = "The size of the adapter: r columns and rows per layer. More can learn more and takes more memory.", .minimum = 1, .maximum = 4096,
        .group = "essentials", .typical = "8 to 64; 256 for VeRA"};
}

Option targetsOption()
{
    return {.key = "method.target_modules", .type = OptionType::List, .defaultValue = "all-linear", .label = "Layers",
        .help = "Which linear layers are changed: all-linear (all but embeddings and head), or a list of roles (attn_q, mlp_up) or names (q_proj).",
        .choices = {{"all-linear", "All linear layers", "All but embeddings and head, as PEFT means it."}}, .group = "lora"};
}

Option savedModulesOption()
{
    return {.key = "method.modules_to_save", .type = OptionType::List, .defaultValue = Json::array(), .label = "Train in full",
        .help = "Modules that are trained entirely beside the adapter, such as embed_tokens or lm_head. llama.cpp cannot load such an adapter; merge it "
                "instead.",
        .group = "lora", .isExpert = true};
}

std::vector<Option> lowRankOptions()
{
    return {rankOption(),
        {.key = "method.lora_alpha", .type = OptionType::Number, .defaultValue = 32.0, .label = "Alpha",
            .help = "How strongly the adapter acts: its output is multiplied by alpha / r.", .minimum = 0.0, .maximum = 65536.0,
            .minimumIsExclusive = true, .group = "lora", .typical = "r to 2 r"},
        {.key = "method.lora_dropout", .type = OptionType::Number, .defaultValue = 0.0, .label = "Dropout",
            .help = "The share of the adapter's inputs that is left out at random while training, against memorising.", .minimum = 0.0,
            .maximum = 0.95, .group = "lora", .typical = "0 to 0.1"},
        targetsOption(),
        {.key = "method.use_rslora", .type = OptionType::Boolean, .defaultValue = false, .label = "Rank-stabilised",
            .help = "Scales by alpha / sqrt(r) instead of alpha / r, which keeps high ranks effective (Kalajdzievski 2023).", .group = "lora",
            .isExpert = true},
        {.key = "method.loraplus_lr_ratio", .type = OptionType::Number, .defaultValue = 1.0, .label = "LoRA+ ratio",
            .help = "How many times faster B learns than A (Hayou et al. 2024). 1 is plain LoRA.", .minimum = 0.0, .maximum = 1000.0,
            .minimumIsExclusive = true, .group = "lora", .typical = "1, or 16 for LoRA+", .isExpert = true},
        {.key = "method.rank_pattern", .type = OptionType::Map, .defaultValue = Json::object(), .label = "Rank by layer",
            .help = "Role or layer name to rank, for layers that need more or less than the others: {mlp_down: 32}.", .group = "lora",
            .isExpert = true},
        {.key = "method.alpha_pattern", .type = OptionType::Map, .defaultValue = Json::object(), .label = "Alpha by layer",
            .help = "Role or layer name to alpha, like rank by layer.", .group = "lora", .isExpert = true},
        savedModulesOption()};
}

Option virtualTokensOption()
{
    return {.key = "method.num_virtual_tokens", .type = OptionType::Integer, .defaultValue = 20, .label = "Virtual tokens",
        .help = "How many trained positions come before every text. Each takes its share of the context.", .unit = "tokens", .minimum = 1,
        .maximum = 4096, .group = "essentials", .typical = "8 to 100"};
}

Option encoderSizeOption()
{
    return {.key = "method.encoder_hidden_size", .type = OptionType::Integer, .defaultValue = Json(), .label = "Encoder width",
        .help = "The hidden width of the small network that makes the virtual tokens while training. Empty: as wide as the model's tokens.",
        .minimum = 1, .maximum = 65536, .group = "lora", .isNullable = true, .isExpert = true};
}

Status checkTargets(const families::ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    ATTUNE_TRY(const auto targets, targetSlots(slots, values.value("target_modules", Json("all-linear"))));
    if (targets.empty())
        return fail(ErrorCode::RecipeValue, "method.target_modules chooses no layer of this model.", "Name layers such as q_proj.");
    const auto isShared = [](const TensorSlot& slot) { return slot.role == families::Role::Embedding || slot.role == families::Role::LmHead; };
    const auto saved = savedSlots(slots, values);
    if (spec.tiedEmbeddings && (std::any_of(targets.begin(), targets.end(), isShared) || std::any_of(saved.begin(), saved.end(), isShared)))
        return fail(ErrorCode::RecipeConflict, "The model's head shares the weight of its embeddings, so neither can be changed by an adapter alone.", "Leave both out, or choose the method \"Some layers\" with its embeddings.");
    const auto names = values.find("modules_to_save");
    if (names == values.end() || !names->is_array())
        return {};
    for (const auto& name : *names)
        if (!name.is_string() || std::none_of(slots.begin(), slots.end(), [&](const TensorSlot& slot) { return namesSlot(name.get<std::string>(), slot); }))
            return fail(ErrorCode::RecipeValue, fmt::format("method.modules_to_save names {}, which no module of this model is called.", toLine(name)), "Use a name such as embed_tokens or lm_head.");
    return {};
}

Shapes shapesOf(const std::vector<TensorSlot>& slots)
{
    Shapes shapes;
    for (const auto& slot : slots)
        if (!slot.isOptional || slot.role != families::Role::LmHead)
            shapes.push_back(slot.shape);
    return shapes;
}

std::vector<TensorSlot> adaptedSlots(const std::vector<TensorSlot>& slots, const Values& values)
{
    auto targets = targetSlots(slots, values.value("target_modules", Json("all-linear")));
    if (!targets)
        return {};
    const auto saved = savedSlots(slots, values);
    std::erase_if(*targets, [&](const TensorSlot& slot) {
        return std::any_of(saved.begin(), saved.end(), [&](const TensorSlot& s) { return s.name == slot.name; });
    });
    return *targets;
}

Shapes lowRankShapes(const std::vector<TensorSlot>& slots, const Values& values)
{
    Shapes shapes = shapesOf(savedSlots(slots, values));
    for (const auto& slot : adaptedSlots(slots, values)) {
        if (slot.shape.size() != 2)
            continue;
        const std::int64_t rank = rankOf(slot, values);
        shapes.push_back({rank, slot.shape[1]});
        shapes.push_back({slot.shape[0], rank});
    }
    return shapes;
}

std::int64_t keptOfTargets(const families::ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values, std::int64_t outputCopies)
{
    const auto targets = targetSlots(slots, values.value("target_modules", Json("all-linear")));
    if (!targets)
        return 0;
    std::int64_t widths = 0;
    for (const auto& slot : *targets)
        widths += slot.shape.back() + outputCopies * slot.shape.front();
    return 4 * widths / std::max<std::int64_t>(spec.layers, 1);
}

bool savesModules(const Values& values)
{
    const auto names = values.find("modules_to_save");
    return names != values.end() && names->is_array() && !names->empty();
}

bool hasGguf(const families::ModelSpec& spec)
{
    const auto* family = families::findById(spec.family);
    if (!family)
        return true;
    return !family->ggufArchitectures.empty() && (!family->reasonAgainstGguf || family->reasonAgainstGguf(spec).empty());
}

std::string mergedForms(const families::ModelSpec& spec)
{
    return hasGguf(spec) ? "one merged model as safetensors, GGUF or Ollama" : "one merged model as safetensors";
}

}
