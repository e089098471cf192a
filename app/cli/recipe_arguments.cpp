// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/recipe_arguments.h"

#include <fmt/format.h>

namespace attune::cli {

Status applySettings(pipeline::Recipe& recipe, const std::vector<std::string>& settings)
{
    for (const auto& setting : settings) {
        const auto equals = setting.find('=');
        if (equals == std::string::npos || equals == 0)
            return fail(ErrorCode::Usage, fmt::format("--set {} lacks a value.", setting), "Write --set KEY=VALUE, for example --set method.r=32.");
        ATTUNE_RETURN_IF_ERROR(recipe.setText(setting.substr(0, equals), setting.substr(equals + 1)));
    }
    return {};
}

Result<pipeline::Recipe> RecipeArguments::read() const
{
    ATTUNE_TRY(auto recipe, pipeline::Recipe::read(path));
    ATTUNE_RETURN_IF_ERROR(applySettings(recipe, set));
    return recipe;
}

std::shared_ptr<RecipeArguments> addRecipeArguments(CLI::App& app)
{
    auto arguments = std::make_shared<RecipeArguments>();
    app.add_option("RECIPE", arguments->path, "The recipe's file")->required();
    app.add_option("--set", arguments->set, "KEY=VALUE in place of the recipe's; may be repeated")->allow_extra_args(false);
    return arguments;
}

}
