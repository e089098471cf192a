// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pipeline/recipe.h"
#include "store/store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::pipeline {

/// A fine-tuning method for one model: what it costs and what it can become, or why it is not possible.
struct MethodChoice {
    std::string id, name, sentence;
    std::string reason {};           ///< empty: it can be chosen
    std::string forms {};            ///< "GGUF adapter, merged GGUF"
    std::int64_t trained = 0;        ///< parameters
    std::int64_t estimateBytes = 0;
    bool fits = false;
    bool canQuantise = false;
};

/// An objective for one model and dataset, or why it is not possible.
struct ObjectiveChoice {
    std::string id, name, sentence, reason;
};

/// How the frozen weights may be kept: none, int8, nf4, keep.
struct WeightsChoice {
    std::string id, name, sentence, reason;  ///< name: "16-bit", "4-bit", "Q4_1"
    std::int64_t weightBytes = 0;            ///< in memory
};

/// What the form offers for the model and dataset that a recipe names.
struct FormChoices {
    std::vector<MethodChoice> methods;
    std::vector<ObjectiveChoice> objectives;
    std::vector<WeightsChoice> weights;
    std::int64_t parameters = 0, layers = 0, hiddenSize = 0, contextLength = 0;
    std::string storedType;                 ///< "Q4_1", "bfloat16"
    std::string architecture;               ///< "decoder", "encoder", "encoder-decoder"
    std::string family;                     ///< its id, as families/all has it
    std::vector<std::string> moduleNames;   ///< that target_modules may name: "q_proj"
    std::string modelProblem;               ///< why the model cannot be trained or opened, in a sentence
    std::string dataProblem;
};

/// Asks model, dataset, methods and memory forecast. Both names may be empty: then nothing is ruled out by them.
/// Model or data that cannot be opened are no error but a sentence.
FormChoices formChoices(store::Store& store, const Recipe& recipe, const JobContext& context);

}
