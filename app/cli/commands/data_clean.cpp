// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "pipeline/dataset_jobs.h"
#include "pipeline/dataset_stats.h"
#include "pipeline/model_lookup.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string dataset, steps, as, model;
};

Status cleanData(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const std::string yaml, readFile(absolutePath(flags.steps), 16u << 20));
    auto steps = cleaner::parseSteps(yaml);
    if (!steps)
        return steps.error().in(flags.steps);
    cleaner::PrepareContext prepare;
    if (!flags.model.empty()) {
        ATTUNE_TRY(const auto model, pipeline::findModel([&session] { return session.store(); }, flags.model));
        ATTUNE_TRY(const auto tokenizer, tokenizer::loadTokenizer(model.path));
        prepare.countTokens = pipeline::tokenCounter(tokenizer);
    }
    ATTUNE_TRY(const auto report, pipeline::cleanDataset(*store, flags.dataset, *steps, flags.as, prepare, session.context()));
    std::vector<std::vector<std::string>> rows;
    for (const auto& step : report.steps)
        rows.push_back({step.type, std::to_string(step.rowsIn), std::to_string(step.rowsOut), std::to_string(step.changed), fmt::format("{:.2f}", step.seconds)});
    session.print(report.toJson(), table({"step", "rows in", "rows out", "changed", "seconds"}, rows) + report.dataset);
    return {};
}

}

const Command& data_clean()
{
    static const Command command {"data clean", "Run cleaning steps over a dataset", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("dataset", flags->dataset, "A dataset's name")->required();
        app.add_option("--steps", flags->steps, "A steps.yaml")->required();
        app.add_option("-m,--model", flags->model, "Count tokens with this model's tokenizer, for min_tokens and max_tokens");
        app.add_option("--as", flags->as, "Make another dataset of this name instead of a new version");
        return [flags](Session& session) { return cleanData(session, *flags); };
    }};
    return command;
}

}
