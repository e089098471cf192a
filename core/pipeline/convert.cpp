// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/convert.h"

#include "pipeline/converter.h"
#include "pipeline/packing.h"
#include "pipeline/recipe_yaml.h"
#include "planner/optimizer.h"

#include <map>

namespace attune::pipeline {
namespace {

// Shared by TRL and LLaMA-Factory, which both hand these to Transformers' TrainingArguments.
constexpr KeyPair kTransformers[] = {
    {"training.num_train_epochs", "num_train_epochs"}, {"training.max_steps", "max_steps"}, {"training.batch_size", "per_device_train_batch_size"},
    {"training.gradient_accumulation_steps", "gradient_accumulation_steps"}, {"training.learning_rate", "learning_rate"},
    {"training.weight_decay", "weight_decay"}, {"training.adam_beta1", "adam_beta1"}, {"training.adam_beta2", "adam_beta2"},
    {"training.adam_epsilon", "adam_epsilon"}, {"training.warmup_ratio", "warmup_ratio"}, {"training.warmup_steps", "warmup_steps"},
    {"training.max_grad_norm", "max_grad_norm"}, {"training.label_smoothing", "label_smoothing_factor"}, {"seed", "seed"},
    {"checkpoints.every_steps", "save_steps"}, {"checkpoints.keep", "save_total_limit"},
};
constexpr KeyPair kAxolotl[] = {
    {"training.num_train_epochs", "num_epochs"}, {"training.batch_size", "micro_batch_size"},
    {"training.gradient_accumulation_steps", "gradient_accumulation_steps"}, {"training.learning_rate", "learning_rate"},
    {"training.weight_decay", "weight_decay"}, {"training.adam_beta1", "adam_beta1"}, {"training.adam_beta2", "adam_beta2"},
    {"training.adam_epsilon", "adam_epsilon"}, {"training.max_grad_norm", "max_grad_norm"}, {"data.max_length", "sequence_len"},
    {"data.packing", "sample_packing"}, {"data.eval_fraction", "val_set_size"}, {"seed", "seed"}, {"checkpoints.every_steps", "save_steps"},
    {"checkpoints.keep", "save_total_limit"},
};

void putSchedule(Converter& c, const Recipe& recipe, const char* key)
{
    static const std::map<std::string, std::string> names {{"wsd", "warmup_stable_decay"}};
    const std::string ours = recipe.text("training.lr_scheduler");
    const auto it = names.find(ours);
    std::string theirs = it == names.end() ? ours : it->second;
    if (theirs == "constant" && (recipe.integer("training.warmup_steps") > 0 || recipe.number("training.warmup_ratio") > 0))
        theirs = "constant_with_warmup";  // theirs does not warm up under `constant`
    c.put(key, theirs, {"training.lr_scheduler"});
    if (!recipe.value("training.lr_scheduler_kwargs").empty())
        c.put("lr_scheduler_kwargs", recipe.value("training.lr_scheduler_kwargs"), {"training.lr_scheduler_kwargs"});
}

bool isLora(const Recipe& recipe)
{
    return recipe.text("method.type") == "lora" || recipe.text("method.type") == "dora";
}

void noteModel(Converter& c, const Recipe& recipe)
{
    if (recipe.text("model.base").ends_with(".gguf"))
        c.lose("model.base", "a GGUF file cannot be trained there; name the Hugging Face folder or repository it was made from.");
}

void putLora(Converter& c, const Recipe& recipe, const std::string& prefix, const Json& allLinear)
{
    c.put(prefix + "r", recipe.value("method.r"), {"method.r"});
    c.put(prefix + "alpha", recipe.value("method.lora_alpha"), {"method.lora_alpha"});
    c.put(prefix + "dropout", recipe.value("method.lora_dropout"), {"method.lora_dropout"});
    const Json& targets = recipe.value("method.target_modules");
    c.put(prefix + "target_modules", targets == "all-linear" ? allLinear : targets, {"method.target_modules"});
}

ConvertedRecipe toAxolotl(const Recipe& recipe, const std::string& dataFile)
{
    Converter c(recipe);
    c.put("base_model", recipe.value("model.base"), {});
    noteModel(c, recipe);
    putMethod(c, recipe, "axolotl");
    putAxolotlObjective(c, recipe);
    if (isLora(recipe)) {
        c.put("adapter", recipe.text("model.quantization") == "nf4" ? "qlora" : "lora", {});
        putLora(c, recipe, "lora_", "all-linear");
        if (recipe.value("method.target_modules") == "all-linear") {
            c.result.config.erase("lora_target_modules");
            c.put("lora_target_linear", true, {});
        }
        c.put("peft_use_rslora", recipe.value("method.use_rslora"), {"method.use_rslora"});
        c.put("lora_modules_to_save", recipe.value("method.modules_to_save"), {"method.modules_to_save"});
        if (recipe.number("method.loraplus_lr_ratio") != 1.0)
            c.put("loraplus_lr_ratio", recipe.value("method.loraplus_lr_ratio"), {"method.loraplus_lr_ratio"});
    }
    const bool isChat = recipe.text("data.template") != "none";
    Json dataset {{"path", dataFile}, {"ds_type", "json"}, {"type", isPreference(recipe) ? "chat_template.default" : isChat ? "chat_template" : "completion"}};
    const bool isPlainPair = !isChat && recipe.text("objective.type") == "sft";
    if (isPlainPair) {  // the prompt as it is, and behind it the answer
        dataset["type"] = {{"field_instruction", "prompt"}, {"field_output", "completion"}, {"format", "{instruction}"}, {"no_input_format", "{instruction}"}};
        c.put("train_on_inputs", recipe.text("data.train_on") == "all", {});
    }
    if (isChat && !isPreference(recipe))
        dataset["roles_to_train"] = recipe.text("data.train_on") == "all" ? Json {"assistant", "user", "system"} : Json {"assistant"};
    c.put("datasets", Json::array({dataset}), {"data.train_on", "data.template"});
    if (recipe.text("data.template") == "chatml")
        c.put("chat_template", "chatml", {});
    c.map(kAxolotl);
    if (recipe.integer("training.max_steps") > 0)
        c.put("max_steps", recipe.value("training.max_steps"), {"training.max_steps"});
    const bool usesSteps = recipe.integer("training.warmup_steps") > 0;  // giving both is an error there
    c.put(usesSteps ? "warmup_steps" : "warmup_ratio", recipe.value(usesSteps ? "training.warmup_steps" : "training.warmup_ratio"),
        {"training.warmup_steps", "training.warmup_ratio"});
    c.put("optimizer", planner::findOptimizerFacts(recipe.text("training.optimizer"))->hfNames.front(), {"training.optimizer"});
    putSchedule(c, recipe, "lr_scheduler");
    if (recipe.integer("eval.every_steps") > 0)
        c.put("eval_steps", recipe.value("eval.every_steps"), {"eval.every_steps"});
    if (recipe.number("training.neftune_noise_alpha") > 0)
        c.put("neftune_noise_alpha", recipe.value("training.neftune_noise_alpha"), {"training.neftune_noise_alpha"});
    c.put("bf16", recipe.text("model.dtype") == "auto" ? Json("auto") : Json(recipe.text("model.dtype") == "bfloat16"), {});
    c.put("fp16", recipe.text("model.dtype") == "float16", {});
    c.put("gradient_checkpointing", recipe.text("training.gradient_checkpointing") != "false", {"training.gradient_checkpointing"});
    c.put("output_dir", "./" + recipe.name(), {});
    if (recipe.text("data.train_on") == "completion" && !isPlainPair)
        c.result.unmapped.push_back("data.train_on = completion: there every assistant turn is trained, which differs for conversations of several turns.");
    c.finish();
    c.result.command = "axolotl train config.yaml";
    return std::move(c.result);
}

void putTransformers(Converter& c, const Recipe& recipe)
{
    c.map(kTransformers);
    c.put("optim", planner::findOptimizerFacts(recipe.text("training.optimizer"))->hfNames.front(), {"training.optimizer"});
    putSchedule(c, recipe, "lr_scheduler_type");
    c.put("bf16", recipe.text("model.dtype") != "float32" && recipe.text("model.dtype") != "float16", {});
    c.put("fp16", recipe.text("model.dtype") == "float16", {});
    c.put("gradient_checkpointing", recipe.text("training.gradient_checkpointing") != "false", {"training.gradient_checkpointing"});
    const bool evaluates = !recipe.text("data.eval").empty() || recipe.number("data.eval_fraction") > 0;
    if (evaluates && recipe.integer("eval.every_steps") > 0) {
        c.put("eval_strategy", "steps", {});
        c.put("eval_steps", recipe.value("eval.every_steps"), {"eval.every_steps"});
    }
    if (recipe.number("training.neftune_noise_alpha") > 0)
        c.put("neftune_noise_alpha", recipe.value("training.neftune_noise_alpha"), {"training.neftune_noise_alpha"});
    c.put("output_dir", "./" + recipe.name(), {});
}

ConvertedRecipe toTrl(const Recipe& recipe, const std::string& dataFile)
{
    Converter c(recipe);
    c.put("model_name_or_path", recipe.value("model.base"), {});
    noteModel(c, recipe);
    c.put("datasets", Json::array({Json {{"path", "json"}, {"data_files", dataFile}, {"split", "train"}}}), {});
    putMethod(c, recipe, "trl");
    const std::string verb = putTrlObjective(c, recipe);
    if (isLora(recipe)) {
        c.put("use_peft", true, {});
        putLora(c, recipe, "lora_", "all-linear");
        c.put("use_rslora", recipe.value("method.use_rslora"), {"method.use_rslora"});
        if (!recipe.value("method.modules_to_save").empty())
            c.put("lora_modules_to_save", recipe.value("method.modules_to_save"), {"method.modules_to_save"});
    }
    c.put("max_length", recipe.value("data.max_length"), {"data.max_length"});
    if (recipe.isVisible(*recipeSchema().find("data.packing")))
        c.put("packing", recipe.value("data.packing"), {"data.packing"});
    if (packsRows(recipe))
        c.put("packing_strategy", "bfd", {});
    const std::string trainOn = recipe.text("data.train_on");
    // Rows rendered by a template are conversations there; prompt and completion are plain text.
    const bool isChat = recipe.text("data.template") != "none";
    c.cover({"data.train_on", "data.template"});
    if (recipe.text("objective.type") == "sft")
        c.put(isChat ? "assistant_only_loss" : "completion_only_loss", trainOn != "all", {});
    else
        c.result.config.erase("packing_strategy");
    if (recipe.text("objective.type") == "sft" && isChat && trainOn == "completion")
        c.result.unmapped.push_back("data.train_on = completion: there every assistant turn is trained, which differs for conversations of several turns.");
    putTransformers(c, recipe);
    if (recipe.text("data.eval").empty() && recipe.number("data.eval_fraction") > 0) {
        c.result.config.erase("eval_strategy");
        c.result.config.erase("eval_steps");
        c.lose("data.eval_fraction", "`trl sft` takes evaluation rows from a split of their own; none is kept aside here.");
    }
    c.finish();
    c.result.command = verb;
    return std::move(c.result);
}

ConvertedRecipe toLlamaFactory(const Recipe& recipe, const std::string& dataFile)
{
    Converter c(recipe);
    c.put("model_name_or_path", recipe.value("model.base"), {});
    noteModel(c, recipe);
    putLlamaFactoryObjective(c, recipe);
    c.put("do_train", true, {});
    c.put("finetuning_type", isLora(recipe) ? "lora" : recipe.text("method.type") == "freeze" ? "freeze" : "full", {});
    putMethod(c, recipe, "llamafactory");
    if (isLora(recipe)) {
        putLora(c, recipe, "lora_", "all");
        c.result.config["lora_rank"] = c.result.config["lora_r"];
        c.result.config["lora_target"] = recipe.value("method.target_modules").is_string() ? Json("all") : Json(fmt::format("{}", fmt::join(recipe.value("method.target_modules").get<std::vector<std::string>>(), ",")));
        c.result.config.erase("lora_r");
        c.result.config.erase("lora_target_modules");
        c.put("use_rslora", recipe.value("method.use_rslora"), {"method.use_rslora"});
        if (recipe.number("method.loraplus_lr_ratio") != 1.0)
            c.put("loraplus_lr_ratio", recipe.value("method.loraplus_lr_ratio"), {"method.loraplus_lr_ratio"});
    }
    c.put("dataset", "attune", {});
    c.put("dataset_dir", ".", {});
    c.lose("data.template", "LLaMA-Factory has its own templates: set `template` to the model's.");
    c.put("cutoff_len", recipe.value("data.max_length"), {"data.max_length"});
    c.put("packing", packsRows(recipe), {"data.packing"});
    if (packsRows(recipe))
        c.put("neat_packing", true, {});  // rows do not see each other
    c.put("train_on_prompt", recipe.text("data.train_on") == "all", {"data.train_on"});
    c.put("mask_history", recipe.text("data.train_on") == "completion", {});
    c.put("val_size", recipe.value("data.eval_fraction"), {});
    putTransformers(c, recipe);
    c.result.unmapped.push_back(fmt::format("dataset_info.json beside config.yaml has to say: {}",
        toLine(Json {{"attune", {{"file_name", dataFile}, {"formatting", "sharegpt"}, {"columns", {{"messages", "messages"}}},
            {"tags", {{"role_tag", "role"}, {"content_tag", "content"}, {"user_tag", "user"}, {"assistant_tag", "assistant"}, {"system_tag", "system"}}}}}})));
    c.finish();
    c.result.command = "llamafactory-cli train config.yaml";
    return std::move(c.result);
}

void writeYaml(std::string& out, const Json& value, const std::string& indent)
{
    for (const auto& [key, item] : value.items()) {
        const bool isListOfMaps = item.is_array() && !item.empty() && item[0].is_object();
        if (!isListOfMaps) {
            out += indent + key + ": " + yamlScalar(item) + "\n";
            continue;
        }
        out += indent + key + ":\n";
        for (const auto& map : item) {
            std::string block;
            writeYaml(block, map, indent + "    ");
            out += indent + "  - " + block.substr(indent.size() + 4);
        }
    }
}

using Convert = ConvertedRecipe (*)(const Recipe&, const std::string&);
const std::map<std::string, Convert> kTargets {{"axolotl", toAxolotl}, {"llamafactory", toLlamaFactory}, {"trl", toTrl}};

}

std::string ConvertedRecipe::yaml() const
{
    std::string out;
    writeYaml(out, config, "");
    return out;
}

std::vector<std::string> conversionTargets()
{
    std::vector<std::string> names;
    for (const auto& [name, convert] : kTargets)
        names.push_back(name);
    return names;
}

Result<ConvertedRecipe> convertRecipe(const Recipe& recipe, const std::string& target, const std::string& dataFile)
{
    const auto it = kTargets.find(target);
    if (it == kTargets.end()) {
        const auto names = conversionTargets();
        return fail(ErrorCode::Usage, fmt::format("Recipes cannot be converted to {}.", target), fmt::format("Choose one of {}.", fmt::join(names, ", ")));
    }
    return it->second(recipe, dataFile.empty() ? recipe.text("data.train") : dataFile);
}

}
