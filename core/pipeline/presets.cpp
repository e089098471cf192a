// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/presets.h"

#include "base/edit_distance.h"
#include "pipeline/recipe_yaml.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace attune::pipeline {

/// Generated from resources/presets (packaging/cmake/texts.cmake).
std::span<const std::pair<std::string_view, std::string_view>> presetTexts();

namespace {

using families::Architecture;

/// "010-small-chat-lora" -> "small-chat-lora"
std::string idOf(std::string_view file)
{
    const auto dash = file.find('-');
    const bool isNumbered = dash != std::string_view::npos && file.substr(0, dash).find_first_not_of("0123456789") == std::string_view::npos;
    return std::string(isNumbered ? file.substr(dash + 1) : file);
}

Result<Architecture> kindFrom(const Json& name)
{
    for (const auto& [text, kind] : {std::pair("decoder", Architecture::Decoder), {"encoder", Architecture::Encoder}, {"encoder-decoder", Architecture::EncoderDecoder}})
        if (name == text)
            return kind;
    return fail(ErrorCode::RecipeValue, fmt::format("There is no kind of model {}.", toLine(name)), "Kinds are decoder, encoder and encoder-decoder.");
}

Status readHead(Preset& preset, const Json& root)
{
    for (const auto& [key, value] : root.items()) {
        if (key == "preset" && value.is_string())
            preset.name = value.get<std::string>();
        else if (key == "sentence" && value.is_string())
            preset.sentence = value.get<std::string>();
        else if (key == "at_least_parameters" && value.is_number())
            preset.leastParameters = value.get<std::int64_t>();
        else if (key == "at_most_parameters" && value.is_number())
            preset.mostParameters = value.get<std::int64_t>();
        else if (key == "families" && value.is_array())
            preset.families = value.get<std::vector<std::string>>();
        else if (key == "kinds" && value.is_array())
            for (const auto& name : value) {
                ATTUNE_TRY(const auto kind, kindFrom(name));
                preset.kinds.push_back(kind);
            }
        else if (key != "recipe")
            return fail(ErrorCode::RecipeKey, fmt::format("The preset {} has an unknown key {}.", preset.id, key));
    }
    if (preset.name.empty() || preset.sentence.empty() || preset.kinds.empty())
        return fail(ErrorCode::RecipeValue, fmt::format("The preset {} needs a name (preset), a sentence and kinds.", preset.id));
    return {};
}

}

Result<Preset> parsePreset(const std::string& id, const std::string& text)
{
    ATTUNE_TRY(const auto document, parseYaml(text));
    if (!document.root.is_object() || !document.root.contains("recipe"))
        return fail(ErrorCode::RecipeSyntax, fmt::format("The preset {} holds no recipe.", id));
    Preset preset;
    preset.id = id;
    ATTUNE_RETURN_IF_ERROR(readHead(preset, document.root));
    ATTUNE_TRY(preset.recipe, Recipe::parse(toLine(document.root["recipe"]), {}));
    for (const auto& [section, values] : document.root["recipe"].items())
        for (const auto& [name, value] : values.items())
            preset.keys.push_back(section + "." + name);
    return preset;
}

std::span<const Preset> presets()
{
    static const std::vector<Preset> all = [] {
        std::vector<Preset> result;
        for (const auto& [file, text] : presetTexts()) {
            auto preset = parsePreset(idOf(file), std::string(text));
            ATTUNE_CHECK(preset, fmt::format("{}: {}", file, preset ? "" : preset.error().message));
            result.push_back(std::move(*preset));
        }
        return result;
    }();
    return all;
}

Result<const Preset*> findPreset(const std::string& id)
{
    std::vector<std::string> ids;
    for (const auto& preset : presets()) {
        if (preset.id == id)
            return &preset;
        ids.push_back(preset.id);
    }
    const auto near = nearest(id, ids);
    return fail(ErrorCode::Usage, fmt::format("There is no preset {}.", id), near.empty() ? "`attune recipe presets` lists them." : fmt::format("Did you mean {}?", near));
}

bool isOwnKey(const std::string& key)
{
    static constexpr std::array kOwn {"attune_recipe", "name", "seed", "model.base", "model.adapter", "data.train", "data.eval", "data.template_date", "objective.teacher",
        "objective.labels", "objective.class_weights", "eval.sample_prompts", "runtime.device", "runtime.threads", "runtime.deterministic"};
    return std::find(kOwn.begin(), kOwn.end(), key) != kOwn.end();
}

Recipe Preset::applyTo(const Recipe& current) const
{
    Recipe result = recipe;
    for (const auto& option : recipeSchema().options())
        if (isOwnKey(option.key))
            (void)result.set(option.key, current.value(option.key));
    return result;
}

bool Preset::suits(Architecture kind, const std::string& family, std::int64_t parameters) const
{
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
        return false;
    if (!families.empty() && std::find(families.begin(), families.end(), family) == families.end())
        return false;
    return parameters == 0 || (parameters >= leastParameters && (mostParameters == 0 || parameters <= mostParameters));
}

std::vector<std::string> changedKeys(const Recipe& preset, const Recipe& recipe)
{
    std::vector<std::string> keys;
    for (const auto& option : recipeSchema().options())
        if (!isOwnKey(option.key) && recipe.isVisible(option) && recipe.value(option.key) != preset.value(option.key))
            keys.push_back(option.key);
    return keys;
}

}
