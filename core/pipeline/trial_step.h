// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pipeline/recipe.h"
#include "store/store.h"

#include <cstdint>
#include <optional>
#include <string>

namespace attune::pipeline {

/// What a step of a recipe costs on this machine, measured.
struct TrialStep {
    double secondsPerStep = 0;
    double tokensPerSecond = 0;
    double loss = 0;
    std::int64_t tokens = 0;           ///< of the measured step
    std::int64_t peakMemoryBytes = 0;
    std::int64_t estimateBytes = 0;    ///< what the forecast said

    Json toJson() const;
};

/// Prepares the recipe as a run does, trains one step to warm up and one that is measured (a first step of more than
/// 20 seconds counts itself), and leaves nothing behind but its
/// numbers, which rememberedTrial() finds again.
/// Errors: those of startRun before and while training, Cancelled.
Result<TrialStep> measureStep(const std::string& workspace, const Recipe& recipe, const JobContext& context);

/// The last measurement in this workspace of a recipe whose steps cost the same: of equal model, method, data and batch.
std::optional<TrialStep> rememberedTrial(const store::Store& store, const Recipe& recipe);

}
