// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "evaluator/text/words.h"
#include "model/causal_lm.h"
#include "pipeline/engine.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenizer.h"

namespace attune::engine {

/// Generated answers of a dataset's rows, in order, with their references.
struct Answers {
    std::vector<evaluator::TextPair> texts;
    std::int64_t tokens = 0;                              ///< generated
    std::vector<std::pair<std::int64_t, std::string>> skipped;  ///< rows without a prompt and an answer, with why
};

/// Lets the model answer the first `limit` rows (0: all), greedily, with at most request.maxNewTokens tokens each.
/// Errors: NothingTrained where no row has a prompt with an answer, Cancelled, those of reading the dataset.
Result<Answers> answerRows(model::CausalLm& model, const tokenizer::Tokenizer& tokenizer, const tokenizer::ChatTemplate* chat,
    const pipeline::EvalRequest& request, const JobContext& context);

}
