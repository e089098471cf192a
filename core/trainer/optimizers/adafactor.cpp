// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/optimizer.h"

#include <ATen/ATen.h>

namespace attune::trainer {
namespace {

constexpr double kDecayRate = -0.8, kEpsilon = 1e-30, kClipThreshold = 1.0;  // the paper's, and Transformers' defaults

/// Adafactor (Shazeer and Stern 2018) as transformers' Adafactor with relative_step=False, scale_parameter=False and no first
/// moment: second moments of a matrix as sums over its rows and columns, decaying with 1 − t^−0.8; an update longer than 1 in
/// the root mean square is shortened. The gradients are used up: no tensor of a parameter's size is made.
class Adafactor final : public Optimizer
{
public:
    Adafactor(const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options)
        : m_groups(groupParameters(parameters, options.weightDecay))
    {
        for (const auto& group : m_groups) {
            auto& state = m_states.emplace_back();
            state.count = at::zeros({}, group.values.front().options().dtype(at::kFloat));
            for (const auto& value : group.values)
                state.squares.push_back(squaresOf(value));
        }
    }

    void step(double learningRate, const at::Tensor& foundInf) override
    {
        if (isKnownBad(foundInf))
            return;
        const auto isGood = 1.0 - foundInf;
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            auto& group = m_groups[g];
            if (isWaiting(group.firstStep))
                continue;
            const auto& count = m_states[g].count.add_(isGood);
            const auto weight = count.clamp_min(1).pow(kDecayRate).mul_(isGood);  // 1 − β2 of this step
            const auto rate = isGood * (learningRate * group.learningRateScale);
            for (std::size_t i = 0; i < group.values.size(); ++i) {
                dropIfBad(group.gradients[i], foundInf);
                const auto update = normalised(group.gradients[i], m_states[g].squares[i], weight);
                const auto length = at::linalg_vector_norm(update) / std::sqrt(static_cast<double>(update.numel()));
                if (group.weightDecay != 0)
                    group.values[i].mul_(1.0 - rate * group.weightDecay);
                group.values[i].sub_(update.mul_(rate / (length / kClipThreshold).clamp_min(1.0)));
            }
        }
    }

    NamedTensors state() override
    {
        NamedTensors tensors;
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            tensors.emplace_back("step." + std::to_string(g), m_states[g].count);
            for (std::size_t i = 0; i < m_groups[g].names.size(); ++i) {
                const auto& squares = m_states[g].squares[i];
                const auto& name = m_groups[g].names[i];
                tensors.emplace_back((squares.column.defined() ? "exp_avg_sq_row." : "exp_avg_sq.") + name, squares.row);
                if (squares.column.defined())
                    tensors.emplace_back("exp_avg_sq_col." + name, squares.column);
            }
        }
        return tensors;
    }

private:
    /// Second moments: means over each row [..., R] and column [..., C] of a matrix, or of each value of a vector.
    struct Squares {
        at::Tensor row, column;
    };
    struct State {
        std::vector<Squares> squares;
        at::Tensor count;  ///< updates so far, float32 scalar
    };

    static Squares squaresOf(const at::Tensor& value)
    {
        if (value.dim() < 2)
            return {at::zeros_like(value, at::kFloat), {}};
        return {at::zeros_like(value.select(-1, 0), at::kFloat), at::zeros_like(value.select(-2, 0), at::kFloat)};
    }

    static at::Tensor meanSquare(const at::Tensor& gradient, std::int64_t dim)
    {
        return at::linalg_vector_norm(gradient, 2, at::IntArrayRef(dim)).square_().div_(gradient.size(dim)).add_(kEpsilon);
    }

    /// g / √v̂, in the place of g.
    static at::Tensor normalised(const at::Tensor& gradient, Squares& squares, const at::Tensor& weight)
    {
        if (!squares.column.defined()) {
            squares.row.lerp_(gradient.square().add_(kEpsilon), weight);
            return gradient.mul(squares.row.rsqrt());
        }
        squares.row.lerp_(meanSquare(gradient, -1), weight);
        squares.column.lerp_(meanSquare(gradient, -2), weight);
        const auto rows = (squares.row / squares.row.mean(-1, true)).rsqrt_().unsqueeze(-1), columns = squares.column.rsqrt().unsqueeze(-2);
        return at::Tensor(gradient).mul_(rows).mul_(columns);
    }

    std::vector<ParameterGroup> m_groups;
    std::vector<State> m_states;
};

}

const OptimizerKind& adafactor()
{
    static const OptimizerKind kind {"adafactor",
        [](const std::vector<model::Parameter*>& parameters, const OptimizerOptions& options) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Adafactor>(parameters, options);
        }};
    return kind;
}

}
