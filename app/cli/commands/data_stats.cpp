// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_stats.h"
#include "pipeline/model_lookup.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string dataset, model;
};

std::string inWords(const pipeline::DatasetStats& stats)
{
    const auto shown = [](const std::optional<double>& value) { return value ? fmt::format("{:.6g}", *value) : std::string(); };
    std::vector<std::vector<std::string>> rows;
    for (const auto& c : stats.columns)
        rows.push_back({c.name, c.type, std::to_string(c.missing), std::to_string(c.empty), (c.isDistinctEstimated ? "about " : "") + std::to_string(c.distinct), shown(c.minimum), shown(c.mean), shown(c.maximum)});
    std::string text = fmt::format("{} rows\n", stats.rows) + table({"column", "type", "missing", "empty", "distinct", "min", "mean", "max"}, rows);
    if (stats.tokens)
        text += fmt::format("tokens: {} in all, half of the rows up to {:.0f}, 95 % up to {:.0f}, at most {}\n", stats.tokens->total, stats.tokens->p50, stats.tokens->p95, stats.tokens->maximum);
    for (std::size_t i = 0; i < std::min<std::size_t>(20, stats.labels.size()); ++i)
        text += fmt::format("  {}: {}\n", stats.labels[i].first, stats.labels[i].second);
    return text;
}

Status showStats(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
    if (!flags.model.empty()) {
        ATTUNE_TRY(const auto model, pipeline::findModel([&session] { return session.store(); }, flags.model));
        ATTUNE_TRY(tokenizer, tokenizer::loadTokenizer(model.path));
    }
    ATTUNE_TRY(const auto data, pipeline::openDataset(*store, flags.dataset, session.context()));
    ATTUNE_TRY(const auto stats, pipeline::computeStats(*data, tokenizer.get(), session.context()));
    session.print(stats.toJson(), inWords(stats));
    return {};
}

}

const Command& data_stats()
{
    static const Command command {"data stats", "What a dataset's columns hold; token counts with --model", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("dataset", flags->dataset, "A dataset's name (name@version:split), or a file")->required();
        app.add_option("-m,--model", flags->model, "Count tokens with this model's tokenizer");
        return [flags](Session& session) { return showStats(session, *flags); };
    }};
    return command;
}

}
