// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/dataset_diff.h"
#include "pipeline/dataset_lookup.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string from, to;
    std::int64_t limit = 20;
};

std::string inWords(const Json& difference)
{
    std::string text = fmt::format("{} ({} rows) → {} ({} rows): {} added, {} removed, {} changed, {} as they were\n", difference["from"].get<std::string>(), difference["rows_from"].get<std::int64_t>(),
        difference["to"].get<std::string>(), difference["rows_to"].get<std::int64_t>(), difference["added"].get<std::int64_t>(), difference["removed"].get<std::int64_t>(),
        difference["changed"].get<std::int64_t>(), difference["unchanged"].get<std::int64_t>());
    for (const auto& row : difference["rows"])
        for (const char* side : {"from", "to"})
            if (row.contains(side))
                text += fmt::format("{} {}: {}\n", side[0] == 'f' ? '-' : '+', row[std::string(side) + "_row"].get<std::int64_t>(), toLine(row[side]));
    return text;
}

Status diffData(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto difference, pipeline::compareVersions(*store, flags.from, flags.to, session.context()));
    ATTUNE_TRY(const auto from, pipeline::openDataset(*store, flags.from, session.context()));
    ATTUNE_TRY(const auto to, pipeline::openDataset(*store, flags.to, session.context()));
    ATTUNE_TRY(const Json json, difference.toJson(*from, *to, flags.limit));
    session.print(json, inWords(json));
    return {};
}

}

const Command& data_diff()
{
    static const Command command {"data diff", "What differs between two versions or datasets", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("from", flags->from, "A dataset: name@version, name@version:split, or a file")->required();
        app.add_option("to", flags->to, "The one to compare it with")->required();
        app.add_option("--limit", flags->limit, "How many rows to show")->check(CLI::NonNegativeNumber);
        return [flags](Session& session) { return diffData(session, *flags); };
    }};
    return command;
}

}
