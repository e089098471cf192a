// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/recipe_arguments.h"

namespace attune::cli {
namespace {

struct Arguments {
    std::string path;
    std::vector<std::string> set;
};

}

const Command& recipe_check()
{
    static const Command command {"recipe check", "Look for mistakes in a recipe and forecast its run", [](CLI::App& app) -> Action {
        auto a = std::make_shared<Arguments>();
        app.add_option("RECIPE", a->path, "The recipe's file")->required();
        app.add_option("--set", a->set, "KEY=VALUE in place of the recipe's; may be repeated")->allow_extra_args(false);
        return [a](Session& session) -> Status {
            ATTUNE_TRY(auto recipe, pipeline::Recipe::read(a->path));
            ATTUNE_RETURN_IF_ERROR(applySettings(recipe, a->set));
            ATTUNE_RETURN_IF_ERROR(recipe.checkComplete());
            session.print(Json {{"ok", true}}, "The recipe is sound.");
            return {};
        };
    }};
    return command;
}

}
