// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

namespace attune::cli {
namespace {

Json rowJson(const store::MetricRow& row)
{
    return {{"step", row.step}, {"epoch", row.epoch}, {"split", row.split}, {"name", row.name}, {"value", row.value}, {"tokens", row.tokens}, {"seconds", row.seconds}};
}

std::string csv(const std::vector<store::MetricRow>& rows)
{
    std::string text = "step,epoch,split,name,value,tokens,seconds\n";
    for (const auto& r : rows)
        text += fmt::format("{},{},{},{},{},{},{}\n", r.step, r.epoch, r.split, r.name, r.value, r.tokens, r.seconds);
    return text;
}

}

const Command& run_metrics()
{
    static const Command command {"run metrics", "Print a run's curves: one row per step, split and name", [](CLI::App& app) -> Action {
        struct Arguments { std::string id, format; };
        auto a = std::make_shared<Arguments>();
        app.add_option("RUN", a->id, "The run's id, or a name that only one run has")->required();
        app.add_option("--format", a->format, "json, csv or jsonl (else what --json and --jsonl say, csv without them)")->check(CLI::IsMember({"json", "csv", "jsonl"}));
        return [a](Session& session) -> Status {
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto run, store->run(a->id));
            ATTUNE_TRY(auto rows, store->metrics(run.id));
            std::erase_if(rows, [](const store::MetricRow& row) { return row.split == "sys"; });  // the computer's load, for the studio
            const std::string format = !a->format.empty() ? a->format
                : session.format == OutputFormat::Json    ? "json"
                : session.format == OutputFormat::JsonLines ? "jsonl" : "csv";
            if (format == "csv") {
                session.out() << csv(rows) << std::flush;
                return {};
            }
            Json array = Json::array();
            for (const auto& row : rows)
                format == "jsonl" ? session.printLine(rowJson(row)) : array.push_back(rowJson(row));
            if (format == "json")
                session.printLine(array);
            return {};
        };
    }};
    return command;
}

}
