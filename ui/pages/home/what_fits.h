// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>

#include <vector>

namespace attune::pages {

/// Models by size, and what training them takes here, from the memory planner.
struct FitRow {
    QString size;                  ///< "1.5 B"
    std::vector<double> bytes;     ///< by way: LoRA 4-bit, LoRA 16-bit, all weights; below 0: not known
};
struct WhatFits {
    double availableBytes = 0;
    bool isGpu = false;
    std::vector<FitRow> rows;
};

/// Plans a step of 2 048 tokens, batch 1, for models of the usual shapes. Any thread but the window's.
WhatFits whatFits();

}
