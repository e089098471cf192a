// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/labelled.h"

#include "model/network/label_head.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace attune::trainer {
namespace {

/// Cross-entropy of a class at every token that bears a label: the first of each word.
class TokenClassification final : public Objective
{
public:
    explicit TokenClassification(const ObjectiveOptions& options) : m_options(options) {}

    void addRow(model::PackedBatch& batch, const tokenizer::TokenShard& shard, std::int64_t index, std::int64_t) override
    {
        const auto row = shard.row(index);
        batch.addSequence(row.ids, {});
        batch.closeRow(row.labels, static_cast<std::int32_t>(std::count_if(row.labels.begin(), row.labels.end(), [](float l) { return l != tokenizer::kNoLabel; })));
    }

    at::Tensor loss(model::Network& network, const model::PackedBatch& batch) override
    {
        const auto labels = labelsOf(batch, network);
        return lossOf(model::labelLogits(network, batch, true), labels, batch);
    }

    void measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals) override
    {
        const auto labels = labelsOf(batch, network), logits = model::labelLogits(network, batch, true);
        totals.lossSum += lossOf(logits, labels, batch).item<double>();
        totals.targets += batch.trained;
        const auto places = (labels != -100).nonzero().view({-1});
        addClasses(logits.index_select(0, places), labels.index_select(0, places), m_options.labels, totals);
    }

private:
    /// One label a token, in the order of the batch: rows have as many labels as tokens.
    static at::Tensor labelsOf(const model::PackedBatch& batch, const model::Network& network)
    {
        return at::tensor(at::ArrayRef<float>(batch.labels), at::kFloat).to(network.placement().device, at::kLong);
    }

    at::Tensor lossOf(const at::Tensor& logits, const at::Tensor& labels, const model::PackedBatch& batch) const
    {
        const auto weights = classWeights(m_options, logits.device());
        if (!weights.defined())
            return at::cross_entropy_loss(logits, labels, {}, at::Reduction::Sum, -100, m_options.labelSmoothing);
        return at::cross_entropy_loss(logits, labels, weights, at::Reduction::Mean, -100, m_options.labelSmoothing) * static_cast<double>(batch.trained);
    }

    const ObjectiveOptions m_options;
};

}

const ObjectiveKind& token_classification()
{
    static const ObjectiveKind kind {"token_classification", "transformers 5 ForTokenClassification",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<TokenClassification>(options); }, false,
        [](const ObjectiveOptions& options) { return static_cast<std::int64_t>(options.labels.size()); }, true};
    return kind;
}

}
