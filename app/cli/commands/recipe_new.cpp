// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "cli/recipe_arguments.h"
#include "pipeline/presets.h"

namespace attune::cli {
namespace {

struct Arguments {
    std::string model, data, method, preset, name, out;
    std::vector<std::string> set;
};

}

const Command& recipe_new()
{
    static const Command command {"recipe new", "Print a commented recipe to start from", [](CLI::App& app) -> Action {
        auto a = std::make_shared<Arguments>();
        app.add_option("-m,--model", a->model, "Base model: a name, a GGUF file or a Hugging Face folder");
        app.add_option("-d,--data", a->data, "Dataset: a name or a file");
        app.add_option("--preset", a->preset, "Start from a preset; `attune recipe presets` lists them");
        app.add_option("--method", a->method, "How to train: lora, full");
        app.add_option("--name", a->name, "Name of the runs made from it");
        app.add_option("--set", a->set, "KEY=VALUE for any other key; may be repeated")->allow_extra_args(false);
        app.add_option("-o,--out", a->out, "Write to this file instead of standard output");
        return [a](Session& session) -> Status {
            pipeline::Recipe recipe;
            if (!a->preset.empty()) {
                ATTUNE_TRY(const auto* preset, pipeline::findPreset(a->preset));
                recipe = preset->applyTo(recipe);
            }
            for (const auto& [key, value] : {std::pair("model.base", a->model), {"data.train", a->data}, {"method.type", a->method}, {"name", a->name}})
                if (!value.empty())
                    ATTUNE_RETURN_IF_ERROR(recipe.set(key, Json(value)));
            ATTUNE_RETURN_IF_ERROR(applySettings(recipe, a->set));
            const std::string yaml = "# An Attune recipe: `attune recipe check` looks at it, `attune run start` runs it.\n" + recipe.toYaml();
            if (a->out.empty()) {
                session.print(Json {{"recipe", recipe.toJson()}, {"yaml", yaml}}, yaml);
                return {};
            }
            ATTUNE_RETURN_IF_ERROR(writeFileAtomically(a->out, yaml));
            session.print(Json {{"path", absolutePath(a->out)}, {"recipe", recipe.toJson()}}, "Wrote " + a->out);
            return {};
        };
    }};
    return command;
}

}
