// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/benchmark.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// Measures import, duplicates, filters and cleaning on so many generated rows (570 bytes each, the same every
/// time), beside DuckDB and datasketch where `python` has them. Files are made in `folder` and removed.
/// Errors: DiskFull, DiskWrite, Cancelled.
Result<std::vector<BenchmarkLine>> benchmarkData(const std::string& folder, std::int64_t rows, const std::string& python, const JobContext& context);

}
