// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/recipe_arguments.h"
#include "pipeline/trial_step.h"

namespace attune::cli {
namespace {

std::string describe(const pipeline::TrialStep& trial)
{
    constexpr double kGib = 1LL << 30;
    return fmt::format("A step takes {:.2f} s ({} tokens, {:.0f} tokens/s, loss {:.3f}). Peak memory {:.2f} GiB; the forecast was {:.2f} GiB.\n", trial.secondsPerStep, trial.tokens,
        trial.tokensPerSecond, trial.loss, static_cast<double>(trial.peakMemoryBytes) / kGib, static_cast<double>(trial.estimateBytes) / kGib);
}

}

const Command& recipe_test()
{
    static const Command command {"recipe test", "Train two steps of a recipe, measure time and memory, and forget them", [](CLI::App& app) -> Action {
        return [a = addRecipeArguments(app)](Session& session) -> Status {
            ATTUNE_TRY(const auto recipe, a->read());
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto trial, pipeline::measureStep(store->workspace(), recipe, session.context()));
            session.print(trial.toJson(), describe(trial));
            return {};
        };
    }};
    return command;
}

}
