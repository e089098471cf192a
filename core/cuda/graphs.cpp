// SPDX-License-Identifier: GPL-3.0-or-later
#include "cuda/graphs.h"

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>

#include <cuda_runtime_api.h>

#include <cstdio>
#include <memory>

namespace attune::cuda {
namespace {

using at::cuda::CUDAGraph;

/// Ends a recording that failed, so that the stream, the allocators and the generator are as before. Where CUDA refuses the end,
/// LibTorch stops half-way: memory goes on coming from the recording's pool, so that the next recording cannot begin, and its generator waits for the end,
/// so that the next random number anywhere is an error.
void giveUp(CUDAGraph& graph, at::cuda::MempoolId_t pool, const at::Generator& generator)
{
    const auto attempt = [](const auto& part) {
        try {
            part();
        } catch (const std::exception&) {
            // done already, or what is known already
        }
    };
    attempt([&] { graph.capture_end(); });
    attempt([&] { c10::cuda::CUDACachingAllocator::endAllocateToPool(c10::cuda::current_device(), pool); });
    attempt([&] { at::getHostAllocator(at::kCUDA)->end_allocate_to_pool(pool); });
    cudaGetLastError();
    at::Generator(at::cuda::detail::getDefaultCUDAGenerator()).graphsafe_set_state(generator);
}

void* record(void (*launches)(void*), void* context, char* reason, int size)
{
    static const auto pool = at::cuda::graph_pool_handle();
    // One stream for all recordings: cuBLAS keeps a workspace of 32 MiB for each that it has seen.
    static const auto side = c10::cuda::getStreamFromPool(false, -1);
    const auto before = c10::cuda::getCurrentCUDAStream();
    auto graph = std::make_unique<CUDAGraph>();
    at::Generator generator;  // as it is before the recording
    try {
        before.synchronize();
        TORCH_CHECK(side.device_index() == before.device_index(), "the recordings of this process are of another card");
        c10::cuda::setCurrentCUDAStream(side);
        generator = at::cuda::detail::getDefaultCUDAGenerator().clone();
        // Other threads may go on calling CUDA meanwhile: only this one is recorded.
        graph->capture_begin(pool, cudaStreamCaptureModeThreadLocal);
        launches(context);
        graph->capture_end();
        c10::cuda::setCurrentCUDAStream(before);
        return graph.release();
    } catch (const std::exception& error) {
        std::snprintf(reason, static_cast<std::size_t>(size), "%s", error.what());
        if (generator.defined())
            giveUp(*graph, pool, generator);
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
