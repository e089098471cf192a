// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace attune::trainer {

/// What the user's machine gives up for a run: on the CPU the resident memory of the whole process, on
/// a GPU what the process holds there (context and reserved blocks included). Bytes.
struct MemoryReading {
    std::int64_t now = 0;
    std::int64_t peak = 0;
};
MemoryReading readMemory(const at::Device& device);
/// Starts a new peak: in a program that trains more than once each run has its own.
void resetPeakMemory(const at::Device& device);

}
