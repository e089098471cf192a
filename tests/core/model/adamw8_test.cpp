// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/adamw8.h"

#include "formats/safetensors.h"
#include "model/device.h"
#include "model/kernels/cpu_table.h"
#include "model/quantised/dynamic_map.h"
#include "support/paths.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

namespace attune::model::kernels {
namespace {

constexpr AdamwRates kRates {1e-2, 0.9, 0.999, 1e-8, 0.1};

at::Tensor mapTensor(const DynamicMap& map)
{
    return torch::tensor(at::ArrayRef<float>(map.values));
}

/// A tensor with its gradient and moments, some steps on: sizes differ by powers of ten, one block is all zero.
struct State {
    at::Tensor value, gradient, count = torch::full({}, 4.0f);
    EightBitMoments moments;

    explicit State(std::int64_t n, at::Device device = at::kCPU)
    {
        torch::manual_seed(5);
        value = torch::randn({n}).to(device);
        gradient = (torch::randn({n}) * torch::pow(10.0, -6 * torch::rand({n})));
        if (n >= 768)
            gradient.narrow(0, 256, 256).zero_();
        gradient = gradient.to(device);
        count = count.to(device);
        moments = EightBitMoments::zeros(value, codeMaps(device));
        reference::encode(gradient * 0.3, moments.mean, moments.meanScale, moments.maps[0]);
        reference::encode(gradient * gradient * 0.01, moments.square, moments.squareScale, moments.maps[1]);
    }
};

double share(const at::Tensor& isTrue)
{
    return isTrue.to(at::kFloat).mean().item<double>();
}

void expectClose(const State& a, const State& b)
{
    EXPECT_LT((a.value.cpu() - b.value.cpu()).abs().max().item<double>(), 2e-6);
    EXPECT_TRUE(torch::allclose(a.moments.meanScale.cpu(), b.moments.meanScale.cpu(), 1e-5, 1e-20));
    EXPECT_TRUE(torch::allclose(a.moments.squareScale.cpu(), b.moments.squareScale.cpu(), 1e-5, 1e-20));
    // Fused and separate products round differently: a moment next to a bound may get the neighbouring code.
    EXPECT_GT(share(a.moments.mean.cpu() == b.moments.mean.cpu()), 0.999);
    EXPECT_GT(share(a.moments.square.cpu() == b.moments.square.cpu()), 0.999);
    EXPECT_LE((a.moments.mean.cpu().to(at::kInt) - b.moments.mean.cpu().to(at::kInt)).abs().max().item<int>(), 1);
}

}

TEST(DynamicMap, IsThatOfBitsandbytes)
{
    const auto file = formats::SafetensorsFile::open(tests::sourceDir() + "/tests/golden/optimizers/expected.safetensors");
    for (const auto& [name, map] : {std::pair("adamw_8bit.qmap1", &signedDynamicMap()), {"adamw_8bit.qmap2", &unsignedDynamicMap()}}) {
        const auto* view = file->find(name);
        ASSERT_EQ(view->bytes.size(), sizeof map->values);
        EXPECT_EQ(std::memcmp(view->bytes.data(), map->values, sizeof map->values), 0) << name;
    }
}

TEST(DynamicMap, HasAtMostOneBoundInAKey)
{
    for (const auto* map : {&signedDynamicMap(), &unsignedDynamicMap()})
        for (std::int32_t key = 0; key + 1 < DynamicMap::kKeys; ++key)
            EXPECT_LE(map->atKey[key + 1] - map->atKey[key], 1) << key;
}

TEST(DynamicMap, LosesLittleOfAMoment)
{
    for (const auto& map : {mapTensor(signedDynamicMap()), mapTensor(unsignedDynamicMap())}) {
        auto moments = torch::randn({4096});
        if (map[0].item<float>() == 0.0f)
            moments = moments.square();
        const auto codes = torch::zeros({4096}, at::kByte), scales = torch::zeros({16});

        reference::encode(moments, codes, scales, map);

        // Half of the widest gap between codes; and down to a hundredth of the scale a part of the value itself.
        const auto error = (reference::decode(codes, scales, map) - moments).abs(), scale = scales.repeat_interleave(256);
        const auto inside = moments.abs() < scale;  // -1 is no code: the most negative value falls to the one before
        EXPECT_LT((error / scale).masked_select(inside).max().item<double>(), 0.0075);
        EXPECT_LT((error / moments.abs()).masked_select(moments.abs() > 1e-2 * scale).max().item<double>(), 0.15);
    }
}

TEST(Adamw8, IsTheReferenceOnEveryInstructionSet)
{
    for (const std::int64_t n : {1, 255, 256, 5200, 70'000}) {
        State wanted(n);
        reference::adamw8(wanted.value, wanted.gradient, wanted.moments, wanted.count, torch::zeros({}), kRates);
        for (const auto* table : usableCpuKernels()) {
            SCOPED_TRACE(table->name + std::string(" ") + std::to_string(n));
            useCpuKernels(table->name);
            State own(n);
            adamw8(own.value, own.gradient, own.moments, own.count, torch::zeros({}), kRates);
            expectClose(own, wanted);
        }
        useCpuKernels("");
    }
}

TEST(Adamw8, DoesNotDependOnTheNumberOfThreads)
{
    const auto run = [](int threads) {
        const int before = at::get_num_threads();
        at::set_num_threads(threads);
        State state(100'000);
        for (int i = 0; i < 3; ++i)
            adamw8(state.value, state.gradient, state.moments, state.count, torch::zeros({}), kRates);
        at::set_num_threads(before);
        return state;
    };

    const State one = run(1), two = run(2);

    EXPECT_TRUE(torch::equal(one.value, two.value));
    EXPECT_TRUE(torch::equal(one.moments.mean, two.moments.mean));
    EXPECT_TRUE(torch::equal(one.moments.square, two.moments.square));
}

TEST(Adamw8, SurvivesMomentsThatAreNoNumbers)
{
    State state(300);
    state.gradient[7] = 1e30f;  // its square is infinite

    adamw8(state.value, state.gradient, state.moments, state.count, torch::zeros({}), kRates);

    EXPECT_TRUE(torch::isfinite(state.value.narrow(0, 0, 7)).all().item<bool>());
}

TEST(Adamw8, IsTheReferenceOnACard)
{
    if (!resolveDevice("cuda"))
        GTEST_SKIP() << "no CUDA card here";
    for (const std::int64_t n : {1, 255, 256, 5200, 3'000'000}) {
        State wanted(n), own(n, at::kCUDA);
        reference::adamw8(wanted.value, wanted.gradient, wanted.moments, wanted.count, torch::zeros({}), kRates);
        ASSERT_TRUE(on_card::adamw8(own.value, own.gradient, own.moments, own.count, torch::zeros({}).to(at::kCUDA), kRates));
        expectClose(own, wanted);

        const auto before = own.value.clone();
        ASSERT_TRUE(on_card::adamw8(own.value, own.gradient, own.moments, own.count, torch::ones({}).to(at::kCUDA), kRates));
        EXPECT_TRUE(torch::equal(own.value, before));
    }
}

}
