// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/steps.h"
#include "pipeline/row_facts.h"

#include <optional>

namespace attune::pipeline {

/// A row that a step would change or drop.
struct RowChange {
    std::int64_t row = 0;   ///< position in the version
    bool isDropped = false;
    Json before, after;     ///< values; `after` null where it is dropped
};

/// What one more step would do to a version; nothing is written.
struct StepPreview {
    std::int64_t rowsIn = 0, rowsOut = 0, changed = 0;
    std::optional<std::int64_t> tokensIn, tokensOut;  ///< where facts have token counts
    std::vector<RowChange> sample;                    ///< the first ones
    std::vector<importer::Column> columns;            ///< what comes out
};

/// facts, tokenizer: for token counts, or null. limit: of the sample.
/// Errors: those of the step's options, of reading, Cancelled.
Result<StepPreview> previewStep(const importer::Dataset& data, const cleaner::Step& step, const RowFacts* facts, const tokenizer::Tokenizer* tokenizer, std::size_t limit, const JobContext& context);

/// The rows as they are behind some steps, in memory: what a step in the middle of a list finds.
/// Errors: those of the steps, of reading, Cancelled.
Result<importer::DatasetPtr> behindSteps(importer::DatasetPtr source, const std::vector<cleaner::Step>& steps, const tokenizer::Tokenizer* tokenizer, const JobContext& context);

}
