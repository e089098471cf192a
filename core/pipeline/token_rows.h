// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pipeline/recipe.h"
#include "store/store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::pipeline {

/// A token as a person looks at it.
struct TokenText {
    std::string text;
    std::int32_t id = 0;
    bool isTrained = false, isSpecial = false;
    bool isCut = false;  ///< behind the context's end: not read at all
};

/// One sequence of a row: all of it, or the chosen or rejected answer, or what an encoder reads and a decoder writes.
struct TokenPart {
    std::string name;  ///< "", "chosen", "rejected", "source", "target"
    std::vector<TokenText> tokens;
};

struct TokenRowText {
    std::int64_t row = 0;    ///< of the dataset, from 0
    std::vector<TokenPart> parts;
    std::string label;       ///< of a labelled row, in words
    bool fillsContext = false;  ///< as long as the context: it may have been cut
};

/// Rows that one optimizer step trains on, as the model reads them.
struct TokenBatch {
    std::vector<TokenRowText> rows;
    std::int64_t tokens = 0, trained = 0;
    std::int64_t budget = 0;      ///< tokens that the step's micro-batches have room for; 0 without packing
    std::int64_t step = 0, steps = 0;  ///< which of an epoch, from 0
    bool isOrderKnown = true;     ///< false: very large dataset, its first rows instead
};

/// The rows of step `step` of the first epoch, in the order in which a run with this recipe takes them.
/// Errors: those of model, template and data; Usage for a step that is not there.
Result<TokenBatch> batchOf(store::Store& store, const Recipe& recipe, std::int64_t step, const JobContext& context);

/// Up to `limit` rows that the context's end cuts, whole, with what is cut marked.
Result<TokenBatch> cutRows(store::Store& store, const Recipe& recipe, std::int64_t limit, const JobContext& context);

}
