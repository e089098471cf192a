// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "families/model_source.h"
#include "importer/dataset.h"
#include "pipeline/recipe.h"
#include "planner/batches.h"
#include "store/store.h"
#include "tokenizer/tokenize_dataset.h"

#include <memory>
#include <optional>
#include <vector>

namespace attune::pipeline {

/// The rows of a recipe as a check and the form look at them: tokenised into the workspace's cache, where a run finds
/// them again. Of very large datasets only a sample.
struct CheckedRows {
    importer::DatasetPtr train, eval;  ///< eval null: a share of the training rows
    std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
    std::unique_ptr<tokenizer::ChatTemplate> chat;  ///< null: rows go without a template
    tokenizer::RenderOptions options;
    tokenizer::TokenizedDataset tokens;             ///< of the training dataset
    std::optional<tokenizer::TokenizedDataset> evalTokens;
    planner::EvalSplit split;                       ///< rows of the shard
    bool isExact = false;                           ///< all rows were looked at
};

/// Errors: those of opening, rendering and tokenising, Cancelled.
Result<CheckedRows> checkRows(store::Store& store, const Recipe& recipe, const families::ModelSource& model, const JobContext& context);

planner::BatchOptions batchOptions(const Recipe& recipe);

/// How many evaluation rows are, token by token, also among the training rows; 0 where there is no evaluation set of its own:
/// equal rows of one dataset stay on one side.
std::int64_t overlapOf(const CheckedRows& rows);

/// Of the first rows with whole answers: how many end with a token that ends the model's turn.
struct EndTokens { int looked = 0, ended = 0; };
EndTokens endTokensOf(const CheckedRows& rows);

}
