// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/clip.h"
#include "trainer/optimizer.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace attune::trainer {
namespace {

struct Pair {
    model::Parameter weight, bias;
    Pair()
    {
        torch::manual_seed(3);
        weight = {"layer.weight", torch::randn({7, 5}), torch::zeros({7, 5}), true, 1.0};
        bias = {"layer.bias", torch::randn({7}), torch::zeros({7}), false, 1.0};
    }
    void setGradients(std::int64_t step)
    {
        torch::manual_seed(100 + step);
        weight.grad.copy_(torch::randn({7, 5}));
        bias.grad.copy_(torch::randn({7}));
    }
};

const at::Tensor kFinite = at::zeros({});

}

TEST(AdamW, FollowsTorchsAdamW)
{
    Pair ours;
    auto weight = ours.weight.value.clone().requires_grad_();
    auto bias = ours.bias.value.clone().requires_grad_();
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(std::vector {weight}, std::make_unique<torch::optim::AdamWOptions>(torch::optim::AdamWOptions(0.01).weight_decay(0.1)));
    groups.emplace_back(std::vector {bias}, std::make_unique<torch::optim::AdamWOptions>(torch::optim::AdamWOptions(0.01).weight_decay(0.0)));
    torch::optim::AdamW reference(groups, torch::optim::AdamWOptions(0.01));
    const auto optimizer = findOptimizer("adamw")->make({&ours.weight, &ours.bias}, {0.9, 0.999, 1e-8, 0.1});

    for (int step = 0; step < 5; ++step) {
        ours.setGradients(step);
        weight.mutable_grad() = ours.weight.grad.clone();
        bias.mutable_grad() = ours.bias.grad.clone();
        optimizer->step(0.01, kFinite);
        reference.step();
    }

    EXPECT_LT((ours.weight.value - weight).abs().max().item<double>(), 1e-6);
    EXPECT_LT((ours.bias.value - bias).abs().max().item<double>(), 1e-6);
}

TEST(AdamW, LeavesEverythingAsItIsWhenGradientsAreNotFinite)
{
    Pair pair;
    const auto optimizer = findOptimizer("adamw")->make({&pair.weight, &pair.bias}, {});
    pair.setGradients(0);
    optimizer->step(0.01, kFinite);
    const auto before = pair.weight.value.clone();
    const auto count = optimizer->state().front().second.clone();

    pair.weight.grad[0][0] = std::numeric_limits<float>::quiet_NaN();
    const auto clipped = clipGradients({pair.weight.grad, pair.bias.grad}, 1.0);
    optimizer->step(0.01, clipped.foundInf);

    EXPECT_EQ(clipped.foundInf.item<float>(), 1.0f);
    EXPECT_TRUE(torch::equal(pair.weight.value, before));
    EXPECT_TRUE(torch::equal(optimizer->state().front().second, count));
}

TEST(AdamW, GivesParametersWithTheirOwnRateTheirOwnRate)
{
    Pair pair;
    pair.bias.value = pair.weight.value.clone();
    pair.bias.grad = torch::zeros({7, 5});
    pair.bias.learningRateScale = 16.0;
    const auto start = pair.weight.value.clone();
    pair.weight.grad.fill_(1);
    pair.bias.grad.fill_(1);

    findOptimizer("adamw")->make({&pair.weight, &pair.bias}, {})->step(1e-3, kFinite);

    EXPECT_NEAR((start - pair.weight.value).mean().item<double>(), 1e-3, 1e-6);
    EXPECT_NEAR((start - pair.bias.value).mean().item<double>(), 16e-3, 1e-5);
}

TEST(Sgd, StepsAgainstTheGradient)
{
    Pair pair;
    const auto start = pair.weight.value.clone();
    pair.setGradients(1);

    findOptimizer("sgd")->make({&pair.weight, &pair.bias}, {0.9, 0.999, 1e-8, 0.1})->step(0.5, kFinite);

    EXPECT_LT((pair.weight.value - (start - 0.5 * (pair.weight.grad + 0.1 * start))).abs().max().item<double>(), 1e-6);
}

TEST(ClipGradients, ScalesToTheLargestNorm)
{
    std::vector<at::Tensor> gradients {torch::full({3}, 4.0), torch::full({4}, -3.0)};
    const double norm = std::sqrt(3 * 16.0 + 4 * 9.0);

    const auto clipped = clipGradients(gradients, 1.0);

    EXPECT_NEAR(clipped.norm.item<double>(), norm, 1e-5);
    EXPECT_NEAR(gradients[0][0].item<double>(), 4.0 / (norm + 1e-6), 1e-6);
    EXPECT_EQ(clipped.foundInf.item<float>(), 0.0f);
}

TEST(ClipGradients, LeavesSmallGradientsAlone)
{
    std::vector<at::Tensor> gradients {torch::full({2}, 0.25)};

    clipGradients(gradients, 1.0);

    EXPECT_EQ(gradients[0][1].item<float>(), 0.25f);
}

}
