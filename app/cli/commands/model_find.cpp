// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/model_scan.h"

namespace attune::cli {

const Command& model_find()
{
    static const Command command {"model find", "List models that Hugging Face, LM Studio and Ollama keep on this computer", [](CLI::App&) -> Action {
        return [](Session& session) -> Status {
            Json list = Json::array();
            std::vector<std::vector<std::string>> rows;
            for (const auto& model : pipeline::findModels(pipeline::ModelPlaces::ofThisUser(), session.context())) {
                list.push_back(model.toJson());
                rows.push_back({model.name, fmt::format("{:.2f} GiB", static_cast<double>(model.bytes) / (1LL << 30)), model.source, model.problem.empty() ? model.path : model.problem});
            }
            session.print(list, rows.empty() ? "No model of another program was found.\n" : table({"name", "size", "source", "path"}, rows));
            return {};
        };
    }};
    return command;
}

}
