// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/opened_version.h"
#include "pages/dataset/text_model.h"
#include "pipeline/row_turns.h"
#include "widgets/token_view.h"

#include <QString>

#include <memory>
#include <vector>

namespace attune::pages {

/// Everything that the row pane says about one row.
struct RowDetail {
    std::int64_t row = -1;      ///< position in the version
    std::int64_t number = 0;    ///< of the import
    QString file;               ///< "tickets.jsonl"
    std::int64_t line = 0;      ///< in it, from 1; 0 where it has no lines
    Json values;                ///< behind the steps
    Json source;                ///< as imported
    std::vector<pipeline::RowTurn> turns;   ///< in reading order
    std::vector<std::int64_t> turnTokens;   ///< of each turn; empty without a model
    std::int64_t tokens = -1;               ///< of the row's text; -1 without a model
    QList<widgets::ShownToken> trained;     ///< as the model reads the row
    int trainedCount = 0;
    QString trainedNote;        ///< what to know about them
    QString trainedProblem;     ///< why there are none
    std::vector<int> changedBy; ///< numbers (from 1) of the steps that changed it
    QString problem;            ///< why the row cannot be read
};
using RowDetailPtr = std::shared_ptr<const RowDetail>;

/// Worker thread. model: may be null.
RowDetailPtr readDetail(const OpenedVersion& opened, const TextModel* model, std::int64_t row);

}
