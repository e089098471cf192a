// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/packing.h"

namespace attune::pipeline {

bool packsRows(const Recipe& recipe)
{
    return recipe.isVisible(*recipeSchema().find("data.packing")) && recipe.boolean("data.packing");
}

}
