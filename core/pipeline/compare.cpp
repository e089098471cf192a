// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/compare.h"

#include "pipeline/recipe.h"

#include <map>

namespace attune::pipeline {
namespace {

void addConfig(Comparison& comparison, const std::vector<store::RunRow>& runs)
{
    std::vector<std::optional<Recipe>> recipes;
    for (const auto& run : runs) {
        auto recipe = Recipe::read(run.recipe.empty() ? run.folder + "/recipe.yaml" : run.recipe);
        recipes.push_back(recipe ? std::optional(std::move(*recipe)) : std::nullopt);
    }
    for (const auto& option : recipeSchema().options()) {
        Comparison::Row row {option.key, {}};
        bool isVisible = false;
        for (const auto& recipe : recipes) {
            isVisible |= recipe && recipe->isVisible(option);
            row.values.push_back(recipe && recipe->isVisible(option) ? recipe->value(option.key) : Json());
        }
        if (isVisible)
            comparison.config.push_back(std::move(row));
    }
}

void addOutcome(Comparison& comparison, const std::vector<store::RunRow>& runs)
{
    for (const char* key : {"status", "steps_done", "steps_total", "tokens", "train_loss", "eval_loss", "best_step", "tokens_per_second",
             "peak_memory_bytes", "estimate_bytes", "seconds"}) {
        Comparison::Row row {key, {}};
        for (const auto& run : runs)
            row.values.push_back(run.toJson()[key]);
        comparison.metrics.push_back(std::move(row));
    }
}

Status addCurves(Comparison& comparison, const store::Store& store, const std::vector<store::RunRow>& runs)
{
    std::map<std::string, std::vector<Json>> last;  // "eval perplexity" -> value per run
    for (std::size_t i = 0; i < runs.size(); ++i) {
        ATTUNE_TRY(const auto rows, store.metrics(runs[i].id));
        std::map<std::pair<std::string, std::string>, Comparison::Curve> curves;
        for (const auto& row : rows) {
            if (row.split == "sys")
                continue;  // the computer's load: the studio's System tab
            auto& curve = curves[{row.split, row.name}];
            curve.steps.push_back(row.step);
            curve.tokens.push_back(row.tokens);
            curve.values.push_back(row.value);
        }
        for (auto& [key, curve] : curves) {
            curve.run = runs[i].id, curve.split = key.first, curve.name = key.second;
            auto& values = last[key.first + " " + key.second];
            values.resize(runs.size());
            values[i] = curve.values.back();
            comparison.curves.push_back(std::move(curve));
        }
    }
    for (auto& [name, values] : last)
        if (name.starts_with("eval "))
            comparison.metrics.push_back({"last " + name, std::move(values)});
    return {};
}

}

bool Comparison::Row::differs() const
{
    return std::any_of(values.begin(), values.end(), [&](const Json& value) { return value != values.front(); });
}

Json Comparison::toJson(bool onlyDifferences) const
{
    auto rowsOf = [&](const std::vector<Row>& rows, const char* name) {
        Json array = Json::array();
        for (const auto& row : rows)
            if (!onlyDifferences || row.differs())
                array.push_back({{name, row.key}, {"values", row.values}});
        return array;
    };
    Json list = Json::array();
    for (const auto& c : curves)
        list.push_back({{"run", c.run}, {"split", c.split}, {"name", c.name}, {"steps", c.steps}, {"tokens", c.tokens}, {"values", c.values}});
    return {{"runs", runs}, {"config", rowsOf(config, "key")}, {"metrics", rowsOf(metrics, "name")}, {"curves", list}};
}

Result<Comparison> compareRuns(const store::Store& store, const std::vector<std::string>& names)
{
    Comparison comparison;
    std::vector<store::RunRow> runs;
    for (const auto& name : names) {
        ATTUNE_TRY(auto run, store.run(name));
        comparison.runs.push_back(run.id);
        runs.push_back(std::move(run));
    }
    addConfig(comparison, runs);
    addOutcome(comparison, runs);
    ATTUNE_RETURN_IF_ERROR(addCurves(comparison, store, runs));
    return comparison;
}

}
