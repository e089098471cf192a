// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/recipe.h"

namespace attune::cli {
namespace {

std::string shown(const Json& value)
{
    return value.is_string() ? value.get<std::string>() : toLine(value);
}

std::string describe(const Option& option)
{
    std::string text = fmt::format("{}  {}, default {}{}\n    {}\n", option.key, typeName(option.type), shown(option.defaultValue),
        option.unit.empty() ? "" : " " + option.unit, option.help);
    for (const auto& choice : option.choices)
        text += fmt::format("      {:<22} {}{}\n", choice.value, choice.help, choice.isAvailable ? "" : " (not in this version)");
    return text;
}

}

const Command& recipe_schema()
{
    static const Command command {"recipe schema", "List every setting of a recipe with its type, default, range and meaning", [](CLI::App& app) -> Action {
        auto key = std::make_shared<std::string>();
        app.add_option("KEY", *key, "Only this key or section");
        return [key](Session& session) -> Status {
            Json array = Json::array();
            std::string text;
            const Json all = pipeline::recipeSchema().toJson();
            const auto& options = pipeline::recipeSchema().options();
            for (std::size_t i = 0; i < options.size(); ++i) {
                if (!key->empty() && options[i].key != *key && !options[i].key.starts_with(*key + "."))
                    continue;
                array.push_back(all[i]);
                text += describe(options[i]);
            }
            if (array.empty())
                return fail(ErrorCode::RecipeKey, fmt::format("There is no recipe key {}.", *key),
                    fmt::format("Did you mean {}?", pipeline::recipeSchema().nearestKey(*key)));
            session.print(array, text);
            return {};
        };
    }};
    return command;
}

}
