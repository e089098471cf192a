// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/dataset_jobs.h"

namespace attune::cli {
namespace {

struct Flags {
    pipeline::CombineOptions options;
    std::string as;
};

Status combineData(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto report, pipeline::combineDatasets(*store, flags.options, flags.as, session.context()));
    Json json = report.toJson();
    json["parts"] = report.row.info["combined"]["parts"];
    session.print(json, fmt::format("{}: {} rows from {} datasets in {:.2f} s", report.row.name, report.header.rows, flags.options.datasets.size(), report.seconds));
    return {};
}

}

const Command& data_combine()
{
    static const Command command {"data combine", "Make one dataset of several, weighted", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("datasets", flags->options.datasets, "Datasets (name@version:split), or files")->required();
        app.add_option("--as", flags->as, "The new dataset's name")->required();
        app.add_option("--weights", flags->options.weights, "One per dataset: 2 takes every row twice, 0.5 half of them")->delimiter(',');
        app.add_option("--seed", flags->options.seed, "The same seed draws the same rows");
        app.add_flag("--shuffle", flags->options.isShuffled, "Mix the rows instead of one dataset after the other");
        return [flags](Session& session) { return combineData(session, *flags); };
    }};
    return command;
}

}
