// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/choice_label.h"

#include "pipeline/recipe.h"

namespace attune::pipeline {

std::string choiceLabel(std::string_view key, std::string_view value)
{
    if (const auto* option = recipeSchema().find(key))
        for (const auto& choice : option->choices)
            if (choice.value == value)
                return choice.label;
    return {};
}

}
