// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/token_loss.h"

#include "model/network/network.h"
#include "trainer/log_probs.h"

#include <ATen/ATen.h>

#include <cmath>

namespace attune::trainer {
namespace {

/// Sum over rows of KL(p ‖ q), both as log-probabilities.
at::Tensor divergence(const at::Tensor& p, const at::Tensor& q)
{
    return (at::exp(p) * (p - q)).sum();
}

/// alpha · distance to the teacher's probabilities + (1 - alpha) · cross-entropy, at every target.
class Distill final : public NextToken
{
public:
    explicit Distill(const ObjectiveOptions& options)
        : NextToken(options)
        , m_alpha(options.values.value("alpha", 0.5))
        , m_temperature(options.values.value("temperature", 1.0))
        , m_beta(options.values.value("jsd_beta", 0.5))
        , m_kind(options.values.value("kd_loss", "forward_kl"))
    {
    }

    at::Tensor loss(model::Network& network, const model::PackedBatch& batch) override
    {
        const auto places = targetPlaces(batch, network.placement().device);
        const auto logits = network.logitsOf(network.hidden(batch).index_select(0, places.rows));
        const auto distance = distanceTo(teacherLogits(batch, places.rows), logits);
        if (m_alpha >= 1)
            return distance;
        return m_alpha * distance + (1 - m_alpha) * targetLoss(logits, places.ids, smoothing());
    }

private:
    at::Tensor teacherLogits(const model::PackedBatch& batch, const at::Tensor& rows)
    {
        const at::NoGradGuard noGrad;
        return other()->logitsOf(other()->hidden(batch).index_select(0, rows));
    }

    at::Tensor distanceTo(const at::Tensor& teacherLogits, const at::Tensor& studentLogits) const
    {
        const auto teacher = at::log_softmax(teacherLogits / m_temperature, 1), student = at::log_softmax(studentLogits / m_temperature, 1);
        // Classical distillation keeps the gradients' size (Hinton et al. 2015, §2); the generalised JS has no such factor.
        const double square = m_temperature * m_temperature;
        if (m_kind == "forward_kl")
            return square * divergence(teacher, student);
        if (m_kind == "reverse_kl")
            return square * divergence(student, teacher);
        if (m_beta <= 0)
            return divergence(teacher, student);
        if (m_beta >= 1)
            return divergence(student, teacher);
        const auto mixture = at::logaddexp(student + std::log1p(-m_beta), teacher + std::log(m_beta));
        return m_beta * divergence(teacher, mixture) + (1 - m_beta) * divergence(student, mixture);
    }

    const double m_alpha, m_temperature, m_beta;
    const std::string m_kind;
};

}

const ObjectiveKind& distill()
{
    static const ObjectiveKind kind {"distill", "arXiv:1503.02531; arXiv:2306.13649; TRL 1.16 GKDTrainer.generalized_jsd_loss",
        [](const ObjectiveOptions& options) -> std::unique_ptr<Objective> { return std::make_unique<Distill>(options); }};
    return kind;
}

}
