// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace attune::cuda {

/// What NCCL needs to find the other processes: as long as its ncclUniqueId.
struct CollectiveId { char bytes[128] = {}; };

/// Memory of one tensor on the current card, dense.
struct CollectivePart {
    void* data = nullptr;
    std::int64_t count = 0;
    bool isFloat32 = true;  ///< else int64
};

/// Sums and copies among the cards of several processes, one card each, by NCCL (its libnccl.so.2 comes with the CUDA wheels and is
/// opened at run time). All processes make the same calls in the same order. Where one returns false, `reason` (of `size` bytes)
/// says why in NCCL's words; after a call on a group failed, all that may be done with it is leave(). Training thread only.
struct CudaCollectives {
    /// Whether the library is there, with all that is called.
    bool (*isThere)() = nullptr;
    bool (*makeId)(CollectiveId& id, char* reason, int size) = nullptr;
    /// Waits for all `ranks` processes; of the current card. Null: it failed.
    void* (*join)(const CollectiveId& id, int rank, int ranks, char* reason, int size) = nullptr;
    /// Adds up each part over all processes (isSum), or gives everyone the first process's; in place. Waits until it is done, for `seconds`
    /// at most: a process that died would be waited for without end.
    bool (*exchange)(void* group, const CollectivePart* parts, int count, bool isSum, double seconds, char* reason, int size) = nullptr;
    void (*leave)(void* group) = nullptr;
};

const CudaCollectives* cudaCollectives();

}
