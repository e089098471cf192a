// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "cli/recipe_arguments.h"
#include "pipeline/convert.h"
#include "pipeline/dataset_export.h"
#include "pipeline/dataset_lookup.h"

namespace attune::cli {
namespace {

struct Arguments {
    std::string path, target, out;
    std::vector<std::string> set;
};

std::string readme(const pipeline::ConvertedRecipe& converted, const std::string& target)
{
    std::string text = fmt::format("Made by Attune for {}. Start it with `{}`.\n\n", target, converted.command);
    text += converted.unmapped.empty() ? "Everything in the recipe has a counterpart.\n" : "What does not map:\n\n";
    for (const auto& line : converted.unmapped)
        text += "* " + line + "\n";
    return text;
}

}

const Command& recipe_convert()
{
    static const Command command {"recipe convert", "Write a recipe for another trainer: axolotl, trl, llamafactory", [](CLI::App& app) -> Action {
        auto a = std::make_shared<Arguments>();
        app.add_option("RECIPE", a->path, "The recipe's file")->required();
        app.add_option("--to", a->target, "axolotl, trl or llamafactory")->required()->check(CLI::IsMember(pipeline::conversionTargets()));
        app.add_option("-o,--out", a->out, "Folder for config.yaml, the rows as messages and a README of what does not map");
        app.add_option("--set", a->set, "KEY=VALUE in place of the recipe's; may be repeated")->allow_extra_args(false);
        return [a](Session& session) -> Status {
            ATTUNE_TRY(auto recipe, pipeline::Recipe::read(a->path));
            ATTUNE_RETURN_IF_ERROR(applySettings(recipe, a->set));
            ATTUNE_TRY(const auto converted, pipeline::convertRecipe(recipe, a->target, a->out.empty() ? "" : "train.jsonl"));
            Json json {{"config", converted.config}, {"unmapped", converted.unmapped}, {"command", converted.command}};
            if (a->out.empty()) {
                for (const auto& line : converted.unmapped)
                    session.note("Does not map: " + line);
                session.print(json, converted.yaml());
                return {};
            }
            ATTUNE_RETURN_IF_ERROR(recipe.checkComplete());
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto data, pipeline::openDataset(*store, recipe.text("data.train"), session.context()));
            const std::string folder = absolutePath(a->out);
            ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
            // Plain text goes as it is; everything else as conversations, which all three read.
            const bool isPlain = a->target == "trl" && recipe.text("data.template") == "none";
            const std::string style = !data->isConversational() ? "text" : isPlain ? "prompt-completion" : "messages";
            ATTUNE_RETURN_IF_ERROR(pipeline::exportDataset(*data, folder + "/train.jsonl", style, session.context()));
            ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/config.yaml", converted.yaml()));
            ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/README.md", readme(converted, a->target)));
            json["path"] = folder;
            session.print(json, fmt::format("Wrote {0}/config.yaml, train.jsonl and README.md. Start it there with: {1}", folder, converted.command));
            return {};
        };
    }};
    return command;
}

}
