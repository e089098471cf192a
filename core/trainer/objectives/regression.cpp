// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/labelled.h"

#include "model/network/label_head.h"
#include "model/network/network.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

/// Squared distance of the head's one number to the row's, as HF's problem_type regression.
class Regression final : public LabelledRows
{
public:
    at::Tensor loss(model::Network& network, const model::PackedBatch& batch) override
    {
        const auto predicted = model::labelLogits(network, batch, false).view({-1});
        return (predicted - labelsOf(batch, predicted)).square().sum();
    }

    void measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals) override
    {
        const auto predicted = model::labelLogits(network, batch, false).view({-1});
        totals.lossSum += (predicted - labelsOf(batch, predicted)).square().sum().item<double>();
        totals.targets += batch.trained;
        const auto host = predicted.to(at::kCPU, at::kDouble).contiguous();
        totals.predicted.insert(totals.predicted.end(), host.data_ptr<double>(), host.data_ptr<double>() + host.numel());
        totals.actual.insert(totals.actual.end(), batch.labels.begin(), batch.labels.end());
    }

private:
    static at::Tensor labelsOf(const model::PackedBatch& batch, const at::Tensor& predicted)
    {
        return at::tensor(at::ArrayRef<float>(batch.labels), at::kFloat).to(predicted.device());
    }
};

}

const ObjectiveKind& regression()
{
    static const ObjectiveKind kind {"regression", "transformers 5 ForSequenceClassificationLoss, mean squared error",
        [](const ObjectiveOptions&) -> std::unique_ptr<Objective> { return std::make_unique<Regression>(); }, true,
        [](const ObjectiveOptions&) { return std::int64_t(1); }};
    return kind;
}

}
