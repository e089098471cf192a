// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/optimizer.h"

namespace attune::planner {
namespace {

/// A float32 for each row and each column of a matrix, for each value of a vector.
std::int64_t stateBytes(std::span<const std::int64_t> shape)
{
    if (shape.size() < 2)
        return 4 * valueCount(shape);
    const std::int64_t rows = shape[shape.size() - 2], columns = shape.back();
    return 4 * valueCount(shape.first(shape.size() - 2)) * (rows + columns);
}

}

const OptimizerFacts& adafactor()
{
    static const OptimizerFacts facts {
        .id = "adafactor",
        .displayName = "Adafactor",
        .sentence = "Remembers sums of rows and columns only: hardly any state, and no momentum (Shazeer and Stern 2018).",
        .reference = "arXiv:1804.04235",
        .hfNames = {"adafactor"},
        .stateBytes = stateBytes,
    };
    return facts;
}

}
