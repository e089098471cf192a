// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/store.h"

#include <string>

namespace attune::tests {

/// Adds a run with a plausible history (falling noisy loss, evaluations, checkpoints, samples) for
/// interface tests and documentation. Returns its id.
std::string addRun(store::Store& store, const std::string& name, store::RunStatus status, int steps, int total, unsigned seed);

}
