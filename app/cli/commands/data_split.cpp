// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/dataset_jobs.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string dataset;
    pipeline::SplitOptions options;
    std::string together;
    double threshold = 0.8;
};

Status splitData(Session& session, Flags flags)
{
    if (!flags.together.empty()) {
        flags.options.together.emplace();
        flags.options.together->method = flags.together == "near" ? cleaner::DuplicateMethod::Near : flags.together == "normalized" ? cleaner::DuplicateMethod::Normalized : cleaner::DuplicateMethod::Exact;
        flags.options.together->threshold = flags.threshold;
    }
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto counts, pipeline::splitDataset(*store, flags.dataset, flags.options, session.context()));
    Json splits = Json::object();
    std::string text;
    for (const char* part : {"train", "eval", "test"}) {
        splits[part] = counts.at(part);
        text += fmt::format("{}:{}  {} rows\n", flags.dataset.substr(0, flags.dataset.find('@')), part, counts.at(part));
    }
    session.print({{"splits", splits}}, text);
    return {};
}

}

const Command& data_split()
{
    static const Command command {"data split", "Divide a dataset into train, eval and test", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("dataset", flags->dataset, "A dataset's name")->required();
        app.add_option("--ratios", flags->options.ratios, "Shares of train, eval and test: 0.8,0.1,0.1")->delimiter(',');
        app.add_option("--seed", flags->options.seed, "The same seed gives the same parts");
        app.add_option("--stratify", flags->options.stratify, "Keep the shares of this column's values in every part");
        app.add_option("--group", flags->options.group, "Rows with the same value in this column stay together");
        app.add_option("--column", flags->options.column, "Instead of shares: this column's values name the parts (train, eval or validation, test)");
        app.add_option("--keep-duplicates-together", flags->together, "Duplicates of this kind go to one part: exact, normalized, near")->check(CLI::IsMember({"exact", "normalized", "near"}));
        app.add_option("--threshold", flags->threshold, "near: the least similarity, 0 to 1")->check(CLI::Range(0.0, 1.0));
        return [flags](Session& session) { return splitData(session, *flags); };
    }};
    return command;
}

}
