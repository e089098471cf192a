// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"
#include "planner/batches.h"
#include "trainer/objective_options.h"
#include "trainer/optimizer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::trainer {

/// What a safety rule does when it fires (recipe.md: safety).
enum class SafetyAction { Stop, Alert, Pause, Off };

/// The part of a recipe that the step loop reads, as plain values. Names as in recipe.md.
struct Settings {
    std::uint64_t seed = 42;
    double epochs = 3;
    std::int64_t maxSteps = -1;
    planner::BatchOptions batches;
    std::int64_t accumulation = 1;
    double learningRate = 2e-4;
    std::string optimizer = "adamw";
    OptimizerOptions optimizerOptions;
    std::string schedule = "cosine";
    Json scheduleOptions = Json::object();
    double warmupRatio = 0.03;
    std::int64_t warmupSteps = 0;
    double maxGradNorm = 1.0;
    std::string objective = "sft";
    ObjectiveOptions objectiveOptions;        ///< but for what the tokenizer knows
    double neftuneAlpha = 0;                  ///< noise on the embeddings while training; 0 = none

    std::int64_t evalEverySteps = 50;         ///< 0 = at epoch ends only
    std::int64_t evalMaxRows = 256;
    std::vector<std::string> metrics {"loss"};
    std::int64_t earlyStoppingPatience = 0;

    std::int64_t checkpointEverySteps = 100;  ///< 0 = only by minutes and at the end
    double checkpointEveryMinutes = 10;
    std::int64_t keepCheckpoints = 3;         ///< 0 = all
    bool keepBest = false;

    SafetyAction nonFinite = SafetyAction::Stop;
    SafetyAction divergence = SafetyAction::Alert;
    SafetyAction overfitting = SafetyAction::Alert;
    SafetyAction disk = SafetyAction::Pause;

    /// Errors: Unsupported for settings that this version cannot honour, RecipeValue for unknown ids.
    static Result<Settings> fromRecipe(const pipeline::Recipe& recipe);
};

}
