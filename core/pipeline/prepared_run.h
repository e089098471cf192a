// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pipeline/engine.h"
#include "pipeline/model_lookup.h"
#include "pipeline/training_data.h"
#include "planner/plan.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// The names of the token shards in a run's folder.
inline constexpr const char* kTrainShard = "train.tokens";
inline constexpr const char* kEvalShard = "eval.tokens";

/// Everything a new run is made from, found before anything is written.
struct PreparedRun {
    Recipe recipe;  ///< with absolute paths
    families::ModelSource model;
    TrainingData data;
    planner::MemoryPlan plan;
    std::vector<std::string> warnings;
};

/// Finds and checks all of it: model, adapter, teacher, data, labels, memory. Used by runs and by trial steps.
/// Errors: recipe, data, ModelMissing, ModelUnsupported, OutOfMemory (forecast) unless isForced, Cancelled.
Result<PreparedRun> prepareRun(store::Store& store, const Recipe& recipe, bool isForced, const JobContext& context);

/// The model that a place leads to, where it can be trained. Errors: those of opening it, ModelUnsupported.
Result<families::ModelSource> openBase(const ModelPlace& place);

/// A link to a shard, so that clearing the cache cannot stop a resume; a copy where the file system has none.
Status keepShard(const std::string& shard, const std::string& target);

/// What the engine is asked for: the run of this row, with the shards in its folder.
TrainRequest requestOf(const Recipe& recipe, const families::ModelSource& model, const store::RunRow& row, const std::string& workspace);

/// Names the rows of the run and the shard they are evaluated on.
void useRows(TrainRequest& request, const TrainingData& data);

}
