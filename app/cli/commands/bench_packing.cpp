// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/bench_text.h"

namespace attune::cli {

const Command& bench_packing()
{
    static const Command command {"bench packing", "Rows into bins of equal length, beside TRL where it is installed", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<BenchFlags>();
        flags->amount = 10'000'000;
        addBenchFlags(app, *flags, false);
        app.add_option("--rows", flags->amount, "How many rows to pack")->check(CLI::Range(std::int64_t(1), std::int64_t(100'000'000)));
        return [flags](Session& session) -> Status {
            ATTUNE_TRY(const auto options, benchOptions(session, *flags, "packing"));
            ATTUNE_TRY(const auto lines, pipeline::benchmarkPacking(options, session.context()));
            printBenchmark(session, lines, fmt::format("{} rows", flags->amount));
            return {};
        };
    }};
    return command;
}

}
