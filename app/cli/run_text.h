// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/store.h"

#include <string>
#include <vector>

namespace attune::cli {

/// A run for people, one fact a line.
std::string runText(const store::RunRow& run);
/// A table of runs: id, status, model, method, steps, losses, speed, started.
std::string runTable(const std::vector<store::RunRow>& runs);
/// A loss or another number with few digits; "" when there is none.
std::string shortNumber(std::optional<double> number);

}
