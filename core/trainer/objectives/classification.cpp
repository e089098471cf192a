// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/labelled.h"

#include "model/network/label_head.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

/// One class a row: cross-entropy, with class weights the weighted mean of the batch. Several labels: binary
/// cross-entropy, the mean over the labels. As HF's ForSequenceClassificationLoss.
class Classification final : public LabelledRows
{
public:
    explicit Classification(const ObjectiveOptions& options) : m_options(options) {}

    at::Tensor loss(model::Network& network, const model::PackedBatch& batch) override
    {
        return lossOf(model::labelLogits(network, batch, false), batch);
    }

    void measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals) override
    {
        const auto logits = model::labelLogits(network, batch, false);
        totals.lossSum += lossOf(logits, batch).item<double>();
        totals.targets += batch.trained;
        if (m_options.isMultiLabel)
            addFlags(logits, batch, totals);
        else
            addClasses(logits, labelsOf(batch, logits).to(at::kLong), m_options.labels, totals);
    }

private:
    static at::Tensor labelsOf(const model::PackedBatch& batch, const at::Tensor& logits)
    {
        return at::tensor(at::ArrayRef<float>(batch.labels), at::kFloat).to(logits.device());
    }

    at::Tensor lossOf(const at::Tensor& logits, const model::PackedBatch& batch) const
    {
        const auto labels = labelsOf(batch, logits), weights = classWeights(m_options, logits.device());
        if (m_options.isMultiLabel)
            return at::binary_cross_entropy_with_logits(logits, labels.view(logits.sizes()), weights, {}, at::Reduction::None).mean(1).sum();
        if (!weights.defined())
            return at::cross_entropy_loss(logits, labels.to(at::kLong), {}, at::Reduction::Sum, -100, m_options.labelSmoothing);
        return at::cross_entropy_loss(logits, labels.to(at::kLong), weights, at::Reduction::Mean, -100, m_options.labelSmoothing) * static_cast<double>(batch.rows());
    }

    void addFlags(const at::Tensor& logits, const model::PackedBatch& batch, evaluator::Totals& totals) const
    {
        totals.classes.isMultiLabel = true;
        totals.classes.labels = m_options.labels;
        const auto flags = (logits > 0).to(at::kCPU, at::kByte).contiguous();  // a probability above one half
        const auto width = static_cast<std::size_t>(logits.size(1));
        for (std::size_t row = 0; row < static_cast<std::size_t>(batch.rows()); ++row) {
            const auto* begin = flags.data_ptr<std::uint8_t>() + row * width;
            totals.classes.predictedFlags.emplace_back(begin, begin + width);
            totals.classes.actualFlags.emplace_back(batch.labels.begin() + static_cast<std::ptrdiff_t>(row * width), batch.labels.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
        }
    }

    const ObjectiveOptions m_options;
};

}

const ObjectiveKind& classification()
{
    static const ObjectiveKind kind {"classification", "transformers 5 ForSequenceClassificationLoss",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<Classification>(options); }, false,
        [](const ObjectiveOptions& options) { return static_cast<std::int64_t>(options.labels.size()); }};
    return kind;
}

}
