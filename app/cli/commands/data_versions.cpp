// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/dataset_lookup.h"

namespace attune::cli {
namespace {

Status listVersions(Session& session, const std::string& dataset)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto name, pipeline::parseDatasetName(dataset));
    ATTUNE_TRY([[maybe_unused]] const auto newest, pipeline::findDataset(*store, name));
    ATTUNE_TRY(const auto versions, store->datasetVersions(name.name));
    Json list = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const auto& version : versions) {
        const std::string id = fmt::format("{}@{}", version.name, version.version), kind = version.info.value("kind", "import"), parent = version.info.value("parent", "");
        list.push_back({{"dataset", id}, {"version", version.version}, {"rows", version.rows}, {"created", version.created}, {"kind", kind}, {"parent", parent},
            {"splits", version.info.value("splits", Json::object())}, {"folder", version.folder}});
        rows.push_back({id, kind, std::to_string(version.rows), parent, version.created});
    }
    session.print(list, table({"version", "made by", "rows", "from", "created"}, rows));
    return {};
}

}

const Command& data_versions()
{
    static const Command command {"data versions", "The history of a dataset", [](CLI::App& app) -> Action {
        auto dataset = std::make_shared<std::string>();
        app.add_option("dataset", *dataset, "A dataset's name")->required();
        return [dataset](Session& session) { return listVersions(session, *dataset); };
    }};
    return command;
}

}
