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

}
