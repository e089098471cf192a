// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/verify.h"

#include "base/log.h"
#include "runner/llama_runner.h"
#include "tokenizer/tokenizer.h"

#include <ATen/ATen.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace attune::exporter {
namespace {

constexpr std::size_t kSequenceTokens = 128;
constexpr std::size_t kBuckets = 32;
constexpr std::size_t kMostDifferences = 5, kContextTokens = 12;

/// Text that meets ordinary prose, numbers, lists, code and other scripts.
constexpr std::array<std::string_view, 3> kTexts {
    "The river rises in the hills above the town and reaches the sea after ninety kilometres. In 1862 the first bridge was built of oak; "
    "it stood for 31 years, until a flood carried it away. Since then three others have followed. To cross today, take the B27 north, turn left "
    "at the mill, and follow the signs for about ten minutes. Visitors often ask why the water is so dark: the peat of the upper valley colours it.",
    "Question: A shop sells pencils at 3 for $1.20. How much do 10 pencils cost?\nAnswer: One pencil costs 1.20 / 3 = 0.40 dollars, so ten cost 4.00 dollars.\n\n"
    "def total(prices, quantity):\n    # sum of all prices\n    return sum(p * q for p, q in zip(prices, quantity))\n\n- apples\n- pears\n- plums",
    "Der Zug nach München fährt um 7:45 Uhr ab. ¿Dónde está la biblioteca más cercana? Il pleut depuis ce matin. 今日は天気がいいですね。 Привет, как дела? 🙂",
};

double logSumExp(std::span<const float> row)
{
    const double top = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const float value : row)
        sum += std::exp(static_cast<double>(value) - top);
    return top + std::log(sum);
}

/// Logits of one model over all sequences, on the CPU in float32.
using Rows = std::vector<at::Tensor>;

std::span<const float> rowOf(const Rows& rows, std::size_t sequence, std::int64_t position)
{
    const auto& tensor = rows[sequence];
    return {tensor.const_data_ptr<float>() + position * tensor.size(1), static_cast<std::size_t>(tensor.size(1))};
}

Result<Rows> scoresOf(const TrainedModel& trained, const std::vector<std::vector<std::int32_t>>& sequences, const JobContext& context, const char* phase)
{
    Rows rows;
    for (const auto& ids : sequences) {
        if (context.isCancelled())
            return fail(ErrorCode::Cancelled, "The export was cancelled.");
        context.report(phase, rows.size(), sequences.size());
        rows.push_back(trained.scores(ids));
    }
    return rows;
}

Result<Rows> scoresOfFile(const Source& source, const Written& written, const std::vector<std::vector<std::int32_t>>& sequences, const JobContext& context)
{
    families::ModelSource file = source.base();
    if (written.model != file.path) {
        ATTUNE_TRY(file, families::openModel(written.model));
    }
    ATTUNE_TRY(const auto trained, loadTrained(file, written.adapter, context));
    return scoresOf(trained, sequences, context, "Computing with the exported weights");
}

pipeline::Parity distance(const Rows& reference, const Rows& other)
{
    Distance distance;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        distance.startAt(static_cast<std::int64_t>(i), 0);
        for (std::int64_t t = 0; t < reference[i].size(0); ++t)
            distance.add(rowOf(reference, i, t), rowOf(other, i, t));
    }
    return distance.result();
}

std::int32_t likeliest(std::span<const float> row)
{
    return static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

/// Where the file would write another token than the run, with the words before it.
std::vector<pipeline::ParityDifference> differencesOf(const Source& source, const std::vector<std::vector<std::int32_t>>& sequences, const Rows& run, const Rows& file)
{
    std::vector<pipeline::ParityDifference> found;
    const auto tokenizer = tokenizer::loadTokenizer(source.base().path);
    if (!tokenizer)
        return found;
    const auto word = [&](std::int32_t id) { return (*tokenizer)->decode(std::span(&id, 1), false); };
    for (std::size_t i = 0; i < sequences.size(); ++i)
        for (std::int64_t t = 0; t < run[i].size(0) && found.size() < kMostDifferences; ++t) {
            const auto reference = rowOf(run, i, t), other = rowOf(file, i, t);
            const auto a = likeliest(reference), b = likeliest(other);
            if (a == b)
                continue;
            const auto end = sequences[i].begin() + t + 1;
            const std::vector<std::int32_t> before(std::max(sequences[i].begin(), end - static_cast<std::ptrdiff_t>(kContextTokens)), end);
            Distance one;
            one.add(reference, other);
            found.push_back({(*tokenizer)->decode(before, true), word(a), word(b), static_cast<std::int64_t>(i), t, one.result().meanKl});
        }
    return found;
}

std::string wordFor(const pipeline::Parity& parity)
{
    if (parity.meanKl <= kMaxMeanKl && parity.top1Agreement >= kMinAgreement)
        return "close";
    return parity.meanKl <= 0.1 && parity.top1Agreement >= 0.9 ? "noticeable" : "strong";
}

/// llama.cpp against our engine, on the same weights; its tokenizer against ours, on the same text.
Status compareWithLlama(const Source& source, const Written& written, const std::vector<std::vector<std::int32_t>>& sequences, const Rows& own, Distance& result, const JobContext& context)
{
    runner::RunnerOptions options;
    options.model = written.llamaModel;
    options.adapter = written.llamaAdapter;
    options.contextTokens = 2 * kSequenceTokens;
    options.isExact = true;
    ATTUNE_TRY(auto llama, runner::LlamaRunner::open(options, context));
    if (static_cast<std::int64_t>(own.front().size(1)) != llama.vocabSize())
        return fail(ErrorCode::VerificationFailed, fmt::format("The file has {} tokens, the model {}.", llama.vocabSize(), own.front().size(1)), "Please report this with the log.");
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        context.report("Computing with llama.cpp", i, sequences.size());
        result.startAt(static_cast<std::int64_t>(i), 0);
        ATTUNE_RETURN_IF_ERROR(llama.logits(sequences[i], [&](std::int64_t t, std::span<const float> row) { result.add(rowOf(own, i, t), row); }, context));
    }
    const auto tokenizer = tokenizer::loadTokenizer(source.base().path);
    if (!tokenizer || !written.llamaAdapter.empty())
        return {};
    for (const auto text : kTexts)
        if (const auto theirs = llama.tokenize(text, false), ours = (*tokenizer)->encode(text, tokenizer::SpecialTokens::Omit); theirs != ours)
            return fail(ErrorCode::VerificationFailed, fmt::format("llama.cpp cuts text into other tokens with this file ({} tokens where the model has {}).", theirs.size(), ours.size()),
                "The model's tokenizer is of a kind that GGUF does not express; export merged instead.");
    return {};
}

}

void Distance::add(std::span<const float> reference, std::span<const float> other)
{
    ++m_tokens;
    const double sumReference = logSumExp(reference), sumOther = logSumExp(other);
    double kl = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double logP = reference[i] - sumReference, logQ = other[i] - sumOther;
        kl += std::exp(logP) * (logP - logQ);
        m_maxDifference = std::max(m_maxDifference, std::abs(static_cast<double>(reference[i]) - other[i]));
    }
    m_isFinite = m_isFinite && std::isfinite(kl);
    m_isNumber = reference.size() == 1;
    m_klSum += kl;
    m_kls.push_back(static_cast<float>(std::max(0.0, kl)));
    if (kl > m_worstKl)
        m_worstKl = kl, m_worstSequence = m_sequence, m_worstPosition = m_position;
    ++m_position;
    const auto best = std::max_element(reference.begin(), reference.end()) - reference.begin();
    float second = -std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < reference.size(); ++i)
        if (static_cast<std::ptrdiff_t>(i) != best)
            second = std::max(second, reference[i]);
    if (reference[static_cast<std::size_t>(best)] - second >= kLead) {
        ++m_leading;
        m_agreeing += std::max_element(other.begin(), other.end()) - other.begin() == best;
    }
}

void Distance::startAt(std::int64_t sequence, std::int64_t position)
{
    m_sequence = sequence;
    m_position = position;
}

pipeline::Parity Distance::result() const
{
    pipeline::Parity parity;
    parity.tokens = m_tokens;
    parity.meanKl = m_tokens > 0 ? std::max(0.0, m_klSum / static_cast<double>(m_tokens)) : 0.0;
    parity.top1Agreement = m_leading > 0 ? static_cast<double>(m_agreeing) / static_cast<double>(m_leading) : 1.0;
    parity.maxAbsDiff = m_maxDifference;
    parity.word = wordFor(parity);
    parity.worstKl = std::max(0.0, m_worstKl);
    parity.worstSequence = m_worstSequence;
    parity.worstPosition = m_worstPosition;
    if (m_tokens > 0 && m_isFinite) {
        // Round ends read well: 0.05, 0.1, 0.2, 0.4 … nats.
        parity.histogramEnd = 0.05;
        while (parity.histogramEnd < parity.worstKl && parity.histogramEnd < 12)
            parity.histogramEnd *= 2;
        parity.histogram.assign(kBuckets, 0);
        for (const float kl : m_kls)
            ++parity.histogram[std::min(kBuckets - 1, static_cast<std::size_t>(kl / parity.histogramEnd * static_cast<double>(kBuckets)))];
    }
    return parity;
}

bool Distance::isWithinLimits() const
{
    const auto parity = result();
    const bool isSameNumber = !m_isNumber || parity.maxAbsDiff <= kMaxNumberDifference;
    return m_isFinite && m_tokens > 0 && parity.meanKl <= kMaxMeanKl && parity.top1Agreement >= kMinAgreement && isSameNumber;
}

std::vector<std::vector<std::int32_t>> verificationTokens(const families::ModelSource& base, const std::optional<std::string>&)
{
    std::vector<std::vector<std::int32_t>> sequences;
    const auto tokenizer = tokenizer::loadTokenizer(base.path);
    for (const auto text : kTexts) {
        std::vector<std::int32_t> ids;
        if (tokenizer)
            ids = (*tokenizer)->encode(text, tokenizer::SpecialTokens::Add);
        else  // a model without a tokenizer can still be compared: bytes as ids
            for (const unsigned char c : text)
                ids.push_back(c);
        for (auto& id : ids)
            id = static_cast<std::int32_t>(id % base.spec.vocabSize);
        ids.resize(std::min({ids.size(), kSequenceTokens, static_cast<std::size_t>(base.spec.contextLength)}));
        sequences.push_back(std::move(ids));
    }
    return sequences;
}

Status verify(Source& source, const Written& written, pipeline::ExportReport& report, const JobContext& context)
{
    const auto sequences = verificationTokens(source.base(), {});
    const bool isMadeForLlama = !written.llamaModel.empty();
    Rows exact, run;
    if (!source.isRounded() || !isMadeForLlama) {
        ATTUNE_TRY(const auto* trained, source.trained(context));
        ATTUNE_TRY(exact, scoresOf(*trained, sequences, context, "Computing with the run"));
    }
    source.unload();
    if (source.isRounded()) {
        ATTUNE_TRY(const auto trained, source.asTrained(context));
        ATTUNE_TRY(run, scoresOf(trained, sequences, context, "Computing with the run"));
    } else {
        run = exact;
    }
    ATTUNE_TRY(const auto file, scoresOfFile(source, written, sequences, context));
    report.parity = distance(run, file);
    report.hasParity = true;
    report.differences = differencesOf(source, sequences, run, file);
    Distance check;
    if (!isMadeForLlama) {
        // Made for Hugging Face: what was written must give what was trained, on a base that nothing rounds.
        for (std::size_t i = 0; i < exact.size(); ++i) {
            check.startAt(static_cast<std::int64_t>(i), 0);
            for (std::int64_t t = 0; t < exact[i].size(0); ++t)
                check.add(rowOf(exact, i, t), rowOf(file, i, t));
        }
    } else {
        ATTUNE_RETURN_IF_ERROR(compareWithLlama(source, written, sequences, file, check, context));
    }
    report.verification = check.result();
    report.verified = check.isWithinLimits();
    const auto& found = report.verification;
    logInfo("Export verified over {} tokens: mean KL {:.5f}, top-1 {:.2f} %, largest difference {:.3f}", found.tokens, found.meanKl, 100 * found.top1Agreement, found.maxAbsDiff);
    if (!report.verified)
        return fail(ErrorCode::VerificationFailed, fmt::format("The exported file differs from what it was made from: mean KL {:.4f} (at most {}), the same likeliest token in {:.1f} % (at least {:.0f} %).",
                found.meanKl, kMaxMeanKl, 100 * found.top1Agreement, 100 * kMinAgreement), "Choose a type with more bits; the file is kept with the ending .unverified.");
    return {};
}

}
