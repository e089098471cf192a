// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "cli/model_text.h"
#include "families/model_source.h"

namespace attune::cli {
namespace {

/// The row's facts as they were when the model was added; a file that vanished since is said so.
Json factsOf(const store::ModelRow& row)
{
    Json facts = row.info.is_object() ? row.info : families::ModelSource().toJson();
    facts["name"] = row.name;
    facts["path"] = row.path;
    std::error_code error;
    if (!fs::exists(row.path, error)) {
        facts["trainable"] = false;
        facts["reason"] = "The file is gone.";
    }
    return facts;
}

Status listModels(Session& session)
{
    ATTUNE_TRY(auto* store, session.store());
    ATTUNE_TRY(const auto rows, store->models());
    Json list = Json::array();
    std::vector<std::vector<std::string>> cells;
    for (const auto& row : rows) {
        list.push_back(factsOf(row));
        const Json& facts = list.back();
        cells.push_back({row.name, facts.value("architecture", ""), countText(facts.value("parameters", std::int64_t(0))), facts.value("stored_type", ""),
            facts.value("trainable", false) ? "yes" : "no", row.path});
    }
    session.print(list, rows.empty() ? "No models yet: attune model add PATH" : table({"name", "architecture", "parameters", "type", "trainable", "path"}, cells));
    return {};
}

}

const Command& model_list()
{
    static const Command command {"model list", "List the registered models", [](CLI::App&) -> Action { return listModels; }};
    return command;
}

}
