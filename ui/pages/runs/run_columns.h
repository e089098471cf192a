// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"
#include "store/store.h"
#include "widgets/table.h"

#include <QHash>

#include <optional>
#include <span>

namespace attune::pages {

/// A run as the table of runs knows it: its row, and what its recipe and history add.
struct ListedRun {
    store::RunRow row;
    std::optional<pipeline::Recipe> recipe;
    std::optional<double> bestEval;

    QString text(std::string_view key) const;     ///< of the recipe; empty where it cannot be read
    std::optional<double> number(std::string_view key) const;
};

/// One column: what it is called, whether one sees it unasked, and a run's cell.
struct RunColumn {
    const char* key;
    const char* title;
    int width;             ///< 0 takes what is left
    bool isNumber;
    bool isDefault;
    widgets::Cell (*cell)(const ListedRun& run);
};

/// All columns in their order; the first is the dot that puts a run into the chart.
std::span<const RunColumn> runColumns();
int runColumnIndex(std::string_view key);
/// What runs can be put together by: a column's key, with its title.
std::span<const char* const> runGroupKeys();

/// Reads runs with what their recipes say; recipes and best values are frozen facts and are read once.
class RunReader
{
public:
    Result<std::vector<ListedRun>> read(store::Store& store);

private:
    std::map<std::string, std::optional<pipeline::Recipe>> m_recipes;
    std::map<std::pair<std::string, std::int64_t>, std::optional<double>> m_best;
};

}
