// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/objective.h"

#include "model/network/network.h"
#include "trainer/neftune.h"

#include <ATen/ATen.h>

#include <limits>

namespace attune::trainer {

void Objective::addRow(model::PackedBatch& batch, const tokenizer::TokenShard& shard, std::int64_t index, std::int64_t /*epoch*/)
{
    batch.add(shard.row(index));
}

void Objective::measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals)
{
    totals.lossSum += loss(network, batch).item<double>();
    totals.targets += batch.trained;
}

const ObjectiveKind* findObjective(std::string_view id)
{
    for (const auto* kind : objectives())
        if (kind->id == id)
            return kind;
    return nullptr;
}

evaluator::Judge judgeOf(Objective& objective, model::CausalLm& model, const tokenizer::TokenShard& shard)
{
    auto& network = dynamic_cast<model::Network&>(model);
    return {[&objective, &shard](model::PackedBatch& batch, std::int64_t row) { objective.addRow(batch, shard, row, kEvaluationEpoch); },
        [&objective, &network](const model::PackedBatch& batch, evaluator::Totals& totals) { objective.measure(network, batch, totals); }};
}

void setObjective(model::Network& network, std::shared_ptr<Objective> objective, const ObjectiveKind& kind, double neftuneAlpha)
{
    std::shared_ptr<Neftune> noise;
    if (neftuneAlpha > 0) {
        noise = std::make_shared<Neftune>(neftuneAlpha);
        network.setEmbeddingHook(noise);
    }
    if (!kind.isSumOverRows)
        network.setPieceTokens(std::numeric_limits<std::int64_t>::max() / 4);  // a batch is one piece
    network.setLoss([objective, noise](model::Network& model, const model::PackedBatch& batch) {
        if (noise)
            noise->setSequences(batch.segments);
        return objective->loss(model, batch);
    });
}

}
