// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/dataset_card.h"
#include "pipeline/dataset_lookup.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string dataset, to, style = "columns";
    bool hasCard = false, hasInfo = false;
};

Status exportData(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto data, pipeline::openDataset(*store, flags.dataset, session.context()));
    ATTUNE_TRY(const auto report, pipeline::exportDataset(*data, flags.to, flags.style, session.context()));
    Json json {{"path", report.path}, {"rows", report.rows}, {"bytes", report.bytes}, {"style", flags.style}};
    std::string words = fmt::format("{}: {} rows, {} bytes", report.path, report.rows, report.bytes);
    if (flags.hasCard) {
        ATTUNE_TRY(const std::string card, pipeline::writeDatasetCard(*store, flags.dataset, *data, report, flags.style));
        json["card"] = card;
        words += "\nCard: " + card;
    }
    if (flags.hasInfo) {
        ATTUNE_TRY(const std::string info, pipeline::addToDatasetInfo(*data, report, flags.style));
        json["dataset_info"] = info;
        words += "\nLLaMA-Factory: " + info;
    }
    session.print(json, words);
    return {};
}

}

const Command& data_export()
{
    static const Command command {"data export", "Write a dataset to a file that other programs read", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("dataset", flags->dataset, "A dataset's name (name@version:split), or a file")->required();
        app.add_option("--to", flags->to, "The file; its suffix is the format: .jsonl .json .csv .tsv .txt, plus .gz or .zst, or .parquet")->required();
        app.add_option("--style", flags->style, "columns messages alpaca sharegpt prompt-completion preference text")
            ->check(CLI::IsMember({"columns", "messages", "alpaca", "sharegpt", "prompt-completion", "preference", "text"}));
        app.add_flag("--card", flags->hasCard, "Also write FILE.md: lineage, hashes, counts and steps");
        app.add_flag("--dataset-info", flags->hasInfo, "Also add the file to dataset_info.json beside it, for LLaMA-Factory");
        return [flags](Session& session) { return exportData(session, *flags); };
    }};
    return command;
}

}
