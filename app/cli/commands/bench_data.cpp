// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/bench_text.h"

#include "pipeline/data_benchmark.h"

namespace attune::cli {

const Command& bench_data()
{
    static const Command command {"bench data", "Import, duplicates, filters and cleaning, beside DuckDB and datasketch where they are installed", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<BenchFlags>();
        flags->amount = 200'000;
        addBenchFlags(app, *flags, false);
        app.add_option("--rows", flags->amount, "How many rows to generate")->check(CLI::Range(std::int64_t(100), std::int64_t(20'000'000)));
        return [flags](Session& session) -> Status {
            ATTUNE_TRY(const auto options, benchOptions(session, *flags, "data"));
            ATTUNE_TRY(const auto lines, pipeline::benchmarkData(options.folder, options.amount, options.python, session.context()));
            printBenchmark(session, lines, fmt::format("{} rows", flags->amount));
            return {};
        };
    }};
    return command;
}

}
