// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/converter.h"

#include <map>

namespace attune::pipeline {
namespace {

void putBeta(Converter& c, const Recipe& recipe, const char* key)
{
    c.put(key, recipe.value("objective.beta"), {"objective.beta"});
}

void loseObjective(Converter& c, const Recipe& recipe, const std::string& instead)
{
    c.result.unmapped.push_back(fmt::format("objective.type = {}: {}", recipe.text("objective.type"), instead));
}

}

bool isPreference(const Recipe& recipe)
{
    static const std::set<std::string> pairs {"dpo", "ipo", "orpo", "kto", "simpo", "reward"};
    return pairs.contains(recipe.text("objective.type"));
}

std::string putTrlObjective(Converter& c, const Recipe& recipe)
{
    const std::string type = recipe.text("objective.type");
    if (type == "dpo" || type == "ipo") {
        putBeta(c, recipe, "beta");
        c.put("loss_type", type == "ipo" ? Json("ipo") : recipe.value("objective.loss_type"), {"objective.loss_type"});
        if (type == "dpo")
            c.put("label_smoothing", recipe.value("objective.label_smoothing"), {"objective.label_smoothing"});
        return "trl dpo --config config.yaml";
    }
    if (type == "kto") {
        putBeta(c, recipe, "beta");
        c.put("desirable_weight", recipe.value("objective.desirable_weight"), {"objective.desirable_weight"});
        c.put("undesirable_weight", recipe.value("objective.undesirable_weight"), {"objective.undesirable_weight"});
        return "trl kto --config config.yaml";
    }
    if (type == "reward") {
        if (recipe.number("objective.center_rewards_coefficient") > 0)
            c.put("center_rewards_coefficient", recipe.value("objective.center_rewards_coefficient"), {"objective.center_rewards_coefficient"});
        return "trl reward --config config.yaml";
    }
    if (type == "orpo" || type == "simpo") {
        putBeta(c, recipe, "beta");
        if (type == "simpo") {
            c.put("loss_type", "simpo", {});
            c.put("simpo_gamma", recipe.value("objective.simpo_gamma"), {"objective.simpo_gamma"});
            c.put("cpo_alpha", recipe.value("objective.cpo_alpha"), {"objective.cpo_alpha"});
            c.put("label_smoothing", recipe.value("objective.label_smoothing"), {"objective.label_smoothing"});
        }
        const std::string module = type == "orpo" ? "orpo" : "cpo";
        loseObjective(c, recipe, fmt::format("`trl` has no command for it; its trainer is trl.experimental.{}, whose configuration takes these keys.", module));
        return fmt::format("python -m trl.experimental.{}", module);
    }
    if (type == "distill") {
        c.put("teacher_model_name_or_path", recipe.value("objective.teacher"), {"objective.teacher"});
        c.put("temperature", recipe.value("objective.temperature"), {"objective.temperature"});
        const std::string kind = recipe.text("objective.kd_loss");
        c.put("beta", kind == "forward_kl" ? Json(0.0) : kind == "reverse_kl" ? Json(1.0) : recipe.value("objective.jsd_beta"), {"objective.kd_loss", "objective.jsd_beta"});
        c.put("lmbda", 0.0, {});
        loseObjective(c, recipe, "its trainer is trl.experimental.gkd, which has no share of the ordinary loss and no factor of the squared temperature.");
        return "python -m trl.experimental.gkd";
    }
    if (type != "sft" && type != "pretrain")
        loseObjective(c, recipe, "TRL does not train it; transformers' example scripts (run_classification, run_ner, run_mlm) do.");
    return "trl sft --config config.yaml";
}

void putAxolotlObjective(Converter& c, const Recipe& recipe)
{
    const std::string type = recipe.text("objective.type");
    if (type == "reward") {
        c.put("reward_model", true, {});
        c.put("model_type", "AutoModelForSequenceClassification", {});
        c.put("num_labels", 1, {});
        if (recipe.number("objective.center_rewards_coefficient") > 0)
            c.put("center_rewards_coefficient", recipe.value("objective.center_rewards_coefficient"), {"objective.center_rewards_coefficient"});
        return;
    }
    if (isPreference(recipe)) {
        c.put("rl", type, {});
        putBeta(c, recipe, "rl_beta");
        if (type == "dpo" && recipe.text("objective.loss_type") != "sigmoid")
            c.put("dpo_loss_type", Json::array({recipe.value("objective.loss_type")}), {"objective.loss_type"});
        if (type == "dpo" && recipe.number("objective.label_smoothing") > 0)
            c.put("dpo_label_smoothing", recipe.value("objective.label_smoothing"), {"objective.label_smoothing"});
        if (type == "kto") {
            c.put("kto_desirable_weight", recipe.value("objective.desirable_weight"), {"objective.desirable_weight"});
            c.put("kto_undesirable_weight", recipe.value("objective.undesirable_weight"), {"objective.undesirable_weight"});
        }
        if (type == "simpo") {
            c.put("simpo_gamma", recipe.value("objective.simpo_gamma"), {"objective.simpo_gamma"});
            c.put("cpo_alpha", recipe.value("objective.cpo_alpha"), {"objective.cpo_alpha"});
        }
        return;
    }
    if (type != "sft" && type != "pretrain")
        loseObjective(c, recipe, "axolotl does not train it.");
}

void putLlamaFactoryObjective(Converter& c, const Recipe& recipe)
{
    static const std::map<std::string, std::string> stages {{"pretrain", "pt"}, {"reward", "rm"}, {"dpo", "dpo"}, {"ipo", "dpo"}, {"orpo", "dpo"}, {"simpo", "dpo"}, {"kto", "kto"}};
    const std::string type = recipe.text("objective.type");
    const auto stage = stages.find(type);
    c.put("stage", stage == stages.end() ? "sft" : stage->second, {});
    if (type == "reward" || !isPreference(recipe)) {
        if (stage == stages.end() && type != "sft")
            loseObjective(c, recipe, "LLaMA-Factory does not train it.");
        return;
    }
    putBeta(c, recipe, "pref_beta");
    if (type == "kto") {
        c.put("kto_chosen_weight", recipe.value("objective.desirable_weight"), {"objective.desirable_weight"});
        c.put("kto_rejected_weight", recipe.value("objective.undesirable_weight"), {"objective.undesirable_weight"});
        return;
    }
    static const std::set<std::string> losses {"sigmoid", "hinge", "robust", "bco_pair"};
    const std::string loss = type == "dpo" ? recipe.text("objective.loss_type") : type;
    if (type == "dpo" && !losses.contains(loss))
        c.lose("objective.loss_type", "LLaMA-Factory has sigmoid, hinge, robust and bco_pair.");
    c.put("pref_loss", loss, {"objective.loss_type"});
    if (type == "dpo" && recipe.number("objective.label_smoothing") > 0)
        c.put("dpo_label_smoothing", recipe.value("objective.label_smoothing"), {"objective.label_smoothing"});
    if (type == "simpo")
        c.put("simpo_gamma", recipe.value("objective.simpo_gamma"), {"objective.simpo_gamma"});
}

void putMethod(Converter& c, const Recipe& recipe, const std::string& target)
{
    const std::string type = recipe.text("method.type"), bits = recipe.text("model.quantization");
    if (type == "dora")
        c.put(target == "axolotl" ? "peft_use_dora" : "use_dora", true, {});
    else if (type == "freeze" && target == "llamafactory")
        c.put("freeze_trainable_layers", recipe.value("method.train_layers"), {"method.train_layers"});
    else if (type != "lora" && type != "full")
        c.result.unmapped.push_back(fmt::format("method.type = {}: it has no counterpart there; the configuration trains {}.", type, "all weights"));
    if (bits == "nf4" && target == "llamafactory") {
        c.put("quantization_bit", 4, {"model.quantization"});
        c.put("quantization_method", "bnb", {});
    } else if (bits == "nf4" || bits == "int8") {
        if (target == "llamafactory")
            c.put("quantization_bit", 8, {"model.quantization"});
        else
            c.put(bits == "nf4" ? "load_in_4bit" : "load_in_8bit", true, {"model.quantization"});
    } else if (bits == "keep") {
        c.lose("model.quantization", "training on a GGUF file's own blocks exists nowhere else.");
    }
}

}
