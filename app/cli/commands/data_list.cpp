// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

namespace attune::cli {
namespace {

Status listData(Session& session)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto datasets, store->datasets());
    Json list = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const auto& row : datasets) {
        const Json columns = row.info.value("columns", Json::array());
        list.push_back({{"name", row.name}, {"version", row.version}, {"rows", row.rows}, {"columns", columns}, {"created", row.created},
            {"mapping", row.info.value("mapping", Json::object())}, {"splits", row.info.value("splits", Json::object())}, {"sources", row.info.value("sources", Json::array())},
            {"folder", row.folder}});
        std::vector<std::string> names;
        for (const auto& column : columns)
            names.push_back(column.value("name", ""));
        rows.push_back({row.name, std::to_string(row.version), std::to_string(row.rows), fmt::format("{}", fmt::join(names, ", ")), row.created});
    }
    session.print(list, rows.empty() ? "No datasets yet; attune data import adds one." : table({"name", "version", "rows", "columns", "created"}, rows));
    return {};
}

}

const Command& data_list()
{
    static const Command command {"data list", "The datasets of the workspace", [](CLI::App&) -> Action { return listData; }};
    return command;
}

}
