// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "families/model_source.h"
#include "pipeline/recipe.h"
#include "store/store.h"
#include "tokenizer/tokenize_dataset.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

/// The rows of a run as tokens: what to train on, what to evaluate on. Shards lie in the workspace's cache.
struct TrainingData {
    std::string trainShard, evalShard;              ///< paths; evalShard empty: no evaluation
    std::vector<std::int64_t> trainRows, evalRows;  ///< indices into the shards
    tokenizer::TokenizeReport report;               ///< of the training dataset
    std::string trainName, evalName;                ///< datasets with version and split, or file paths
    std::string contentHash;                        ///< of the training dataset
    std::string tokenizerHash;
    std::vector<std::string> labels;                ///< of an objective with classes, in their order
    tokenizer::LabelKind labelKind = tokenizer::LabelKind::Class;
    std::vector<std::string> warnings;
};

/// Opens the recipe's datasets, renders and tokenises their rows (or finds them in the cache) and chooses
/// the evaluation rows (recipe.md "Evaluation rows"): data.eval, else the dataset's own eval split, else
/// eval_fraction of the rows. Errors: DatasetMissing, NothingTrained, TemplateMissing, Cancelled, …
Result<TrainingData> prepareTrainingData(store::Store& store, const Recipe& recipe, const families::ModelSource& model, const JobContext& context);

/// The rows again, from shards that a run kept; no dataset is needed. evalShard may be empty or missing.
struct RowChoice { std::vector<std::int64_t> train, eval; bool evaluatesTrainShard = false; };
Result<RowChoice> chooseRows(const Recipe& recipe, const std::string& trainShard, const std::string& evalShard);

}
