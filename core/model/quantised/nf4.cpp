// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/quantised/nf4.h"

#include "model/cuda_library.h"
#include "model/quantised/dynamic_map.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace attune::model {

namespace {

constexpr std::int64_t kBlock = 64, kScaleBlock = 256;

/// Quantiles of the normal distribution, scaled to [-1, 1] (QLoRA, appendix E; formats.md §7.1).
constexpr std::array<float, 16> kLevels {-1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f,
    -0.18477343022823334f, -0.09105003625154495f, 0.0f, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
    0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f};

/// Between neighbouring levels; a value above a bound belongs to the level behind it.
std::array<float, 15> levelBounds()
{
    std::array<float, 15> bounds {};
    for (std::size_t i = 0; i < bounds.size(); ++i)
        bounds[i] = (kLevels[i] + kLevels[i + 1]) / 2;
    return bounds;
}

float largest(const float* values, std::int64_t count)
{
    float result = 0;
    for (std::int64_t i = 0; i < count; ++i)
        result = std::max(result, std::abs(values[i]));
    return result;
}

/// Index of the nearest level; on a tie the lower one.
std::uint8_t nearestScale(float value)
{
    const auto& levels = signedDynamicMap().values;
    const auto* above = std::lower_bound(std::begin(levels), std::end(levels), value);
    if (above == std::begin(levels))
        return 0;
    if (above == std::end(levels))
        return 255;
    const auto* below = above - 1;
    return static_cast<std::uint8_t>((std::abs(*above - value) < std::abs(value - *below) ? above : below) - levels);
}

void quantiseScales(Nf4Tensor& tensor, const at::Tensor& scales)
{
    const auto offset = scales.mean();
    const auto centred = (scales - offset).contiguous();
    const auto count = scales.numel(), blocks = (count + kScaleBlock - 1) / kScaleBlock;
    tensor.scaleOffset = offset.item<float>();
    tensor.scaleCodes = at::empty({count}, at::kByte);
    tensor.scaleScales = at::empty({blocks}, at::kFloat);
    tensor.scaleLevels = at::tensor(at::ArrayRef<float>(signedDynamicMap().values));
    const auto* values = centred.data_ptr<float>();
    for (std::int64_t block = 0; block < blocks; ++block) {
        const auto begin = block * kScaleBlock, length = std::min(kScaleBlock, count - begin);
        const float scale = largest(values + begin, length);
        tensor.scaleScales.data_ptr<float>()[block] = scale;
        for (std::int64_t i = begin; i < begin + length; ++i)
            tensor.scaleCodes.data_ptr<std::uint8_t>()[i] = nearestScale(scale > 0 ? values[i] / scale : 0.0f);
    }
}

/// Writes blocks of the values; the last may be short. Row by row of `columns` values, whole blocks each where out's rows lie apart.
template<typename Value>
void expand(const Nf4Tensor& tensor, const float* scales, Value* out, std::int64_t count, std::int64_t columns, std::int64_t stride)
{
    const auto* codes = tensor.codes.data_ptr<std::uint8_t>();
    at::parallel_for(0, (count + kBlock - 1) / kBlock, 1024, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t block = first; block < last; ++block) {
            std::array<Value, 16> levels;
            for (std::size_t l = 0; l < 16; ++l)
                levels[l] = static_cast<Value>(kLevels[l] * scales[block]);
            const auto begin = block * kBlock, length = std::min(kBlock, count - begin);
            auto* row = out + begin / columns * stride + begin % columns;
            for (std::int64_t i = 0; i < length; i += 2) {
                const auto code = codes[(begin + i) / 2];
                row[i] = levels[code >> 4];
                if (i + 1 < length)
                    row[i + 1] = levels[code & 15];
            }
        }
    });
}

void expandOnCpu(const Nf4Tensor& tensor, const at::Tensor& out, std::int64_t count, std::int64_t stride)
{
    const auto scales = nf4Scales(tensor);
    const auto columns = out.size(-1);
    if (out.scalar_type() == at::kFloat)
        expand(tensor, scales.data_ptr<float>(), out.data_ptr<float>(), count, stride == columns ? count : columns, stride);
    else
        expand(tensor, scales.data_ptr<float>(), out.data_ptr<at::BFloat16>(), count, stride == columns ? count : columns, stride);
}

/// With our own kernel: one pass, which puts the scales together as well.
void expandOnCard(const cuda::CudaKernels& kernels, const Nf4Tensor& tensor, const at::Tensor& out, std::int64_t count, std::int64_t stride)
{
    const auto columns = out.size(-1);
    kernels.dequantiseNf4({tensor.codes.data_ptr<std::uint8_t>(), tensor.scaleCodes.data_ptr<std::uint8_t>(), tensor.scaleScales.data_ptr<float>(),
                              tensor.scaleLevels.data_ptr<float>(), tensor.scaleOffset},
        {out.data_ptr(), stride, count / columns, columns, *cudaElement(out.scalar_type())});
    checkLaunch(kernels, "dequantiseNf4");
}

/// With ATen's operations, whose intermediate values take eight times the room.
at::Tensor expanded(const Nf4Tensor& tensor, at::ScalarType type, std::int64_t count)
{
    const auto levels = at::tensor(at::ArrayRef<float>(kLevels.data(), kLevels.size())).to(tensor.codes.device());
    const auto halves = at::stack({at::bitwise_right_shift(tensor.codes, 4), at::bitwise_and(tensor.codes, 15)}, 1).view({-1}).narrow(0, 0, count);
    const auto scales = nf4Scales(tensor).repeat_interleave(kBlock).narrow(0, 0, count);
    return (levels.index_select(0, halves.to(at::kInt)) * scales).to(type).view(tensor.shape);
}

/// Codes and scales on the device of the weight: the same arithmetic as on the CPU, for weights whose last block is whole.
Nf4Tensor quantiseOnDevice(const at::Tensor& weight)
{
    const auto flat = weight.to(at::kFloat).contiguous();
    Nf4Tensor tensor {.shape = weight.sizes().vec(), .codes = at::empty({flat.numel() / 2}, flat.options().dtype(at::kByte)), .scaleCodes = {}, .scaleScales = {}, .scaleLevels = {}};
    auto scales = at::empty({flat.numel() / kBlock}, flat.options());
    if (const auto* kernels = cudaKernels()) {
        kernels->quantiseNf4(flat.data_ptr<float>(), flat.numel(), tensor.codes.data_ptr<std::uint8_t>(), scales.data_ptr<float>());
        checkLaunch(*kernels, "quantiseNf4");
    } else {
        static const auto bounds = levelBounds();
        const auto blocks = flat.view({-1, kBlock});
        scales = blocks.abs().amax(1);
        const auto levels = at::bucketize((blocks * scales.clamp_min(1e-38).reciprocal().unsqueeze(1)).clamp_(-1.0, 1.0),
            at::tensor(at::ArrayRef<float>(bounds.data(), bounds.size())).to(weight.device()), true).to(at::kByte).view({-1, 2});
        tensor.codes = at::bitwise_or(at::bitwise_left_shift(levels.select(1, 0), 4), levels.select(1, 1)).contiguous();
    }
    quantiseScales(tensor, scales.to(at::kCPU));
    return tensor;
}

class Nf4Source final : public WeightSource
{
public:
    explicit Nf4Source(Nf4Tensor tensor) : m_tensor(std::move(tensor)) {}
    at::Tensor weight(at::ScalarType type) const override { return dequantiseNf4(m_tensor, type); }
    void expand(const at::Tensor& out) const override { dequantiseNf4(m_tensor, out); }
    std::uint64_t bytes() const override { return m_tensor.codes.nbytes() + m_tensor.scaleCodes.nbytes() + m_tensor.scaleScales.nbytes(); }

private:
    const Nf4Tensor m_tensor;
};

}

Nf4Tensor quantiseNf4(const at::Tensor& weight)
{
    static const auto bounds = levelBounds();
    const auto flat = weight.to(at::kCPU, at::kFloat).contiguous();
    const auto count = flat.numel(), blocks = (count + kBlock - 1) / kBlock;
    Nf4Tensor tensor {.shape = weight.sizes().vec(), .codes = at::zeros({(count + 1) / 2}, at::kByte), .scaleCodes = {}, .scaleScales = {}, .scaleLevels = {}};
    const auto scales = at::empty({blocks}, at::kFloat);
    const auto* values = flat.data_ptr<float>();
    auto* codes = tensor.codes.data_ptr<std::uint8_t>();
    auto* scaleOf = scales.data_ptr<float>();
    at::parallel_for(0, blocks, 64, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t block = first; block < last; ++block) {
            const auto begin = block * kBlock, length = std::min(kBlock, count - begin);
            const float scale = largest(values + begin, length), guarded = std::max(scale, 1e-38f), inverse = 1.0f / guarded;
            scaleOf[block] = scale;
            for (std::int64_t i = begin; i < begin + length; ++i) {
                // A short last block is divided, the others are multiplied: as the reference rounds.
                const float x = std::clamp(length == kBlock ? values[i] * inverse : values[i] / guarded, -1.0f, 1.0f);
                const auto level = static_cast<std::uint8_t>(std::lower_bound(bounds.begin(), bounds.end(), x) - bounds.begin());
                codes[i / 2] = static_cast<std::uint8_t>(codes[i / 2] | (i % 2 == 0 ? level << 4 : level));
            }
        }
    });
    if (count % 2 != 0)  // the reference fills the last half with a zero's code
        codes[count / 2] = static_cast<std::uint8_t>(codes[count / 2] | 7);
    quantiseScales(tensor, scales);
    return tensor;
}

at::Tensor nf4Scales(const Nf4Tensor& tensor)
{
    const auto count = tensor.scaleCodes.numel();
    const auto scales = tensor.scaleScales.repeat_interleave(kScaleBlock).narrow(0, 0, count);
    return tensor.scaleLevels.index_select(0, tensor.scaleCodes.to(at::kInt)) * scales + tensor.scaleOffset;
}

at::Tensor dequantiseNf4(const Nf4Tensor& tensor, at::ScalarType type)
{
    const auto out = at::empty(tensor.shape, tensor.codes.options().dtype(type));
    dequantiseNf4(tensor, out);
    return out;
}

void dequantiseNf4(const Nf4Tensor& tensor, const at::Tensor& out)
{
    const at::NoGradGuard noGrad;
    const auto count = out.numel(), columns = out.size(-1), stride = out.dim() == 2 ? out.stride(0) : columns;
    const bool isOfRows = out.is_contiguous() || (out.dim() == 2 && out.stride(1) == 1 && columns % kBlock == 0);
    const auto type = out.scalar_type();
    if (const auto* kernels = out.is_cuda() && isOfRows && cudaElement(type) ? cudaKernels() : nullptr)
        expandOnCard(*kernels, tensor, out, count, stride);
    else if (out.is_cpu() && isOfRows && (type == at::kFloat || type == at::kBFloat16))
        expandOnCpu(tensor, out, count, stride);
    else
        out.copy_(expanded(tensor, type, count));
}

std::shared_ptr<const WeightSource> nf4Source(const at::Tensor& weight, at::Device device)
{
    // A large model takes minutes on a processor and seconds on the card.
    auto tensor = device.is_cuda() && weight.numel() % kBlock == 0 ? quantiseOnDevice(weight.to(device)) : quantiseNf4(weight);
    for (auto* part : {&tensor.codes, &tensor.scaleCodes, &tensor.scaleScales, &tensor.scaleLevels})
        *part = part->to(device);
    return std::make_shared<Nf4Source>(std::move(tensor));
}

}
