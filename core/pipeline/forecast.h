// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"
#include "planner/plan.h"
#include "store/store.h"

#include <optional>
#include <string>

namespace attune::pipeline {

/// An NVIDIA card as its driver's own program shows it; the engine is not opened.
struct CudaCard {
    std::string name, driver;
    std::int64_t totalBytes = 0, freeBytes = 0;
    double computeCapability = 0;
    bool isUsable() const;       ///< CUDA 13: driver 580 or newer, sm_75 or newer
    std::string reason() const;  ///< why not, in a sentence
};

/// The cards of this machine, asked once per process; empty without a driver.
const std::vector<CudaCard>& cudaCards();

/// What the plan of a run may take of a card beside other programs: ATTUNE_CUDA_MEMORY_LIMIT in MiB; without it no limit.
std::int64_t cardLimitBytes();
/// Why the variable has no effect, in a sentence; empty where it has one or is not set.
std::string cardLimitProblem();

/// What runtime.device means on this machine: "cpu", "cuda", "cuda:1". Errors: DeviceMissing.
Result<std::string> resolveDevice(const std::string& device);
/// What model.dtype means on a device: auto is bfloat16 where the hardware has it, else float32.
std::string resolveDtype(const std::string& dtype, const std::string& device);

/// The planner's input from a recipe: types and device resolved, memory that is free now, and the factor
/// that earlier runs on this machine taught (store may be null).
/// trainedShare: the share of tokens that are targets, where known.
Result<planner::PlanInput> planInput(const Recipe& recipe, const store::Store* store, std::optional<double> trainedShare = {});

/// The memory forecast of a recipe: planInput and planMemory. Errors: RecipeValue, DeviceMissing, ModelUnsupported.
Result<planner::MemoryPlan> forecastMemory(const Recipe& recipe, const families::ModelSource& model, const store::Store* store,
    std::optional<double> trainedShare = {});

/// Remembers how a run's measured peak related to its forecast, for this machine's next ones.
Status learnMemory(store::Store& store, const planner::PlanInput& input, std::int64_t estimateBytes, std::int64_t measuredBytes);

}
