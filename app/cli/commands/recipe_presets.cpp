// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "pipeline/model_lookup.h"
#include "pipeline/presets.h"

namespace attune::cli {

const Command& recipe_presets()
{
    static const Command command {"recipe presets", "List what a recipe can start from, by purpose", [](CLI::App& app) -> Action {
        auto model = std::make_shared<std::string>();
        app.add_option("-m,--model", *model, "Only those for this model: a name, a GGUF file or a Hugging Face folder");
        return [model](Session& session) -> Status {
            std::optional<families::ModelSource> source;
            if (!model->empty()) {
                ATTUNE_TRY(source, pipeline::openModelArgument([&] { return session.store(); }, *model));
            }
            Json list = Json::array();
            std::string text;
            for (const auto& preset : pipeline::presets()) {
                if (source && !preset.suits(source->spec.kind, source->spec.family, source->parameters))
                    continue;
                list.push_back({{"id", preset.id}, {"name", preset.name}, {"sentence", preset.sentence}, {"method", preset.recipe.text("method.type")},
                    {"objective", preset.recipe.text("objective.type")}});
                text += fmt::format("{:<28} {}\n{:<28} {}\n", preset.id, preset.name, "", preset.sentence);
            }
            session.print(list, text);
            return {};
        };
    }};
    return command;
}

}
