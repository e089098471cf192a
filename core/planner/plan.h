// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "families/model_source.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::planner {

/// What the forecast needs from a recipe, without the recipe type (planner lies below pipeline).
struct PlanInput {
    std::string method = "lora";
    Json methodValues = Json::object();   ///< option name -> value
    std::string dtype = "float32";        ///< resolved compute type
    std::string quantization = "none";    ///< of the frozen base: none int8 nf4 keep
    std::int64_t batchSize = 8, maxLength = 512, accumulation = 1;
    bool isPacked = true;
    std::string optimizer = "adamw";
    std::string gradientCheckpointing = "auto";
    std::string device = "cpu";
    std::int64_t availableBytes = 0;
    double correction = 1.0;              ///< learned on this machine: measured / forecast
    double trainedShare = 1.0;            ///< share of tokens that are targets, where known
};

/// The memory forecast of a training step, by part, in bytes. Sum of the parts = estimateBytes.
struct MemoryPlan {
    std::int64_t weights = 0, adapter = 0, optimizer = 0, activations = 0, logits = 0, workspace = 0;
    std::int64_t pieceTokens = 0;  ///< the engine cuts a micro-batch into pieces of about this many tokens
    std::int64_t keptLayers = 0;   ///< how many layers keep what they computed for the backward pass; the others compute it again
    bool inputsOnHost = false;     ///< the inputs of those others wait in the host's memory
    std::int64_t availableBytes = 0;
    std::int64_t trainableParameters = 0;
    std::int64_t stateBytes = 0;   ///< part of `optimizer`: what it remembers between steps, and a checkpoint holds
    struct Suggestion { std::string text, key; Json value; std::int64_t savesBytes = 0; };
    std::vector<Suggestion> suggestions;

    std::int64_t estimateBytes() const { return weights + adapter + optimizer + activations + logits + workspace; }
    bool fits() const { return estimateBytes() <= availableBytes; }
    Json toJson() const;  ///< the fields of `model fit`
};

Result<MemoryPlan> planMemory(const families::ModelSource& model, const PlanInput& input);

/// HF Trainer's counting (formats.md §6.2): micro-batches per epoch, steps in all, warm-up steps.
struct StepPlan { std::int64_t microBatches = 0, stepsPerEpoch = 0, steps = 0, warmupSteps = 0; double epochs = 0; };
StepPlan planSteps(std::int64_t microBatchesPerEpoch, std::int64_t accumulation, double epochs, std::int64_t maxSteps, double warmupRatio, std::int64_t warmupSteps);

/// Memory that a run may take on this machine: MemAvailable, less a reserve.
std::int64_t availableMemoryBytes();
/// Whether the CPU multiplies bfloat16 in hardware (AVX512_BF16 or AMX).
bool cpuHasBfloat16();
/// Whether the tile units (AMX) serve, for which a frozen base is kept in their order, once for each direction.
bool cpuHasTiles();

}
