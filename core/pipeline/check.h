// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pipeline/recipe.h"
#include "planner/plan.h"
#include "store/store.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// What a recipe will do, found out before it runs.
struct RecipeCheck {
    std::int64_t stepsTotal = 0;
    bool stepsExact = false;  ///< false: estimated from a sample of the rows
    std::int64_t warmupSteps = 0;
    std::int64_t rows = 0;    ///< trained on, evaluation rows left out
    std::int64_t evalRows = 0;
    planner::MemoryPlan plan;
    std::string canBecome;    ///< what the result can be exported as
    std::vector<std::string> warnings;

    /// The fields of `recipe check --json`.
    Json toJson() const;
};

/// Resolves model and data, counts steps and memory, and says what looks wrong though it is allowed.
/// Errors: RecipeValue and others of the recipe, ModelMissing, ModelUnsupported, DatasetMissing, DeviceMissing,
/// NothingTrained, Cancelled.
Result<RecipeCheck> checkRecipe(store::Store& store, const Recipe& recipe, const JobContext& context);

}
