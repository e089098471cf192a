// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/compare.h"

namespace attune::cli {
namespace {

std::string describe(const pipeline::Comparison& comparison, bool onlyDifferences)
{
    std::vector<std::string> header {""};
    header.insert(header.end(), comparison.runs.begin(), comparison.runs.end());
    std::vector<std::vector<std::string>> rows;
    for (const auto* part : {&comparison.config, &comparison.metrics})
        for (const auto& row : *part) {
            if (onlyDifferences && !row.differs())
                continue;
            rows.push_back({row.key});
            for (const auto& value : row.values)
                rows.back().push_back(value.is_null() ? "" : value.is_string() ? value.get<std::string>() : toLine(value));
        }
    return rows.empty() ? "The runs do not differ." : table(header, rows);
}

}

const Command& run_compare()
{
    static const Command command {"run compare", "Put the settings, results and curves of runs side by side", [](CLI::App& app) -> Action {
        struct Arguments { std::vector<std::string> runs; bool onlyDifferences = false; };
        auto a = std::make_shared<Arguments>();
        app.add_option("RUN", a->runs, "Two runs or more: ids, or names that only one run has")->required()->expected(2, 64);
        app.add_flag("--differences-only", a->onlyDifferences, "Leave out what is the same in all of them");
        return [a](Session& session) -> Status {
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto comparison, pipeline::compareRuns(*store, a->runs));
            session.print(comparison.toJson(a->onlyDifferences), describe(comparison, a->onlyDifferences));
            return {};
        };
    }};
    return command;
}

}
