// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cleaner/cleaned_dataset.h"
#include "cleaner/duplicates.h"
#include "pipeline/dataset_lookup.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string train, eval;
    double threshold = 0.8;
};

Status findLeaks(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto train, pipeline::openDataset(*store, flags.train, session.context()));
    ATTUNE_TRY(const auto eval, pipeline::openDataset(*store, flags.eval, session.context()));
    ATTUNE_TRY(const auto report, cleaner::findLeaks(cleaner::DatasetRows(*train), cleaner::DatasetRows(*eval), flags.threshold, session.context()));
    Json pairs = Json::array();
    for (const auto& pair : report.pairs)
        pairs.push_back({{"train", pair.train}, {"eval", pair.eval}, {"similarity", pair.similarity}});
    session.print({{"pairs", pairs}, {"eval_rows", report.evalRows}, {"leaked", report.leaked}},
        fmt::format("{} of {} evaluation rows are (nearly) in the training data, in {} pairs.", report.leaked, report.evalRows, report.pairs.size()));
    return {};
}

}

const Command& data_leak()
{
    static const Command command {"data leak", "Find evaluation rows that are in the training data", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("train", flags->train, "The training dataset, or a file")->required();
        app.add_option("eval", flags->eval, "The evaluation dataset, or a file")->required();
        app.add_option("--threshold", flags->threshold, "The least similarity, 0 to 1")->check(CLI::Range(0.0, 1.0));
        return [flags](Session& session) { return findLeaks(session, *flags); };
    }};
    return command;
}

}
