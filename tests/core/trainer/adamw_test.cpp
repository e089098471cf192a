// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/adamw.h"

#include "model/kernels/cpu_table.h"
#include "trainer/clip.h"
#include "trainer/optimizer.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::tests {
namespace {

using model::kernels::AdamwTensors;

struct KernelSet {
    const std::string before = model::kernels::cpuKernels().name;
    explicit KernelSet(const char* name) { model::kernels::useCpuKernels(name); }
    ~KernelSet() { model::kernels::useCpuKernels(before); }
};

double distance(const at::Tensor& a, const at::Tensor& b)
{
    return ((a - b).norm() / b.norm()).item<double>();
}

}

TEST(Adamw, OnEveryProcessorIsThatOfAten)
{
    constexpr double kScale = 0.37, kRate = 1e-2, kBeta1 = 0.9, kBeta2 = 0.95, kDecay = 0.1, kEpsilon = 1e-6;
    for (const auto* set : model::kernels::usableCpuKernels()) {
        const KernelSet use(set->name);
        for (const std::int64_t count : {1, 15, 1000, 40001}) {
            torch::manual_seed(5);
            const AdamwTensors ours {torch::randn({count}), torch::zeros({count}), torch::zeros({count}), torch::zeros({count}), torch::zeros({count}, torch::kBFloat16)};
            auto value = ours.value.clone(), mean = ours.mean.clone(), square = ours.square.clone(), steps = torch::zeros({});
            ASSERT_TRUE(model::kernels::servesAdamw(ours));
            for (int step = 1; step <= 3; ++step) {
                const auto gradient = torch::randn({count}), before = gradient.clone();
                ours.gradient.copy_(gradient);
                model::kernels::adamw(ours, step, kScale, {kRate, kBeta1, kBeta2, kEpsilon, kDecay});
                EXPECT_TRUE(ours.gradient.equal(before));
                steps.add_(1);
                at::_fused_adamw_({value}, {gradient * kScale}, {mean}, {square}, {}, {steps}, kRate, kBeta1, kBeta2, kDecay, kEpsilon, false, false);
            }
            EXPECT_LT(distance(ours.value, value), 2e-7) << set->name << " " << count;
            EXPECT_LT(distance(ours.mean, mean), 2e-7) << set->name << " " << count;
            EXPECT_LT(distance(ours.square, square), 2e-7) << set->name << " " << count;
            EXPECT_TRUE(ours.copy.equal(ours.value.to(torch::kBFloat16))) << set->name << " " << count;
        }
    }
}

TEST(Adamw, ServesWhatIsDenseAndOfItsTypesOnly)
{
    const auto dense = torch::zeros({6, 4}), across = torch::zeros({4, 6}).t();
    EXPECT_TRUE(model::kernels::servesAdamw({dense, dense, dense, dense}));
    EXPECT_FALSE(model::kernels::servesAdamw({across, dense, dense, dense}));
    EXPECT_FALSE(model::kernels::servesAdamw({dense, dense.to(torch::kBFloat16), dense, dense}));
    EXPECT_FALSE(model::kernels::servesAdamw({dense, dense, dense, dense, dense}));
}

TEST(Adamw, ScalesOnItsWayWhatIsClipped)
{
    const auto gradient = 10 * torch::ones({300});
    model::Parameter scaled {"a", torch::ones({300}), gradient.clone()}, plain {"a", torch::ones({300}), gradient.clone()};
    scaled.copy = torch::zeros({300}, torch::kBFloat16);
    const auto one = trainer::findOptimizer("adamw")->make({&scaled}, {.epsilon = 1.0}), other = trainer::findOptimizer("adamw")->make({&plain}, {.epsilon = 1.0});

    const auto clipped = trainer::clipGradients({scaled.grad}, 1.0, one.get());
    EXPECT_TRUE(scaled.grad.equal(gradient)) << "left to the optimizer";
    one->step(0.1, clipped.foundInf);
    trainer::clipGradients({plain.grad}, 1.0);
    other->step(0.1, clipped.foundInf);
    EXPECT_TRUE(torch::allclose(scaled.value, plain.value, 1e-6, 0));
    EXPECT_TRUE(scaled.isCopied && scaled.copy.equal(scaled.value.to(torch::kBFloat16)));
    EXPECT_FALSE(plain.isCopied);

    // The factor is of one step only.
    one->step(0.1, clipped.foundInf);
    other->step(0.1, clipped.foundInf);
    EXPECT_FALSE(torch::allclose(scaled.value, plain.value, 1e-6, 0));
}

}
