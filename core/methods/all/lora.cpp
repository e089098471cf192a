// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"

namespace attune::methods {
namespace {

using families::TensorSlot;

/// A [r, in] and B [out, r] for each target, and full copies of modules_to_save.
std::int64_t trainableParameters(const std::vector<TensorSlot>& slots, const Values& values)
{
    const auto saved = savedSlots(slots, values);
    std::int64_t count = families::parameterCount(saved);
    const auto targets = targetSlots(slots, values.value("target_modules", Json("all-linear")));
    if (!targets)
        return count;
    for (const auto& slot : *targets) {
        const bool isSaved = std::any_of(saved.begin(), saved.end(), [&](const TensorSlot& s) { return s.name == slot.name; });
        if (!isSaved && slot.shape.size() == 2)
            count += rankOf(slot, values) * (slot.shape[0] + slot.shape[1]);
    }
    return count;
}

std::string canBecome(const families::ModelSpec&)
{
    return "A PEFT adapter, a GGUF adapter for llama.cpp, or one merged model as safetensors, GGUF or Ollama.";
}

std::vector<Option> sizeOptions()
{
    return {
        {.key = "method.r", .type = OptionType::Integer, .defaultValue = 16, .label = "Rank",
            .help = "The size of the adapter: r columns and rows per layer. More can learn more and takes more memory.", .minimum = 1,
            .maximum = 4096, .group = "essentials", .typical = "8 to 64"},
        {.key = "method.lora_alpha", .type = OptionType::Number, .defaultValue = 32.0, .label = "Alpha",
            .help = "How strongly the adapter acts: its output is multiplied by alpha / r.", .minimum = 0.0, .maximum = 65536.0,
            .minimumIsExclusive = true, .group = "lora", .typical = "r to 2 r"},
        {.key = "method.lora_dropout", .type = OptionType::Number, .defaultValue = 0.0, .label = "Dropout",
            .help = "The share of the adapter's inputs that is left out at random while training, against memorising.", .minimum = 0.0,
            .maximum = 0.95, .group = "lora", .typical = "0 to 0.1"},
        {.key = "method.target_modules", .type = OptionType::List, .defaultValue = "all-linear", .label = "Layers",
            .help = "Which linear layers get an adapter: all-linear (all but embeddings and head), or a list of roles (attn_q, mlp_up) or names "
                    "(q_proj).",
            .choices = {{"all-linear", "All linear layers", "All but embeddings and head, as PEFT means it."}}, .group = "lora"},
    };
}

std::vector<Option> expertOptions()
{
    return {
        {.key = "method.use_rslora", .type = OptionType::Boolean, .defaultValue = false, .label = "Rank-stabilised",
            .help = "Scales by alpha / sqrt(r) instead of alpha / r, which keeps high ranks effective (Kalajdzievski 2023).", .group = "lora",
            .isExpert = true},
        {.key = "method.init_lora_weights", .type = OptionType::Choice, .defaultValue = "default", .label = "Initial values",
            .help = "What the adapter starts from. With all of them the fresh adapter changes nothing.",
            .choices = {{"default", "Kaiming", "A uniform, B zero, as in PEFT."}, {"gaussian", "Gaussian", "A normal with deviation 1 / r, B zero."},
                {.value = "pissa", .label = "PiSSA", .help = "The largest singular directions of the weight (Meng et al. 2024).", .isAvailable = false}},
            .group = "lora", .isExpert = true},
        {.key = "method.loraplus_lr_ratio", .type = OptionType::Number, .defaultValue = 1.0, .label = "LoRA+ ratio",
            .help = "How many times faster B learns than A (Hayou et al. 2024). 1 is plain LoRA.", .minimum = 0.0, .maximum = 1000.0,
            .minimumIsExclusive = true, .group = "lora", .typical = "1, or 16 for LoRA+", .isExpert = true},
        {.key = "method.rank_pattern", .type = OptionType::Map, .defaultValue = Json::object(), .label = "Rank by layer",
            .help = "Role or layer name to rank, for layers that need more or less than the others: {mlp_down: 32}.", .group = "lora",
            .isExpert = true},
        {.key = "method.alpha_pattern", .type = OptionType::Map, .defaultValue = Json::object(), .label = "Alpha by layer",
            .help = "Role or layer name to alpha, like rank by layer.", .group = "lora", .isExpert = true},
        {.key = "method.modules_to_save", .type = OptionType::List, .defaultValue = Json::array(), .label = "Train in full",
            .help = "Modules that are trained entirely beside the adapter, such as embed_tokens or lm_head. llama.cpp cannot load such an adapter; "
                    "merge it instead.",
            .group = "lora", .isExpert = true},
    };
}

std::vector<Option> options()
{
    std::vector<Option> all = sizeOptions();
    for (auto& option : expertOptions())
        all.push_back(std::move(option));
    return all;
}

}

const Method& lora()
{
    static const Method method {
        .id = "lora",
        .displayName = "LoRA",
        .sentence = "Freezes the model and trains small matrices beside its layers: little memory, and the result is a small file.",
        .reference = "Hu et al. 2021, arXiv:2106.09685",
        .options = options(),
        .trainsBase = false,
        .trainableParameters = trainableParameters,
        .canBecome = canBecome,
    };
    return method;
}

}
