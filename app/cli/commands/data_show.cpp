// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cleaner/row_key.h"
#include "pipeline/dataset_filter.h"
#include "pipeline/dataset_lookup.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string dataset;
    std::int64_t offset = 0, limit = 10;
    std::vector<std::string> where;
    bool hasHashes = false;
};

std::string inWords(std::int64_t number, const Json& values)
{
    std::string text = fmt::format("row {}\n", number);
    for (const auto& [name, value] : values.items())
        text += fmt::format("  {}: {}\n", name, value.is_string() ? value.get<std::string>() : toLine(value));
    return text;
}

/// The rows to show: a range, or the first that satisfy the filters, from the offset on.
Result<std::vector<std::int64_t>> chosenRows(const importer::Dataset& data, const Flags& flags, const JobContext& context)
{
    std::vector<std::int64_t> rows;
    if (flags.where.empty()) {
        const std::int64_t end = flags.limit > data.rows() - flags.offset ? data.rows() : flags.offset + flags.limit;
        for (std::int64_t row = flags.offset; row < end; ++row)
            rows.push_back(row);
        return rows;
    }
    std::vector<pipeline::RowFilter> filters;
    for (const auto& text : flags.where) {
        ATTUNE_TRY(auto filter, pipeline::parseRowFilter(text));
        filters.push_back(std::move(filter));
    }
    return pipeline::findRows(data, filters, flags.offset, flags.limit, context);
}

Status showData(Session& session, const Flags& flags)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto data, pipeline::openDataset(*store, flags.dataset, session.context()));
    Json rows = Json::array();
    std::string text;
    ATTUNE_TRY(const auto chosen, chosenRows(*data, flags, session.context()));
    for (const std::int64_t row : chosen) {
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
        app.add_option("--where", flags->where, "Only rows that satisfy this: 'level >= 3', 'text contains cat'; may be given again")->take_all();
        app.add_flag("--hashes", flags->hasHashes, "Each row's hash, by which an edit step finds it");
        return [flags](Session& session) { return showData(session, *flags); };
    }};
    return command;
}

}
