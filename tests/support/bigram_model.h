// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/file.h"
#include "model/causal_lm.h"

#include <torch/torch.h>

#include <fstream>

namespace attune::tests {

/// The smallest language model that trains: the logits of the next token are a row of a table that the
/// current token chooses, with dropout on the row. Gradients by hand; enough to test what drives a model.
class BigramModel final : public model::CausalLm
{
public:
    explicit BigramModel(std::int64_t vocab, double dropout = 0.0, std::uint64_t seed = 1)
        : m_vocab(vocab)
        , m_dropout(dropout)
        , m_generator(at::detail::createCPUGenerator(seed))
    {
        m_table.name = "table.weight";
        m_table.value = 0.02 * at::randn({vocab, vocab}, at::detail::createCPUGenerator(seed + 1));
        m_table.grad = at::zeros_like(m_table.value);
        m_bias.name = "table.bias";
        m_bias.value = at::zeros({vocab});
        m_bias.grad = at::zeros({vocab});
        m_bias.decays = false;
    }

    const families::ModelSpec& spec() const override { return m_spec; }
    std::vector<model::Parameter*> parameters() override { return {&m_table, &m_bias}; }
    void parametersChanged() override { ++changes; }

    at::Tensor accumulate(const model::PackedBatch& batch, double gradScale) override
    {
        ++batches;
        if (onAccumulate)
            onAccumulate();
        const auto [ids, targets] = pairs(batch);
        if (ids.numel() == 0)
            return at::zeros({});
        at::Tensor mask = at::ones({ids.size(0), m_vocab});
        if (m_dropout > 0 && m_isTraining)
            mask = at::empty_like(mask).bernoulli_(1 - m_dropout, m_generator) / (1 - m_dropout);
        const auto logits = m_table.value.index_select(0, ids) * mask + m_bias.value;  // [N, V]
        const auto logProbabilities = logits.log_softmax(-1);
        auto delta = logProbabilities.exp();
        delta.scatter_add_(1, targets.unsqueeze(1), at::full({ids.size(0), 1}, -1.0));
        delta *= gradScale;
        m_table.grad.index_add_(0, ids, delta * mask);
        m_bias.grad.add_(delta.sum(0));
        return -logProbabilities.gather(1, targets.unsqueeze(1)).sum() * lossFactor;
    }

    at::Tensor lossSum(const model::PackedBatch& batch) override
    {
        const auto [ids, targets] = pairs(batch);
        const auto rows = (m_table.value.index_select(0, ids) + m_bias.value).log_softmax(-1);
        return -rows.gather(1, targets.unsqueeze(1)).sum();
    }

    at::Tensor logits(std::span<const std::int32_t> ids) override
    {
        const auto index = at::tensor(std::vector<std::int64_t>(ids.begin(), ids.end()));
        return m_table.value.index_select(0, index) + m_bias.value;
    }
    std::unique_ptr<model::KvCache> newCache(std::int64_t) override { return std::make_unique<Cache>(); }
    at::Tensor forward(std::span<const std::int32_t> ids, model::KvCache& cache) override
    {
        static_cast<Cache&>(cache).count += static_cast<std::int64_t>(ids.size());
        return logits(ids).select(0, -1);
    }

    void setAdapterScale(double) override {}
    void setTraining(bool isTraining) override { m_isTraining = isTraining; }
    std::string generatorState() const override
    {
        const auto state = m_generator.get_state();
        return {static_cast<const char*>(state.const_data_ptr()), state.nbytes()};
    }
    void setGeneratorState(const std::string& state) override
    {
        auto bytes = at::empty({static_cast<std::int64_t>(state.size())}, at::kByte);
        std::memcpy(bytes.mutable_data_ptr(), state.data(), state.size());
        m_generator.set_state(bytes);
    }
    void setPieceTokens(std::int64_t) override {}
    at::Tensor mergedWeight(const std::string&) override { return m_table.value; }

    Status save(const std::string& folder, const std::string& baseName) override { return snapshot(baseName)(folder); }
    std::function<Status(const std::string&)> snapshot(const std::string&) override
    {
        return [table = m_table.value.clone(), bias = m_bias.value.clone(), this](const std::string& folder) -> Status {
            if (saveError)
                return *saveError;
            std::string bytes(static_cast<const char*>(table.const_data_ptr()), table.nbytes());
            bytes.append(static_cast<const char*>(bias.const_data_ptr()), bias.nbytes());
            return writeFileAtomically(folder + "/weights.bin", bytes);
        };
    }

    at::Tensor table() const { return m_table.value; }

    int batches = 0;                     ///< micro-batches trained
    int changes = 0;                     ///< calls of parametersChanged
    double lossFactor = 1.0;             ///< to make the reported loss NaN or rise
    std::optional<Error> saveError;      ///< what save() answers
    std::function<void()> onAccumulate;  ///< called before each micro-batch

private:
    struct Cache final : model::KvCache {
        std::int64_t count = 0;
        std::int64_t length() const override { return count; }
        void truncate(std::int64_t length) override { count = length; }
    };

    /// Positions with a target: their token and the next.
    std::pair<at::Tensor, at::Tensor> pairs(const model::PackedBatch& batch) const
    {
        std::vector<std::int64_t> ids, targets;
        for (std::size_t i = 0; i < batch.ids.size(); ++i) {
            if (batch.targets[i] < 0)
                continue;
            ids.push_back(batch.ids[i]);
            targets.push_back(batch.targets[i]);
        }
        return {at::tensor(ids, at::kLong), at::tensor(targets, at::kLong)};
    }

    families::ModelSpec m_spec;
    std::int64_t m_vocab = 0;
    double m_dropout = 0;
    bool m_isTraining = false;
    model::Parameter m_table, m_bias;
    at::Generator m_generator;
};

}
