// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/dataset_jobs.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string dataset, column, value;
    std::int64_t row = 0;
};

Status editData(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto report, pipeline::editRow(*store, flags.dataset, flags.row, flags.column, flags.value, session.context()));
    session.print(report.toJson(), fmt::format("{} rows changed; {}", report.steps.empty() ? 0 : report.steps.front().changed, report.dataset));
    return {};
}

}

const Command& data_edit()
{
    static const Command command {"data edit", "Set one value of one row, as a step that replays", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("dataset", flags->dataset, "A dataset's name")->required();
        app.add_option("--row", flags->row, "The row, counted from 0; rows equal to it change alike")->required()->check(CLI::NonNegativeNumber);
        app.add_option("--column", flags->column, "The column")->required();
        app.add_option("--value", flags->value, "The new value; JSON where the column holds numbers or lists")->required();
        return [flags](Session& session) { return editData(session, *flags); };
    }};
    return command;
}

}
