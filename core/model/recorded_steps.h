// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/forward_state.h"
#include "model/launch_graph.h"
#include "model/piece_layout.h"

#include <map>
#include <memory>

namespace attune::model {

/// A pass over pieces of one shape: its inputs stay in place, so that the launches can be recorded.
struct RecordedStep {
    PieceShape shape;
    Piece piece;
    at::Tensor inputs;                   ///< bytes on the device that the piece's tensors are views of
    at::Tensor loss;                     ///< what the recorded launches write
    std::unique_ptr<LaunchGraph> graph;  ///< null: not yet, or it cannot be
    std::uint64_t moves = 0;             ///< Buffer::moves() when the addresses were taken
    bool hasRun = false;
};

/// What a decoder recorded: a pass per rounded number of tokens, and the renewal of the compute copies after an optimizer step.
struct RecordedSteps {
    static constexpr std::size_t kMostSteps = 64;  ///< pieces of wildly different lengths are not worth a recording each

    /// The shape to compute a layout in. Of one number of tokens the other sizes only grow, so that few recordings serve all pieces.
    PieceShape shapeFor(const PieceLayout& layout);

    std::map<std::int64_t, RecordedStep> steps;  ///< by the tokens of their shape
    std::unique_ptr<LaunchGraph> refresh;
    int refreshes = 0;          ///< done launch by launch so far
    bool canRecord = true;      ///< until the first recording that fails
};

}
