// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/launch_graph.h"

#include "base/log.h"
#include "model/cuda_library.h"

#include <c10/util/Exception.h>

#include <array>
#include <cstdlib>
#include <string_view>

namespace attune::model {

bool LaunchGraph::isAvailable()
{
    static const bool isWanted = [] {
        const char* text = std::getenv("ATTUNE_CUDA_GRAPHS");
        return !text || std::string_view(text) != "0";
    }();
    return isWanted && cudaKernels() && cudaLibrary()->graphs;
}

std::unique_ptr<LaunchGraph> LaunchGraph::record(const std::function<void()>& launches, const std::string& what)
{
    std::array<char, 512> reason {};
    const auto call = [](void* context) { (*static_cast<const std::function<void()>*>(context))(); };
    void* graph = cudaLibrary()->graphs->record(call, const_cast<void*>(static_cast<const void*>(&launches)), reason.data(), static_cast<int>(reason.size()));
    if (!graph) {
        logInfo("{} cannot be recorded as a CUDA graph and is launched step by step: {}", what, reason.data());
        return nullptr;
    }
    return std::unique_ptr<LaunchGraph>(new LaunchGraph(graph));
}

LaunchGraph::~LaunchGraph()
{
    cudaLibrary()->graphs->release(m_graph);
}

void LaunchGraph::replay()
{
    TORCH_CHECK(cudaLibrary()->graphs->replay(m_graph), "CUDA could not start a recorded step.");
}

}
