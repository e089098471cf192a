// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/data_benchmark.h"

#include <cstdlib>
#include <unistd.h>

namespace attune::cli {
namespace {

struct Flags {
    std::int64_t rows = 200'000;
    std::string python = "python3";
};

Status benchData(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    const std::string folder = fmt::format("{}/data-{}", store->folder("cache/benchmark"), ::getpid());
    ATTUNE_TRY(const auto lines, pipeline::benchmarkData(folder, flags.rows, flags.python, session.context()));
    Json list = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const auto& line : lines) {
        list.push_back(line.toJson());
        rows.push_back({line.task, fmt::format("{:.3g} {}", line.attune, line.unit), line.peerValue ? fmt::format("{:.3g} {} ({})", *line.peerValue, line.unit, line.peer) : "",
            line.peerValue ? fmt::format("{:.3g}", line.attune / *line.peerValue) : "", line.goal});
    }
    session.print(list, fmt::format("{} rows\n", flags.rows) + table({"task", "Attune", "peer", "ratio", "goal"}, rows));
    return {};
}

}

const Command& bench_data()
{
    static const Command command {"bench data", "Import, duplicates, filters and cleaning, beside DuckDB and datasketch where they are installed", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        if (const char* python = std::getenv("ATTUNE_BENCH_PYTHON"))
            flags->python = python;
        app.add_option("--rows", flags->rows, "How many rows to generate")->check(CLI::Range(std::int64_t(100), std::int64_t(20'000'000)));
        app.add_option("--python", flags->python, "A Python that has the peers (else $ATTUNE_BENCH_PYTHON, else python3)");
        return [flags](Session& session) { return benchData(session, *flags); };
    }};
    return command;
}

}
