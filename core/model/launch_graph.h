// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace attune::model {

/// What a function launches on the card, recorded once and started as one (cuda/graphs.h): 20 microseconds of host time a launch are
/// more than a small model's kernels take. The tensors that the launches read and write must stay where they are.
class LaunchGraph
{
public:
    /// Whether there is a card and the library that records; ATTUNE_CUDA_GRAPHS=0 switches it off.
    static bool isAvailable();
    /// Null where the launches cannot be recorded; the log says why, and none of them was done.
    static std::unique_ptr<LaunchGraph> record(const std::function<void()>& launches, const std::string& what);

    ~LaunchGraph();
    LaunchGraph(const LaunchGraph&) = delete;
    LaunchGraph& operator=(const LaunchGraph&) = delete;

    /// Throws c10::Error when CUDA reports one.
    void replay();

private:
    explicit LaunchGraph(void* graph) : m_graph(graph) {}

    void* m_graph;
};

}
