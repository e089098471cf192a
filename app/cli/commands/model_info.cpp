// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/model_text.h"
#include "pipeline/model_lookup.h"

namespace attune::cli {

const Command& model_info()
{
    static const Command command {"model info", "Show what a model is and whether it can be trained", [](CLI::App& app) -> Action {
        auto model = std::make_shared<std::string>();
        app.add_option("model", *model, "Registered name, GGUF file, Hugging Face folder or run")->required();
        return [model](Session& session) -> Status {
            ATTUNE_TRY(const auto source, pipeline::openModelArgument([&] { return session.store(); }, *model));
            session.print(source.toJson(), modelText(source.toJson()));
            return {};
        };
    }};
    return command;
}

}
