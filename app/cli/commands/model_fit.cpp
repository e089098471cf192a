// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include "cli/recipe_arguments.h"
#include "pipeline/forecast.h"
#include "pipeline/model_lookup.h"

namespace attune::cli {
namespace {

struct Arguments {
    std::string model, method, maxLength, batchSize;
    std::vector<std::string> set;
};

std::string gib(std::int64_t bytes)
{
    return fmt::format("{:.2f} GiB", static_cast<double>(bytes) / (1LL << 30));
}

std::string describe(const planner::MemoryPlan& plan)
{
    std::string text = fmt::format("Needs about {} of {} available: {}.\n", gib(plan.estimateBytes()), gib(plan.availableBytes), plan.fits() ? "it fits" : "it does not fit");
    for (const auto& [name, bytes] : {std::pair("weights", plan.weights), {"adapter", plan.adapter}, {"optimizer", plan.optimizer},
             {"activations", plan.activations}, {"logits", plan.logits}, {"workspace", plan.workspace}})
        text += fmt::format("  {:<12}{:>12}\n", name, gib(bytes));
    for (const auto& suggestion : plan.suggestions)
        text += "Try: " + suggestion.text + "\n";
    return text;
}

}

const Command& model_fit()
{
    static const Command command {"model fit", "Forecast the memory that training a model needs", [](CLI::App& app) -> Action {
        auto a = std::make_shared<Arguments>();
        app.add_option("MODEL", a->model, "Registered name, GGUF file, Hugging Face folder or run")->required();
        app.add_option("--method", a->method, "How to train (method.type)");
        app.add_option("--max-length", a->maxLength, "Tokens of the longest row (data.max_length)");
        app.add_option("--batch-size", a->batchSize, "Rows of a micro-batch (training.batch_size)");
        app.add_option("--set", a->set, "KEY=VALUE for any other recipe key; may be repeated")->allow_extra_args(false);
        return [a](Session& session) -> Status {
            pipeline::Recipe recipe;
            for (const auto& [key, value] : {std::pair("method.type", a->method), {"data.max_length", a->maxLength}, {"training.batch_size", a->batchSize}})
                if (!value.empty())
                    ATTUNE_RETURN_IF_ERROR(recipe.setText(key, value));
            ATTUNE_RETURN_IF_ERROR(applySettings(recipe, a->set));
            ATTUNE_TRY(const auto model, pipeline::openModelArgument([&] { return session.store(); }, a->model));
            ATTUNE_TRY(auto* store, session.store());
            ATTUNE_TRY(const auto plan, pipeline::forecastMemory(recipe, model, store));
            session.print(plan.toJson(), describe(plan));
            return {};
        };
    }};
    return command;
}

}
