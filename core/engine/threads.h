// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/engine.h"

namespace attune::engine {

/// Threads of ATen for the work that follows: the given number, or with 0 one for each physical core
/// that this process may run on (two threads of one core share its multipliers), shared out among the processes of a run.
void useThreads(int threads, int processes = 1);
int physicalCores();

/// The CPU as a device: its name, memory and types.
pipeline::DeviceInfo describeCpu();

}
