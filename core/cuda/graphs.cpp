// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/graphs.h"

#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAStream.h>

#include <cuda_runtime_api.h>

#include <cstdio>
#include <memory>

namespace attune::cuda {
namespace {

using at::cuda::CUDAGraph;

/// Ends a recording that failed, so that the stream, the allocator and the generator are as before. (Where CUDA refuses the
/// recording, LibTorch's generator goes on waiting for its end, and the next random number anywhere would be an error.)
void giveUp(CUDAGraph& graph, const at::Generator& before)
{
    try {
        graph.capture_end();
    } catch (const std::exception&) {
        // it says once more what is known already
    }
    cudaGetLastError();
    at::Generator(at::cuda::detail::getDefaultCUDAGenerator()).graphsafe_set_state(before);
}

void* record(void (*launches)(void*), void* context, char* reason, int size)
{
    static const auto pool = at::cuda::graph_pool_handle();
    // One stream for all recordings: cuBLAS keeps a workspace of 32 MiB for each that it has seen.
    static const auto side = c10::cuda::getStreamFromPool(false, -1);
    const auto before = c10::cuda::getCurrentCUDAStream();
    auto graph = std::make_unique<CUDAGraph>();
    at::Generator generator;
    bool isRecording = false;
    try {
        before.synchronize();
        TORCH_CHECK(side.device_index() == before.device_index(), "the recordings of this process are of another card");
        c10::cuda::setCurrentCUDAStream(side);
        generator = at::cuda::detail::getDefaultCUDAGenerator().clone();
        // Other threads may go on calling CUDA meanwhile: only this one is recorded.
        graph->capture_begin(pool, cudaStreamCaptureModeThreadLocal);
        isRecording = true;
        launches(context);
        graph->capture_end();
        c10::cuda::setCurrentCUDAStream(before);
        return graph.release();
    } catch (const std::exception& error) {
        std::snprintf(reason, static_cast<std::size_t>(size), "%s", error.what());
        if (isRecording)
            giveUp(*graph, generator);
        c10::cuda::setCurrentCUDAStream(before);
        return nullptr;
    }
}

bool replay(void* graph)
{
    try {
        static_cast<CUDAGraph*>(graph)->replay();
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

void release(void* graph)
{
    delete static_cast<CUDAGraph*>(graph);
}

}

const CudaGraphs* cudaGraphs()
{
    static const CudaGraphs graphs {record, replay, release};
    return &graphs;
}

}
