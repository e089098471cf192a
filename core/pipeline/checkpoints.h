// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::pipeline {

/// A complete checkpoint of a run: checkpoints/step-000100 with adapter/ or model/,
/// optimizer.safetensors and state.json. The folder gets its name last, so whoever sees it sees all of it.
struct Checkpoint {
    std::int64_t step = 0;
    std::string folder;       ///< absolute

    /// adapter/ (PEFT) or, after full fine-tuning, model/ (HF).
    std::string weights() const;
    bool isFullModel() const;
};

/// "step-000100".
std::string checkpointName(std::int64_t step);

/// All of a run's checkpoints, oldest first; leftovers of interrupted writes are not among them.
std::vector<Checkpoint> checkpointsOf(const std::string& runFolder);

/// which: "last", "best" (the step of the best evaluation) or a step number.
/// Errors: CheckpointMissing, naming those that exist; Usage.
Result<Checkpoint> findCheckpoint(const std::string& runFolder, const std::string& which, std::int64_t bestStep);

}
