// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::tests {

/// Adds a run with a plausible history (falling noisy loss, evaluations, checkpoints, samples) for
/// interface tests and documentation. Returns its id.
std::string addRun(store::Store& store, const std::string& name, store::RunStatus status, int steps, int total, unsigned seed);

/// Makes a checkpoint's folder as the trainer leaves it, with an adapter's configuration and no weights.
void addCheckpoint(const store::Store& store, const std::string& run, std::int64_t step);

/// What a safety rule said at a step.
void addAlert(store::Store& store, const std::string& run, std::int64_t step, const std::string& level, const std::string& title);

/// The figures of a classification's last evaluation, as the trainer leaves them in the run's folder.
void addClasses(const store::Store& store, const std::string& run, std::int64_t step, const std::vector<std::string>& labels);

}
