// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "exporter/target.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace attune::exporter {

constexpr double kMaxMeanKl = 0.02;    ///< nats; design: cli.md
constexpr double kMinAgreement = 0.97; ///< where the reference leads by at least kLead
constexpr double kLead = 0.1;          ///< logits
constexpr double kMaxNumberDifference = 0.02;  ///< of a model that answers with a number, which no probabilities tell apart

/// Collects the distance of one set of logits to another, token by token:
/// KL(p ‖ q) = Σ p (ln p − ln q), whether the likeliest token is the same, the largest difference.
class Distance
{
public:
    void add(std::span<const float> reference, std::span<const float> other);
    /// The position that comes next: places in the result are told by it.
    void startAt(std::int64_t sequence, std::int64_t position);
    pipeline::Parity result() const;
    bool isWithinLimits() const;

private:
    std::int64_t m_tokens = 0, m_leading = 0, m_agreeing = 0;
    double m_klSum = 0, m_maxDifference = 0;
    bool m_isFinite = true, m_isNumber = false;
    std::vector<float> m_kls;
    std::int64_t m_sequence = 0, m_position = 0, m_worstSequence = -1, m_worstPosition = -1;
    double m_worstKl = -1;
};

/// Fixed sequences of about 300 tokens in this model's vocabulary: prose, a list, code, other scripts.
std::vector<std::vector<std::int32_t>> verificationTokens(const families::ModelSource& base, const std::optional<std::string>& chatTemplate);

/// Fills report.verification and report.parity. Errors: VerificationFailed with both figures; those of
/// loading.
Status verify(Source& source, const Written& written, pipeline::ExportReport& report, const JobContext& context);

}
