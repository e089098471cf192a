// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/Device.h>

#include <cstdint>

namespace attune::model {

/// From now on large tensors in host memory come from blocks that are used again (block_cache.h); once a process.
void useTensorBlocks();

/// Caps what tensors in host memory may take together, in bytes; 0 = no cap. A tensor that would go over it is refused as if
/// the computer had no more memory: how running out is tested, and how a user keeps memory for other programs
/// (ATTUNE_MEMORY_LIMIT). Tensors from before useTensorBlocks() are not counted. Call it while no other thread makes tensors.
void limitTensorMemory(std::int64_t bytes);

/// What counted tensors take now and took at most since limitTensorMemory() was called, bytes.
struct TensorMemory {
    std::int64_t now = 0, peak = 0;
};
TensorMemory tensorMemory();

/// While on, each buffer of a pass is made anew at the size it is asked for, the larger one before it going first: after
/// memory ran out, so that smaller pieces take less. Otherwise buffers only grow, and steady state allocates nothing.
void shrinkBuffers(bool isOn);
bool areBuffersShrinking();

/// Gives free blocks that the allocators keep for later back to the system. Any thread.
void releaseFreeMemory(c10::Device device);

}
