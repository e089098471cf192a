// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/quantised/gguf_blocks.h"

#include "formats/ggml_types.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <fmt/format.h>

namespace attune::model {

namespace {

class GgufBlocks final : public WeightSource
{
public:
    GgufBlocks(std::shared_ptr<const families::Weights> weights, const families::TensorSlot& slot, int type, at::Device device)
        : m_weights(std::move(weights))
        , m_rows(slot.shape[0])
        , m_width(slot.shape[1])
        , m_type(type)
        , m_rowBytes(formats::ggmlRowBytes(type, slot.shape[1]))
        , m_device(device)
    {
    }

    Status read(const families::TensorSlot& slot)
    {
        if (const auto view = m_weights->rawView(slot)) {
            m_bytes = *view;
        } else {
            m_copy.resize(static_cast<std::size_t>(m_rows) * m_rowBytes);
            ATTUNE_RETURN_IF_ERROR(m_weights->readRaw(slot, m_copy));
            m_bytes = m_copy;
        }
        if (m_bytes.size() != static_cast<std::size_t>(m_rows) * m_rowBytes)
            return fail(ErrorCode::ModelCorrupt, fmt::format("{} holds {} bytes instead of {}.", slot.name, m_bytes.size(), static_cast<std::size_t>(m_rows) * m_rowBytes), "Download or convert the model again.");
        return {};
    }

    at::Tensor weight(at::ScalarType type) const override
    {
        auto out = at::empty({m_rows, m_width}, type);
        at::parallel_for(0, m_rows, std::max<std::int64_t>(1, 32768 / m_width), [&](std::int64_t first, std::int64_t last) {
            if (type == at::kFloat)
                dequantise(first, last, out.data_ptr<float>() + first * m_width);
            else if (type == at::kBFloat16)
                convert(first, last, out.data_ptr<at::BFloat16>());
            else
                convert(first, last, out.data_ptr<at::Half>());
        });
        return out.to(m_device);
    }

    at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const override
    {
        const auto onHost = ids.to(at::kCPU).contiguous();
        const auto out = at::empty({onHost.numel(), m_width}, at::kFloat);
        const auto* row = onHost.data_ptr<std::int64_t>();
        for (std::int64_t i = 0; i < onHost.numel(); ++i)
            dequantise(row[i], row[i] + 1, out.data_ptr<float>() + i * m_width);
        return out.to(m_device, type);
    }

    std::uint64_t bytes() const override { return m_bytes.size(); }

private:
    /// Rows first … last - 1 as float32.
    void dequantise(std::int64_t first, std::int64_t last, float* out) const
    {
        TORCH_CHECK(first >= 0 && last <= m_rows, "row outside of the weight");
        const auto from = m_bytes.subspan(static_cast<std::size_t>(first) * m_rowBytes, static_cast<std::size_t>(last - first) * m_rowBytes);
        const auto status = formats::dequantise(m_type, from, {out, static_cast<std::size_t>((last - first) * m_width)});
        TORCH_CHECK(status, status ? "" : status.error().message);
    }

    template<typename Value>
    void convert(std::int64_t first, std::int64_t last, Value* out) const
    {
        std::vector<float> row(static_cast<std::size_t>(m_width));
        for (std::int64_t i = first; i < last; ++i) {
            dequantise(i, i + 1, row.data());
            std::transform(row.begin(), row.end(), out + i * m_width, [](float value) { return static_cast<Value>(value); });
        }
    }

    const std::shared_ptr<const families::Weights> m_weights;
    const std::int64_t m_rows, m_width;
    const int m_type;
    const std::size_t m_rowBytes;
    const at::Device m_device;
    std::vector<std::uint8_t> m_copy;
    std::span<const std::uint8_t> m_bytes;
};

}

Result<std::shared_ptr<const WeightSource>> ggufBlocks(const std::shared_ptr<const families::Weights>& weights, const families::TensorSlot& slot, at::Device device)
{
    if (slot.shape.size() != 2 || !weights->has(slot) || slot.transform == families::TensorSlot::GgufTransform::NormMinusOne)
        return std::shared_ptr<const WeightSource>();
    ATTUNE_TRY(const auto stored, weights->stored(slot));
    if (stored.ggmlType < 0 || !formats::isGgmlQuantised(stored.ggmlType))
        return std::shared_ptr<const WeightSource>();
    auto source = std::make_shared<GgufBlocks>(weights, slot, stored.ggmlType, device);
    ATTUNE_RETURN_IF_ERROR(source->read(slot));
    return std::shared_ptr<const WeightSource>(std::move(source));
}

}
