// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "families/model_source.h"

#include <string>
#include <vector>

namespace attune::families {

/// A head of labels on top of a model, in place of its next-token logits.
struct TaskHead {
    enum class Kind { None, Sequence, Tokens };  ///< one answer for a text, or one for every token
    Kind kind = Kind::None;
    std::vector<std::string> labels;  ///< one a logit; a single one of a regression or a reward
    std::string problemType;          ///< HF's: single_label_classification, multi_label_classification, regression

    bool isThere() const { return kind != Kind::None; }
    std::int64_t outputs() const { return static_cast<std::int64_t>(labels.size()); }
};

/// The slots of a model with the weights of its head of labels in the place of the head for tokens. A decoder's is HF's `score`
/// [labels, hidden]: without bias at the last token, with one where it labels every token; an encoder's is as its family names it
/// (Family::labelHead). Its slots have the names "cls.…" among those of llama.cpp, and BERT's pooler before it "pooler.…".
std::vector<TensorSlot> withHead(std::vector<TensorSlot> slots, const ModelSpec& spec, const TaskHead& head);

/// The head of an HF folder's own config.json; none for GGUF files and for models that write text.
TaskHead headOfModel(const ModelSource& source);

/// The head that a config.json describes: "…ForSequenceClassification" and "…ForTokenClassification" with id2label and
/// problem_type. Kind::None for any other architecture.
TaskHead headFromConfig(const Json& config);
/// Makes a config.json say that the model has this head: architectures, id2label, label2id, problem_type.
void describeHead(Json& config, const TaskHead& head);

/// Whether a slot belongs to a head of labels; BERT's pooler does not, although nothing else uses it.
bool isOfHead(const TensorSlot& slot);
bool isPooler(const TensorSlot& slot);

/// The module of a head as PEFT's modules_to_save names it: "classifier" of "classifier.out_proj.weight", "pooler" of
/// "bert.pooler.dense.weight".
std::string savedModule(const std::string& slotName, const ModelSpec& spec);

/// What an adapter's folder says of its head: head.json beside it, or, where another program wrote it, the shape of `score` or
/// `classifier` with HF's names for labels (LABEL_0 …). Kind::None where it trains no head. Errors: FileCorrupt.
Result<TaskHead> headOfAdapter(const std::string& folder);
Json toJson(const TaskHead& head);

}
