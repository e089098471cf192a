// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "evaluator/evaluator.h"
#include "model/batch.h"
#include "tokenizer/shard.h"
#include "trainer/objective_options.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace attune::model {
class Network;
}

namespace attune::trainer {

/// Which batch of the epoch an evaluation's rows belong to: their chance is the same each time.
inline constexpr std::int64_t kEvaluationEpoch = -1;

/// What a model learns from a batch: the maths of one objective for one run. Used by the training thread only.
/// May throw c10::Error, as LibTorch does.
class Objective
{
public:
    virtual ~Objective() = default;

    /// Told once, before the first row: all rows that train (or evaluate), in the order of the data.
    virtual void prepare(const tokenizer::TokenShard& /*shard*/, std::span<const std::int64_t> /*rows*/) {}
    /// Puts row `index` of the shard into a batch, with its share of batch.trained. What is by chance follows from the
    /// seed, the epoch and the row alone, so that a resumed run draws the same.
    virtual void addRow(model::PackedBatch& batch, const tokenizer::TokenShard& shard, std::int64_t index, std::int64_t epoch);
    /// The sum of the losses over the batch's units, on the tape; the caller divides by batch.trained.
    virtual at::Tensor loss(model::Network& network, const model::PackedBatch& batch) = 0;
    /// Without gradients: adds the loss and what metrics read to the totals.
    virtual void measure(model::Network& network, const model::PackedBatch& batch, evaluator::Totals& totals);
    /// A second model that is only read: a frozen copy of the first (preferences in full fine-tuning), or the teacher.
    void setOther(std::shared_ptr<model::Network> other) { m_other = std::move(other); }

protected:
    model::Network* other() const { return m_other.get(); }

private:
    std::shared_ptr<model::Network> m_other;
};

/// One objective, a file of objectives/; what data and models it fits is in pipeline/objective.h.
struct ObjectiveKind {
    std::string id;         ///< recipe: objective.type
    std::string reference;  ///< paper or implementation whose loss it equals
    std::unique_ptr<Objective> (*make)(const ObjectiveOptions& options) = nullptr;
    /// The loss of a batch is the sum of its rows' losses, so that it may be computed in pieces.
    bool isSumOverRows = true;
    /// The head of labels on top of the model: how many outputs (0: none).
    std::int64_t (*headOutputs)(const ObjectiveOptions& options) = nullptr;
    bool isHeadPerToken = false;
};

/// The objective as the evaluator uses it; all three outlive the judge. The model is a Network.
evaluator::Judge judgeOf(Objective& objective, model::CausalLm& model, const tokenizer::TokenShard& shard);

/// Makes the objective the network's loss, with NEFTune's noise on the embeddings where alpha > 0 (then no
/// method may sit on them).
void setObjective(model::Network& network, std::shared_ptr<Objective> objective, const ObjectiveKind& kind, double neftuneAlpha);

/// All objectives, sorted by id; generated from objectives/*.cpp.
std::span<const ObjectiveKind* const> objectives();
const ObjectiveKind* findObjective(std::string_view id);

}
