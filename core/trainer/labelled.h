// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "trainer/objective.h"

namespace attune::trainer {

/// The weights of the classes in their order, float32 on the device; undefined where all are 1. An unknown label has none.
at::Tensor classWeights(const ObjectiveOptions& options, const at::Device& device);

/// Adds rows of indices of the largest logit [N, L] and of the right class [N] to the totals.
void addClasses(const at::Tensor& logits, const at::Tensor& actual, const std::vector<std::string>& labels, evaluator::Totals& totals);

/// An objective on rows with labels and a head on the whole text: a row is one unit.
class LabelledRows : public Objective
{
public:
    void addRow(model::PackedBatch& batch, const tokenizer::TokenShard& shard, std::int64_t index, std::int64_t epoch) override;
};

}
