// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace attune::cuda {

/// CUDA graphs: what a function launches is recorded once and started as one from then on, so that a small model does not wait for
/// the host between its kernels. Of the current device; a graph reads and writes the addresses that it was recorded with.
struct CudaGraphs {
    /// Runs launches(context) with its launches recorded instead of done. Null where they cannot be: `reason` (of `size` bytes) says
    /// why, and nothing was done. What ATen allocates meanwhile stays with the graphs, which share that memory: replay one at a time.
    void* (*record)(void (*launches)(void* context), void* context, char* reason, int size) = nullptr;
    /// On the current stream. false: CUDA reported an error.
    bool (*replay)(void* graph) = nullptr;
    void (*release)(void* graph) = nullptr;
};

const CudaGraphs* cudaGraphs();

}
