// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/progress.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

/// One row of a benchmark's table: what Attune took and, where it is installed, a peer.
struct BenchmarkLine {
    std::string task, unit;  ///< "near-duplicates", "s"
    double attune = 0;
    std::string peer;        ///< "DuckDB", empty when there is none here
    std::optional<double> peerValue;
    std::string goal;
    Json toJson() const;     ///< {task, unit, attune, peer, peer_value, ratio, goal}
};

/// Measures import, duplicates, filters and cleaning on so many generated rows (570 bytes each, the same every
/// time), beside DuckDB and datasketch where `python` has them. Files are made in `folder` and removed.
/// Errors: DiskFull, DiskWrite, Cancelled.
Result<std::vector<BenchmarkLine>> benchmarkData(const std::string& folder, std::int64_t rows, const std::string& python, const JobContext& context);

}
