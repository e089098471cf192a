// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/runs/run_columns.h"

#include <optional>

namespace attune::pages {

/// One condition on runs: "loss < 1.2", "tag: prod", "model ~ qwen". Columns by their key or shown name.
struct RunCondition {
    enum class Op { Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual, Contains };
    int column = -1;
    Op op = Op::Contains;
    QString value;
    QString words() const;  ///< as a chip shows it
    bool holds(const ListedRun& run) const;
};

/// Reads a condition; nullopt for text that is none and so is looked for everywhere.
std::optional<RunCondition> parseCondition(const QString& text);
/// Whether any shown cell, the notes included, has the text.
bool containsText(const ListedRun& run, const QString& text);

}
