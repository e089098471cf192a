// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/recipe.h"
#include "store/store.h"
#include "widgets/token_view.h"

namespace attune::pages {

/// The first rows of a run as the model will read them.
struct FirstBatch {
    QList<widgets::ShownToken> tokens;
    int rows = 0, trained = 0, truncated = 0, leftOut = 0;
    QString problem;  ///< why a row was left out, the first
};

/// Renders rows until about maxTokens are shown. Worker thread. Errors: those of model, template and data.
Result<FirstBatch> firstBatch(store::Store& store, const pipeline::Recipe& recipe, int maxTokens);

}
