// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/run/run_data.h"
#include "pipeline/compare.h"

namespace attune::pages {

/// Runs side by side, with the one that the others are compared with.
struct CompareData {
    std::vector<RunData> runs;
    pipeline::Comparison comparison;
    std::size_t baseline = 0;

    static Result<CompareData> load(store::Store& store, const std::vector<std::string>& ids);
    QString name(std::size_t run) const;       ///< the id
    /// Short where all names begin alike: "bot-4".
    QString shortName(std::size_t run) const;
    std::optional<double> bestEval(std::size_t run) const;
    bool differs(const pipeline::Comparison::Row& row) const { return row.differs(); }
    /// Whether the runs hold the same rows out: their losses are measures of the same thing.
    bool sharesEvaluation() const;
};

/// A value of a recipe or a result as people read it.
QString shownValue(const Json& value);
/// A setting's value as the pages name it: models and datasets by name, where the recipe has a path or "gsm8k@1".
QString shownSetting(const std::string& key, const Json& value);
/// "learning rate" for training.learning_rate: the option's own name.
QString settingName(const std::string& key);

}
