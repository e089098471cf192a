// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "base/file.h"
#include "cli/recipe_arguments.h"
#include "importer/roles.h"
#include "pipeline/convert.h"
#include "pipeline/convert_from.h"
#include "pipeline/dataset_export.h"
#include "pipeline/dataset_lookup.h"

namespace attune::cli {
namespace {

struct Arguments {
    std::string path, target, source, out;
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

/// The other way: a recipe of ours from another program's configuration.
Status readForeign(Session& session, const Arguments& a)
{
    ATTUNE_TRY(auto read, pipeline::readForeignRecipe(a.path, a.source));
    ATTUNE_RETURN_IF_ERROR(applySettings(read.recipe, a.set));
    for (const auto& line : read.unmapped)
        session.note("Does not map: " + line);
    const std::string yaml = read.recipe.toYaml();
    if (!a.out.empty())
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically(absolutePath(a.out), yaml));
    Json json {{"recipe", read.recipe.toJson()}, {"unmapped", read.unmapped}};
    if (!a.out.empty())
        json["path"] = absolutePath(a.out);
    session.print(json, a.out.empty() ? yaml : fmt::format("Wrote {}.", absolutePath(a.out)));
    return {};
}

}

const Command& recipe_convert()
{
    static const Command command {"recipe convert", "Write a recipe for another trainer (--to), or read another's configuration (--from)", [](CLI::App& app) -> Action {
        auto a = std::make_shared<Arguments>();
        app.add_option("RECIPE", a->path, "The recipe's file; with --from the other program's file or an adapter's folder")->required();
        auto* to = app.add_option("--to", a->target, "axolotl, trl or llamafactory")->check(CLI::IsMember(pipeline::conversionTargets()));
        app.add_option("--from", a->source, "axolotl or peft: makes a recipe of their configuration")->check(CLI::IsMember(pipeline::conversionSources()))->excludes(to);
        app.add_option("-o,--out", a->out, "Folder for config.yaml, the rows as messages and a README of what does not map; with --from the recipe's file");
        app.add_option("--set", a->set, "KEY=VALUE in place of the recipe's; may be repeated")->allow_extra_args(false);
        return [a](Session& session) -> Status {
            if (!a->source.empty())
                return readForeign(session, *a);
            if (a->target.empty())
                return fail(ErrorCode::Usage, "recipe convert needs --to or --from.", "--to axolotl, trl or llamafactory; --from axolotl or peft.");
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
            const bool isPlain = a->target != "llamafactory" && recipe.text("data.template") == "none";
            const bool isPairs = importer::columnOf(data->columns(), importer::ColumnRole::Rejected) >= 0;
            const std::string style = isPairs ? "preference" : !data->isConversational() ? "text" : isPlain ? "prompt-completion" : "messages";
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
