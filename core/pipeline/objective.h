// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "families/model_source.h"
#include "importer/dataset.h"
#include "pipeline/model_lookup.h"
#include "pipeline/recipe.h"
#include "tokenizer/render.h"

#include <span>
#include <string>
#include <vector>

namespace attune::pipeline {

/// What an objective needs from data and model, and what it can be judged by; the maths lies in core/trainer/objectives.
struct ObjectiveRules {
    std::string id;                  ///< recipe: objective.type
    tokenizer::RowShape shape = tokenizer::RowShape::Answers;
    std::vector<families::Architecture> architectures;  ///< that it can train
    std::vector<std::string> metrics;                   ///< that an evaluation of it can measure
    std::string dataNeed;            ///< "chosen and rejected answers": what the dataset's roles must give
    bool (*fits)(const importer::Dataset& dataset) = nullptr;  ///< by its roles
    bool needsHead = false;          ///< trains a head of labels on top of the model
    bool needsReference = false;     ///< compares with the model as it was
    bool isPlain = false;            ///< cross-entropy of next tokens: the fast decoder has it
    bool (*fitsRow)(const importer::Record& record) = nullptr;  ///< where roles alone do not tell: whether a row is of the kind

    /// By its roles and its first rows; rows that cannot be read are not held against it.
    bool suits(const importer::Dataset& dataset) const;
};

std::span<const ObjectiveRules> objectiveRules();
const ObjectiveRules* findObjective(std::string_view id);

/// Whether model, dataset, method, objective and metrics go together, before anything is loaded: `recipe check` and the
/// form ask it. Errors: RecipeConflict (exit 3), RecipeValue for a metric that does not exist, with the nearest one.
Status checkObjective(const Recipe& recipe, const families::ModelSource& model, const importer::Dataset& train);

/// The teacher that objective.teacher names, with a vocabulary equal to the model's token by token. Errors: RecipeConflict for
/// another vocabulary or an adapter that has to be merged first, those of finding and opening it.
Result<families::ModelSource> openTeacher(const OpenStore& openStore, const Recipe& recipe, const families::ModelSource& model);

/// Whether the recipe's loss is more than the fast decoder has: another objective, label smoothing, noise.
bool objectiveNeedsNetwork(const Recipe& recipe);

/// How the recipe's rows become tokens: data.* and the objective's shape. Labels that the recipe leaves open are
/// collected from the training data, sorted. Errors: those of reading, FileCorrupt, RecipeConflict with fewer than two classes.
Result<tokenizer::RenderOptions> renderOptions(const Recipe& recipe, const families::ModelSource& model, const importer::Dataset& train, const JobContext& context);

/// Whether rows of this shape go through a chat template.
bool usesTemplate(tokenizer::RowShape shape, const importer::Dataset& dataset);

/// The kind of the labels: objective.problem_type, or, where that is auto, what the first rows hold.
Result<tokenizer::LabelKind> labelKindOf(const Recipe& recipe, const importer::Dataset& train);

/// All names that eval.metrics may hold: metrics and their parts, sorted. (A test compares with core/evaluator.)
const std::vector<std::string>& metricNames();

}
