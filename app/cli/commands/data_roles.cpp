// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/data_arguments.h"
#include "importer/roles.h"
#include "pipeline/dataset_jobs.h"
#include "pipeline/dataset_lookup.h"

namespace attune::cli {
namespace {

struct Flags {
    std::string dataset;
    std::vector<std::string> map;
};

Status changeRoles(Session& session, const Flags& flags)
{
    std::map<std::string, std::string> roles;
    ATTUNE_RETURN_IF_ERROR(readRoleMap(flags.map, roles));
    ATTUNE_TRY(auto* store, session.store());
    std::string name = flags.dataset;
    if (!roles.empty()) {
        ATTUNE_TRY(const auto report, pipeline::setRoles(*store, flags.dataset, roles, session.context()));
        name = report.dataset;
    }
    ATTUNE_TRY(const auto data, pipeline::openDataset(*store, name, session.context()));
    std::vector<std::vector<std::string>> rows;
    for (const auto& column : data->columns())
        rows.push_back({column.name, column.type, std::string(importer::roleName(column.role))});
    session.print({{"dataset", data->name()}, {"mapping", importer::mappingJson(data->columns())}, {"columns", importer::toJson(data->columns())}}, table({"column", "type", "role"}, rows) + data->name());
    return {};
}

}

const Command& data_roles()
{
    static const Command command {"data roles", "Show what a dataset's columns are for, or change it as a new version", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("dataset", flags->dataset, "A dataset's name")->required();
        app.add_option("--map", flags->map, "Roles of columns: role=column,…; columns not named get none")->delimiter(',');
        return [flags](Session& session) { return changeRoles(session, *flags); };
    }};
    return command;
}

}
