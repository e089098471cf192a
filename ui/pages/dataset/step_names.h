// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/dataset_steps.h"

#include <QString>

#include <vector>

namespace attune::pages {

/// A step in a few words, with what tells it apart: "Near-duplicates ≥ 0.85", "Redact e-mail".
QString stepName(const cleaner::Step& step);
/// "−14", "~61", "−3 ~8", "+200"; empty where nothing is known.
QString stepEffect(const cleaner::StepReport& report);
/// The whole effect in words: "12 477 → 12 463 rows, 0 changed".
QString stepEffectWords(const cleaner::StepReport& report);
/// Made by editing or dropping rows one by one: many of them stand behind one chip.
bool isRowStep(const cleaner::Step& step);

/// Steps that stand behind one chip.
struct StepGroup {
    std::size_t first = 0, count = 1;
    QString name;
    bool isEnabled = true;
    std::optional<cleaner::StepReport> report;  ///< of all together
};
std::vector<StepGroup> groupSteps(const std::vector<pipeline::StepState>& steps);

}
