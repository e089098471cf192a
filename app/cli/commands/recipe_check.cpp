// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/recipe_arguments.h"
#include "pipeline/check.h"

namespace attune::cli {
namespace {

std::string describe(const pipeline::RecipeCheck& check)
{
    constexpr double kGib = 1LL << 30;
    std::string text = fmt::format("The recipe is sound: {}{} steps over {} rows, {} trained parameters, about {:.2f} of {:.2f} GiB memory.\nThe result can become: {}\n",
        check.stepsExact ? "" : "about ", check.stepsTotal, check.rows, check.plan.trainableParameters, static_cast<double>(check.plan.estimateBytes()) / kGib,
        static_cast<double>(check.plan.availableBytes) / kGib, check.canBecome);
    for (const auto& warning : check.warnings)
        text += "Note: " + warning + "\n";
    return text;
}

}

const Command& recipe_check()
{
    static const Command command {"recipe check", "Look for mistakes in a recipe and forecast its run", [](CLI::App& app) -> Action {
        return [a = addRecipeArguments(app)](Session& session) -> Status {
            ATTUNE_TRY(const auto recipe, a->read());
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto check, pipeline::checkRecipe(*store, recipe, session.context()));
            session.print(check.toJson(), describe(check));
            return {};
        };
    }};
    return command;
}

}
