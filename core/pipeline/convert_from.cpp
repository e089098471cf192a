// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/convert_from.h"

#include "base/file.h"
#include "base/names.h"
#include "pipeline/recipe_yaml.h"
#include "planner/optimizer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace attune::pipeline {
namespace {

constexpr std::size_t kMaxConfig = 1u << 20;

/// Takes their keys one by one; what nobody took is named at the end.
class Importer
{
public:
    explicit Importer(const Json& config) : m_config(config) {}

    const Json* take(const std::string& key)
    {
        m_taken.insert(key);
        const auto it = m_config.find(key);
        return it == m_config.end() || it->is_null() ? nullptr : &*it;
    }
    std::string text(const std::string& key)
    {
        const auto* value = take(key);
        return value && value->is_string() ? value->get<std::string>() : std::string();
    }
    bool flag(const std::string& key)
    {
        const auto* value = take(key);
        return value && value->is_boolean() && value->get<bool>();
    }
    /// The same value under our key; one that we would refuse is named.
    void move(const std::string& theirs, const std::string& ours)
    {
        if (const auto* value = take(theirs))
            set(ours, *value, theirs);
    }
    void set(const std::string& ours, const Json& value, const std::string& theirs)
    {
        if (const auto status = result.recipe.set(ours, value); !status)
            result.unmapped.push_back(fmt::format("{} = {}: {}", theirs, value.dump(), status.error().message));
    }
    void lose(const std::string& key, const std::string& why) { result.unmapped.push_back(fmt::format("{}: {}", key, why)); }
    void ignore(std::initializer_list<const char*> keys) { m_taken.insert(keys.begin(), keys.end()); }
    void finish()
    {
        for (const auto& [key, value] : m_config.items())
            if (!m_taken.contains(key) && !value.is_null() && value != false && value != Json::array() && value != Json::object() && value != "")
                lose(key, "has no counterpart.");
    }

    ReadRecipe result;

private:
    const Json& m_config;
    std::set<std::string> m_taken;
};

void takeTargets(Importer& in, const std::string& key)
{
    const auto* value = in.take(key);
    if (!value)
        return;
    const bool isAll = value->is_string() && (*value == "all-linear" || *value == "all");
    in.set("method.target_modules", isAll ? Json("all-linear") : value->is_string() ? Json::array({*value}) : *value, key);
}

Status fromPeft(Importer& in)
{
    static const std::map<std::string, std::string> methods {{"LORA", "lora"}, {"IA3", "ia3"}, {"PROMPT_TUNING", "prompt"}, {"PREFIX_TUNING", "prefix"},
        {"P_TUNING", "p_tuning"}, {"VERA", "vera"}};
    const std::string type = in.text("peft_type");
    const auto method = methods.find(type);
    if (method == methods.end())
        return fail(ErrorCode::RecipeValue, type.empty() ? "It is no adapter_config.json: peft_type is missing." : fmt::format("peft_type {} has no counterpart.", type),
            "LORA, IA3, PROMPT_TUNING, PREFIX_TUNING, P_TUNING and VERA have.");
    in.set("method.type", in.flag("use_dora") ? Json("dora") : Json(method->second), "peft_type");
    in.move("base_model_name_or_path", "model.base");
    takeTargets(in, "target_modules");
    for (const auto& [theirs, ours] : {std::pair {"r", "method.r"}, {"lora_alpha", "method.lora_alpha"}, {"lora_dropout", "method.lora_dropout"},
             {"use_rslora", "method.use_rslora"}, {"rank_pattern", "method.rank_pattern"}, {"alpha_pattern", "method.alpha_pattern"},
             {"modules_to_save", "method.modules_to_save"}, {"num_virtual_tokens", "method.num_virtual_tokens"}, {"encoder_hidden_size", "method.encoder_hidden_size"},
             {"prefix_projection", "method.projection"}, {"prompt_tuning_init_text", "method.init_text"}, {"feedforward_modules", "method.feedforward_modules"}})
        if (const auto* value = in.take(theirs); value && *value != Json::object() && *value != Json::array())
            in.set(ours, *value, theirs);
    if (const auto* init = in.take("init_lora_weights"); init && init->is_string())
        in.set("method.init_lora_weights", *init, "init_lora_weights");
    const std::string task = in.text("task_type");
    if (task == "SEQ_CLS" || task == "TOKEN_CLS")
        in.set("objective.type", task == "SEQ_CLS" ? "classification" : "token_classification", "task_type");
    if (const auto bias = in.text("bias"); !bias.empty() && bias != "none")
        in.lose("bias", "biases are not trained beside an adapter; method bitfit trains them alone.");
    in.ignore({"inference_mode", "revision", "auto_mapping", "peft_version", "fan_in_fan_out", "token_dim", "num_layers", "num_attention_heads", "num_transformer_submodules",
        "loftq_config", "eva_config", "corda_config", "megatron_core", "qalora_group_size", "init_ia3_weights", "encoder_reparameterization_type", "encoder_num_layers",
        "prompt_tuning_init", "tokenizer_name_or_path"});
    return {};
}

std::string optimizerOf(const std::string& theirs)
{
    const auto* facts = planner::optimizerOfHfName(theirs);
    return facts ? facts->id : theirs;
}

void takeAxolotlMethod(Importer& in)
{
    const std::string adapter = in.text("adapter");
    const bool isFour = in.flag("load_in_4bit") || adapter == "qlora", isEight = in.flag("load_in_8bit");
    in.set("method.type", adapter.empty() ? "full" : in.flag("peft_use_dora") ? "dora" : "lora", "adapter");
    if (isFour || isEight)
        in.set("model.quantization", isFour ? "nf4" : "int8", isFour ? "load_in_4bit" : "load_in_8bit");
    if (adapter.empty())
        return;
    in.move("lora_r", "method.r");
    in.move("lora_alpha", "method.lora_alpha");
    in.move("lora_dropout", "method.lora_dropout");
    in.move("peft_use_rslora", "method.use_rslora");
    in.move("lora_modules_to_save", "method.modules_to_save");
    in.move("loraplus_lr_ratio", "method.loraplus_lr_ratio");
    const bool isAll = in.flag("lora_target_linear");
    takeTargets(in, "lora_target_modules");
    if (isAll)
        in.set("method.target_modules", "all-linear", "lora_target_linear");
}

void takeAxolotlData(Importer& in)
{
    if (const auto* datasets = in.take("datasets"); datasets && datasets->is_array() && !datasets->empty() && datasets->front().is_object()) {
        const auto& first = datasets->front();
        if (first.contains("path") && first["path"].is_string())
            in.set("data.train", first["path"], "datasets");
        if (datasets->size() > 1)
            in.lose("datasets", "only the first of several is taken; combine them into one.");
        const Json type = first.value("type", Json());
        const Json format = type.is_object() ? type.value("format", Json()) : Json();
        if (type == "completion")
            in.set("objective.type", "pretrain", "datasets");
        else if (format == "{instruction}")
            in.set("data.template", "none", "datasets");
        else if (type.is_object())
            in.lose("datasets", "its own format of prompts is not taken; write the rows as conversations.");
    }
    if (in.flag("train_on_inputs"))
        in.set("data.train_on", "all", "train_on_inputs");
    if (in.text("chat_template") == "chatml")
        in.set("data.template", "chatml", "chat_template");
    in.move("sequence_len", "data.max_length");
    in.move("sample_packing", "data.packing");
    in.move("val_set_size", "data.eval_fraction");
}

void takeAxolotlObjective(Importer& in)
{
    const std::string rl = in.text("rl");
    if (!rl.empty())
        in.set("objective.type", rl, "rl");
    else if (in.flag("reward_model"))
        in.set("objective.type", "reward", "reward_model");
    for (const auto& [theirs, ours] : {std::pair {"rl_beta", "objective.beta"}, {"dpo_label_smoothing", "objective.label_smoothing"}, {"simpo_gamma", "objective.simpo_gamma"},
             {"cpo_alpha", "objective.cpo_alpha"}, {"kto_desirable_weight", "objective.desirable_weight"}, {"kto_undesirable_weight", "objective.undesirable_weight"}})
        in.move(theirs, ours);
}

Status fromAxolotl(Importer& in)
{
    if (!in.take("base_model"))
        return fail(ErrorCode::RecipeValue, "It is no configuration of axolotl: base_model is missing.", "Name the YAML file that `axolotl train` takes.");
    in.move("base_model", "model.base");
    takeAxolotlMethod(in);
    takeAxolotlData(in);
    takeAxolotlObjective(in);
    for (const auto& [theirs, ours] : {std::pair {"num_epochs", "training.num_train_epochs"}, {"max_steps", "training.max_steps"}, {"micro_batch_size", "training.batch_size"},
             {"gradient_accumulation_steps", "training.gradient_accumulation_steps"}, {"learning_rate", "training.learning_rate"}, {"weight_decay", "training.weight_decay"},
             {"adam_beta1", "training.adam_beta1"}, {"adam_beta2", "training.adam_beta2"}, {"adam_epsilon", "training.adam_epsilon"}, {"max_grad_norm", "training.max_grad_norm"},
             {"warmup_ratio", "training.warmup_ratio"}, {"warmup_steps", "training.warmup_steps"}, {"neftune_noise_alpha", "training.neftune_noise_alpha"},
             {"lr_scheduler_kwargs", "training.lr_scheduler_kwargs"}, {"seed", "seed"}, {"save_steps", "checkpoints.every_steps"}, {"save_total_limit", "checkpoints.keep"},
             {"eval_steps", "eval.every_steps"}})
        in.move(theirs, ours);
    if (const auto optimizer = in.text("optimizer"); !optimizer.empty())
        in.set("training.optimizer", optimizerOf(optimizer), "optimizer");
    if (auto schedule = in.text("lr_scheduler"); !schedule.empty())
        in.set("training.lr_scheduler", schedule == "constant_with_warmup" ? "constant" : schedule == "warmup_stable_decay" ? "wsd" : schedule, "lr_scheduler");
    const auto* bf16 = in.take("bf16");
    if (in.flag("fp16"))
        in.set("model.dtype", "float16", "fp16");
    else if (bf16 && bf16->is_boolean())
        in.set("model.dtype", bf16->get<bool>() ? "bfloat16" : "float32", "bf16");
    if (const auto out = fs::path(in.text("output_dir")).filename().string(); isValidName(out))
        in.set("name", out, "output_dir");
    in.ignore({"tokenizer_type", "tf32", "gradient_checkpointing", "logging_steps", "flash_attention", "pad_to_sequence_len", "train_on_inputs", "special_tokens", "strict",
        "dataset_prepared_path", "wandb_project", "wandb_entity", "wandb_watch", "wandb_name", "wandb_log_model", "model_type", "num_labels", "saves_per_epoch", "evals_per_epoch"});
    return {};
}

using Read = Status (*)(Importer&);
const std::map<std::string, Read> kSources {{"axolotl", fromAxolotl}, {"peft", fromPeft}};

}

std::vector<std::string> conversionSources()
{
    std::vector<std::string> names;
    for (const auto& [name, read] : kSources)
        names.push_back(name);
    return names;
}

Result<ReadRecipe> readForeignRecipe(const std::string& path, const std::string& source)
{
    const auto it = kSources.find(source);
    if (it == kSources.end())
        return fail(ErrorCode::Usage, fmt::format("Configurations of {} cannot be read.", source), fmt::format("Choose one of {}.", fmt::join(conversionSources(), ", ")));
    std::error_code error;
    const std::string file = fs::is_directory(path, error) ? path + "/adapter_config.json" : path;
    ATTUNE_TRY(const auto text, readFile(file, kMaxConfig));
    ATTUNE_TRY(const auto document, parseYaml(text));
    if (!document.root.is_object())
        return fail(ErrorCode::RecipeValue, fmt::format("{} holds no settings.", file), "A file of keys and values is wanted.");
    Importer in(document.root);
    ATTUNE_RETURN_IF_ERROR(it->second(in));
    in.finish();
    return std::move(in.result);
}

}
