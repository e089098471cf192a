// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/task_head.h"
#include "model/causal_lm.h"
#include "pipeline/engine.h"
#include "trainer/objective.h"
#include "trainer/settings.h"

#include <functional>
#include <memory>

namespace attune::engine {

/// The head of labels that an objective trains; none for those that train next tokens.
families::TaskHead headFor(const std::string& objective, const trainer::ObjectiveOptions& options);

/// The objective's settings with what the tokenizer knows. Errors: those of loading it.
Result<trainer::ObjectiveOptions> completeOptions(const trainer::Settings& settings, const families::ModelSource& model);

/// An objective for training and one for evaluation rows; null where next-token prediction is all there is.
struct ObjectivePair {
    std::shared_ptr<trainer::Objective> train, eval;
    std::function<std::function<Status(const std::string& folder)>()> snapshotExtras;  ///< of the head, where there is one
};

/// Makes the recipe's objective the loss of a model that has its adapter on: trains the head, loads the teacher or a frozen copy
/// of the base where the objective compares with one. Errors: those of loading, RecipeConflict for a teacher of another vocabulary.
Result<ObjectivePair> setUpObjective(model::CausalLm& model, const trainer::Settings& settings, const pipeline::TrainRequest& request, const JobContext& context);

}
