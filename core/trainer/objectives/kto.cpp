// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/log_probs.h"
#include "trainer/objective.h"

#include "model/network/network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>

namespace attune::trainer {
namespace {

/// Where a row's answer begins: behind the last token that is not trained.
std::size_t answerBegin(const tokenizer::TokenRow& row)
{
    const auto first = std::find(row.trained.begin(), row.trained.end(), std::uint8_t(1));
    return static_cast<std::size_t>(first - row.trained.begin());
}

/// Good answers above, bad ones below how far the model has moved in general, which mismatched prompts and answers
/// measure: within groups of batchSize rows in the data's order, each prompt gets the answer of the row before it.
/// A row is two sequences, its own and the mismatched one; its label is 1 or 0. As TRL's KTOTrainer.
class Kto final : public Objective
{
public:
    explicit Kto(const ObjectiveOptions& options)
        : m_beta(options.values.value("beta", 0.1))
        , m_goodWeight(options.values.value("desirable_weight", 1.0))
        , m_badWeight(options.values.value("undesirable_weight", 1.0))
        , m_groupSize(static_cast<std::size_t>(std::max<std::int64_t>(1, options.batchSize)))
    {
    }

    void prepare(const tokenizer::TokenShard&, std::span<const std::int64_t> rows) override
    {
        for (std::size_t begin = 0; begin < rows.size(); begin += m_groupSize) {
            const auto end = std::min(begin + m_groupSize, rows.size());
            for (std::size_t i = begin; i < end; ++i)
                m_partner[rows[i]] = rows[i == begin ? end - 1 : i - 1];
        }
    }

    void addRow(model::PackedBatch& batch, const tokenizer::TokenShard& shard, std::int64_t index, std::int64_t) override
    {
        const auto row = shard.row(index);
        const auto partner = m_partner.contains(index) ? shard.row(m_partner.at(index)) : row;
        batch.addSequence(row.ids, row.trained);
        const auto promptEnd = answerBegin(row), begin = answerBegin(partner);
        std::vector<std::int32_t> ids(row.ids.begin(), row.ids.begin() + static_cast<std::ptrdiff_t>(promptEnd));
        std::vector<std::uint8_t> trained(ids.size(), 0);
        ids.insert(ids.end(), partner.ids.begin() + static_cast<std::ptrdiff_t>(begin), partner.ids.end());
        trained.insert(trained.end(), partner.trained.begin() + static_cast<std::ptrdiff_t>(begin), partner.trained.end());
        batch.addSequence(ids, trained);
        batch.closeRow(row.labels, 1);
    }

    at::Tensor loss(model::Network& network, const model::PackedBatch& batch) override { return lossOf(network, batch, nullptr); }

    void measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals) override
    {
        totals.lossSum += lossOf(network, batch, &totals).item<double>();
        totals.targets += batch.trained;
    }

private:
    /// The batch's own sequences, or the mismatched ones, alone.
    static model::PackedBatch onlyPart(const model::PackedBatch& batch, std::size_t part)
    {
        model::PackedBatch result;
        for (std::size_t row = 0; row + 1 < batch.rowSegments.size(); ++row) {
            const auto sequence = static_cast<std::size_t>(batch.rowSegments[row]) + part;
            const auto begin = static_cast<std::size_t>(batch.segments[sequence]), length = static_cast<std::size_t>(batch.segments[sequence + 1]) - begin;
            std::vector<std::uint8_t> trained(length, 0);
            for (std::size_t t = 0; t + 1 < length; ++t)
                trained[t + 1] = batch.targets[begin + t] >= 0;
            result.addSequence(std::span(batch.ids).subspan(begin, length), trained);
            result.closeRow({}, 1);
        }
        return result;
    }

    /// The mean of log-ratios on mismatched answers, at least 0; a measure only, without gradients.
    at::Tensor divergence(model::Network& network, const model::PackedBatch& batch)
    {
        const at::NoGradGuard noGrad;
        const auto mismatched = onlyPart(batch, 1);
        const auto own = sequenceLogProbs(network, mismatched).sums, reference = referenceLogProbs(network, other(), mismatched).sums;
        return (own - reference).mean().clamp_min(0);
    }

    at::Tensor lossOf(model::Network& network, const model::PackedBatch& batch, evaluator::Totals* totals)
    {
        const auto answers = onlyPart(batch, 0);
        const auto ratios = sequenceLogProbs(network, answers).sums - referenceLogProbs(network, other(), answers).sums;
        const auto apart = divergence(network, batch);
        const auto good = at::tensor(at::ArrayRef<float>(batch.labels), at::kFloat).to(ratios.device());
        if (totals)
            addRewards((m_beta * ratios).detach().to(at::kCPU, at::kDouble), batch.labels, *totals);
        const auto losses = good * m_goodWeight * (1 - at::sigmoid(m_beta * (ratios - apart)))
            + (1 - good) * m_badWeight * (1 - at::sigmoid(m_beta * (apart - ratios)));
        return losses.sum();
    }

    static void addRewards(const at::Tensor& rewards, const std::vector<float>& labels, evaluator::Totals& totals)
    {
        for (std::size_t i = 0; i < labels.size(); ++i)
            (labels[i] > 0.5f ? totals.chosenRewards : totals.rejectedRewards).push_back(rewards[static_cast<std::int64_t>(i)].item<double>());
    }

    const double m_beta, m_goodWeight, m_badWeight;
    const std::size_t m_groupSize;
    std::map<std::int64_t, std::int64_t> m_partner;
};

}

const ObjectiveKind& kto()
{
    static const ObjectiveKind kind {"kto", "arXiv:2402.01306; TRL 1.16 KTOTrainer",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<Kto>(options); }, false};
    return kind;
}

}
