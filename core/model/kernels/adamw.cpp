// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/adamw.h"

#include "model/kernels/cpu_table.h"

#include <ATen/Parallel.h>

#include <cmath>

namespace attune::model::kernels {
namespace {

constexpr std::int64_t kGrain = 16384;  // values that are worth a task

bool isDense(const at::Tensor& tensor, at::ScalarType type, std::int64_t count)
{
    return tensor.is_cpu() && tensor.scalar_type() == type && tensor.is_contiguous() && tensor.numel() == count;
}

}

bool servesAdamw(const AdamwTensors& tensors)
{
    const auto count = tensors.value.numel();
    return isDense(tensors.value, at::kFloat, count) && isDense(tensors.gradient, at::kFloat, count) && isDense(tensors.mean, at::kFloat, count)
        && isDense(tensors.square, at::kFloat, count) && (!tensors.copy.defined() || isDense(tensors.copy, at::kBFloat16, count));
}

void adamw(const AdamwTensors& tensors, double count, double gradientScale, const AdamwRates& rates)
{
    AdamwTask task;
    task.value = tensors.value.data_ptr<float>();
    task.gradient = tensors.gradient.const_data_ptr<float>();
    task.mean = tensors.mean.data_ptr<float>();
    task.square = tensors.square.data_ptr<float>();
    task.copy = tensors.copy.defined() ? static_cast<std::uint16_t*>(tensors.copy.data_ptr()) : nullptr;
    task.gradientScale = static_cast<float>(gradientScale);
    task.meanRate = static_cast<float>(1.0 - rates.beta1);
    task.beta2 = static_cast<float>(rates.beta2);
    task.squareRate = static_cast<float>(1.0 - rates.beta2);
    task.epsilon = static_cast<float>(rates.epsilon);
    task.decay = static_cast<float>(1.0 - rates.learningRate * rates.weightDecay);
    task.stepSize = static_cast<float>(rates.learningRate / (1.0 - std::pow(rates.beta1, count)));
    task.root = static_cast<float>(std::sqrt(1.0 - std::pow(rates.beta2, count)));
    at::parallel_for(0, tensors.value.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) { cpuKernels().adamw(task, begin, end); });
}

}
