// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/command.h"
#include "pipeline/benchmark.h"

namespace attune::cli {

/// The flags that the benchmarks share, and their table.
struct BenchFlags {
    std::string python, model, rows;
    std::int64_t amount = 0;
};
/// Adds --python; with hasModel --model and --rows, which are found beside the program where they are not given.
void addBenchFlags(CLI::App& app, BenchFlags& flags, bool hasModel);
/// name: of the folder in the workspace's cache.
Result<pipeline::BenchmarkOptions> benchOptions(Session& session, const BenchFlags& flags, const std::string& name);
void printBenchmark(Session& session, const std::vector<pipeline::BenchmarkLine>& lines, const std::string& head);

}
