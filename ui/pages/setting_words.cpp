// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/setting_words.h"

#include "bridge/text.h"
#include "pipeline/recipe.h"

namespace attune::pages {

QString choiceName(std::string_view key, const std::string& value)
{
    if (const auto* option = pipeline::recipeSchema().find(key))
        for (const auto& choice : option->choices)
            if (choice.value == value && !choice.label.empty())
                return bridge::translated(choice.label);
    return bridge::toQString(value);
}

QString shortHash(const std::string& hash)
{
    return bridge::toQString(hash).left(12);
}

}
