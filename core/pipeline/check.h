// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pipeline/recipe.h"
#include "planner/plan.h"
#include "store/store.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// One line of what was looked at: in order, worth knowing, or to be looked at. Sentences in words, for the form.
struct CheckFinding {
    enum class Level { Good, Info, Warning };
    Level level = Level::Info;
    std::string id;         ///< "cut" "left_out" "source" "template" "overlap" "no_eval" "few_steps" "setting"
    std::string text;
    std::int64_t rows = 0;  ///< that it is about
    std::string key;        ///< the setting that would change it, or empty
};

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

    // For the form; not in the JSON.
    std::int64_t parameters = 0;        ///< of the model
    std::int64_t tokens = 0;            ///< of an epoch
    std::int64_t microBatches = 0;      ///< of an epoch
    std::int64_t rowsIn = 0, truncatedRows = 0;  ///< looked at; cut at the context's end
    double trainedShare = 1.0;          ///< of the tokens
    std::int64_t checkpointBytes = 0;   ///< of one checkpoint, about
    std::string forms;                  ///< canBecome in a few words: "GGUF adapter, merged GGUF"
    std::vector<CheckFinding> findings;

    /// What the run's checkpoints will take, about.
    std::int64_t diskBytes(const Recipe& recipe) const;

    /// The fields of `recipe check --json`.
    Json toJson() const;
};

/// Resolves model and data, counts steps and memory, and says what looks wrong though it is allowed.
/// Errors: RecipeValue and others of the recipe, ModelMissing, ModelUnsupported, DatasetMissing, DeviceMissing,
/// NothingTrained, Cancelled.
Result<RecipeCheck> checkRecipe(store::Store& store, const Recipe& recipe, const JobContext& context);

}
