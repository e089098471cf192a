// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/token_loss.h"

#include "base/random.h"

namespace attune::trainer {
namespace {

constexpr double kMasked = 0.8, kReplaced = 0.1;  // of the tokens chosen; the rest stays as it is (Devlin et al. 2019)

/// Tokens chosen by chance have to be found again: most behind the mask token, some behind another token, some unchanged.
/// The choice follows from seed, epoch and row.
class MaskedTokens final : public NextToken
{
public:
    explicit MaskedTokens(const ObjectiveOptions& options)
        : NextToken(options)
        , m_share(options.values.value("mlm_probability", 0.15))
        , m_seed(options.seed)
        , m_maskToken(options.maskToken)
        , m_vocabSize(options.vocabSize)
    {
    }

    void addRow(model::PackedBatch& batch, const tokenizer::TokenShard& shard, std::int64_t index, std::int64_t epoch) override
    {
        const auto row = shard.row(index);
        SplitMix64 random(m_seed + 0x9E3779B97F4A7C15ull * static_cast<std::uint64_t>(epoch + 2) + 0xBF58476D1CE4E5B9ull * static_cast<std::uint64_t>(index + 1));
        std::vector<std::int32_t> ids(row.ids.begin(), row.ids.end()), targets(ids.size(), -1);
        std::int32_t chosen = 0;
        for (std::size_t t = 0; t < ids.size(); ++t) {
            if (!row.trained[t] || share(random) >= m_share)
                continue;
            targets[t] = ids[t];
            ++chosen;
            const double what = share(random);
            if (what < kMasked && m_maskToken >= 0)
                ids[t] = m_maskToken;
            else if (what < kMasked + kReplaced)
                ids[t] = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(m_vocabSize)));
        }
        batch.addSequence(ids, {});
        std::copy(targets.begin(), targets.end(), batch.targets.end() - static_cast<std::ptrdiff_t>(targets.size()));
        batch.closeRow({}, chosen);
    }

private:
    static double share(SplitMix64& random) { return static_cast<double>(random.below(1u << 30)) / static_cast<double>(1u << 30); }

    const double m_share;
    const std::uint64_t m_seed;
    const std::int32_t m_maskToken, m_vocabSize;
};

}

const ObjectiveKind& mlm()
{
    static const ObjectiveKind kind {"mlm", "arXiv:1810.04805; HF DataCollatorForLanguageModeling",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<MaskedTokens>(options); }};
    return kind;
}

}
