// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/adamw8.h"

#include "model/cuda_library.h"
#include "model/kernels/cpu_table.h"
#include "model/quantised/dynamic_map.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

namespace attune::model::kernels {

namespace {

constexpr std::int64_t kBlock = Adamw8Task::kBlock;
constexpr std::int64_t kGrain = 64;  // blocks: 16 k values are worth a task

std::int64_t blocksOf(std::int64_t count)
{
    return (count + kBlock - 1) / kBlock;
}

Adamw8Task taskOf(const at::Tensor& value, const at::Tensor& gradient, const EightBitMoments& moments, double count, const AdamwRates& rates)
{
    Adamw8Task task;
    task.value = value.data_ptr<float>();
    task.gradient = gradient.data_ptr<float>();
    task.mean = moments.mean.data_ptr<std::uint8_t>();
    task.square = moments.square.data_ptr<std::uint8_t>();
    task.meanScale = moments.meanScale.data_ptr<float>();
    task.squareScale = moments.squareScale.data_ptr<float>();
    task.count = value.numel();
    task.meanMap = &signedDynamicMap();
    task.squareMap = &unsignedDynamicMap();
    task.beta1 = static_cast<float>(rates.beta1);
    task.beta2 = static_cast<float>(rates.beta2);
    task.epsilon = static_cast<float>(rates.epsilon);
    task.decay = static_cast<float>(1.0 - rates.learningRate * rates.weightDecay);
    task.stepSize = static_cast<float>(rates.learningRate / (1.0 - std::pow(rates.beta1, count)));
    task.rootFactor = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(rates.beta2, count)));
    return task;
}

}

EightBitMoments EightBitMoments::zeros(const at::Tensor& value, const at::Tensor& maps)
{
    const auto bytes = value.options().dtype(at::kByte);
    const auto scales = at::zeros({blocksOf(value.numel())}, value.options().dtype(at::kFloat));
    return {at::full({value.numel()}, signedDynamicMap().zero, bytes), at::full({value.numel()}, unsignedDynamicMap().zero, bytes), scales, scales.clone(), maps};
}

at::Tensor codeMaps(at::Device device)
{
    return at::stack({at::tensor(at::ArrayRef<float>(signedDynamicMap().values)), at::tensor(at::ArrayRef<float>(unsignedDynamicMap().values))}).to(device);
}

void adamw8(const at::Tensor& value, const at::Tensor& gradient, const EightBitMoments& moments, const at::Tensor& count,
    const at::Tensor& foundInf, const AdamwRates& rates)
{
    if (!value.is_cpu())
        return on_card::adamw8(value, gradient, moments, count, foundInf, rates) ? void() : reference::adamw8(value, gradient, moments, count, foundInf, rates);
    if (foundInf.item<float>() != 0.0f)
        return;
    const auto task = taskOf(value, gradient, moments, count.item<double>(), rates);
    at::parallel_for(0, blocksOf(task.count), kGrain, [&](std::int64_t begin, std::int64_t end) { cpuKernels().adamw8(task, begin, end); });
}

bool on_card::adamw8(const at::Tensor& value, const at::Tensor& gradient, const EightBitMoments& moments, const at::Tensor& count,
    const at::Tensor& foundInf, const AdamwRates& rates)
{
    const auto* kernels = value.is_cuda() ? cudaKernels() : nullptr;
    if (!kernels)
        return false;
    const cuda::EightBitAdamw step {value.data_ptr<float>(), gradient.data_ptr<float>(), moments.mean.data_ptr<std::uint8_t>(), moments.square.data_ptr<std::uint8_t>(),
        moments.meanScale.data_ptr<float>(), moments.squareScale.data_ptr<float>(), value.numel(), moments.maps.data_ptr<float>(), count.data_ptr<float>(),
        foundInf.data_ptr<float>(), rates.learningRate, rates.beta1, rates.beta2, rates.epsilon, rates.weightDecay};
    kernels->adamw8(step);
    checkLaunch(*kernels, "adamw8");
    return true;
}

at::Tensor reference::decode(const at::Tensor& codes, const at::Tensor& scales, const at::Tensor& map)
{
    const auto spread = scales.repeat_interleave(kBlock).narrow(0, 0, codes.numel());
    return map.index_select(0, codes.to(at::kInt)) * spread;
}

void reference::encode(const at::Tensor& moments, const at::Tensor& codes, const at::Tensor& scales, const at::Tensor& map)
{
    const auto count = moments.numel(), blocks = blocksOf(count);
    const auto padded = at::constant_pad_nd(moments, {0, blocks * kBlock - count}).view({blocks, kBlock});
    scales.copy_(padded.abs().amax(1));
    const auto shares = at::where(scales.unsqueeze(1) > 0, padded / scales.unsqueeze(1), at::zeros({}, padded.options()));
    const auto bounds = (map.narrow(0, 0, 255) + map.narrow(0, 1, 255)) / 2;
    codes.copy_(at::bucketize(shares, bounds).view(-1).narrow(0, 0, count));
}

void reference::adamw8(const at::Tensor& value, const at::Tensor& gradient, const EightBitMoments& moments, const at::Tensor& count,
    const at::Tensor& foundInf, const AdamwRates& rates)
{
    const auto isGood = foundInf == 0;
    const auto g = at::where(isGood, gradient, at::zeros({}, gradient.options())).view(-1);
    const auto before = decode(moments.mean, moments.meanScale, moments.maps[0]), squareBefore = decode(moments.square, moments.squareScale, moments.maps[1]);
    const auto mean = before * rates.beta1 + g * (1.0 - rates.beta1), square = squareBefore * rates.beta2 + g * g * (1.0 - rates.beta2);
    const auto correction1 = 1.0 - at::pow(rates.beta1, count), root = (1.0 - at::pow(rates.beta2, count)).sqrt();
    const auto flat = value.view(-1);
    const auto after = flat * (1.0 - rates.learningRate * rates.weightDecay) - mean * rates.learningRate / correction1 / (square.sqrt() / root + rates.epsilon);
    flat.copy_(at::where(isGood, after, flat));
    encode(at::where(isGood, mean, before), moments.mean, moments.meanScale, moments.maps[0]);
    encode(at::where(isGood, square, squareBefore), moments.square, moments.squareScale, moments.maps[1]);
}

}
