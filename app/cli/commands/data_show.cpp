// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cleaner/row_key.h"
#include "pipeline/dataset_lookup.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string dataset;
    std::int64_t offset = 0, limit = 10;
    bool hasHashes = false;
};

std::string inWords(std::int64_t number, const Json& values)
{
    std::string text = fmt::format("row {}\n", number);
    for (const auto& [name, value] : values.items())
        text += fmt::format("  {}: {}\n", name, value.is_string() ? value.get<std::string>() : toLine(value));
    return text;
}

Status showData(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto data, pipeline::openDataset(*store, flags.dataset, session.context()));
    Json rows = Json::array();
    std::string text;
    const std::int64_t end = flags.limit > data->rows() - flags.offset ? data->rows() : flags.offset + flags.limit;
    for (std::int64_t row = flags.offset; row < end; ++row) {
        ATTUNE_TRY(auto values, data->values(row));
        if (!session.isJson())
            text += inWords(row, values);
        rows.push_back({{"row", row}, {"values", std::move(values)}});
        if (flags.hasHashes) {
            importer::Row cells;
            ATTUNE_RETURN_IF_ERROR(data->read(row, cells));
            rows.back()["hash"] = cleaner::rowHash(cells).hex();
            text += fmt::format("  hash {}\n", cleaner::rowHash(cells).hex());
        }
    }
    session.print({{"dataset", data->name()}, {"total", data->rows()}, {"rows", std::move(rows)}}, text.empty() ? fmt::format("No rows from {} on; there are {}.", flags.offset, data->rows()) : text);
    return {};
}

}

const Command& data_show()
{
    static const Command command {"data show", "Rows of a dataset", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("dataset", flags->dataset, "A dataset's name (name@version:split), or a file")->required();
        app.add_option("--offset", flags->offset, "The first row, counted from 0")->check(CLI::NonNegativeNumber);
        app.add_option("--limit", flags->limit, "How many rows")->check(CLI::NonNegativeNumber);
        app.add_flag("--hashes", flags->hasHashes, "Each row's hash, by which an edit step finds it");
        return [flags](Session& session) { return showData(session, *flags); };
    }};
    return command;
}

}
