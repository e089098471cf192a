// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/weights.h"

#include "formats/gguf_file.h"
#include "formats/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace attune::families {
namespace {

using Transform = TensorSlot::GgufTransform;

/// One weight where it lies, either format.
struct Located {
    int ggmlType = -1;
    formats::DType dtype = formats::DType::F32;
    const std::vector<std::int64_t>* shape = nullptr;
    std::span<const std::uint8_t> bytes;
    bool isPermuted = false, isPlusOne = false, isTransposed = false;

    std::int64_t rows() const { return shape->empty() ? 1 : shape->front(); }
    std::size_t rowBytes() const { return rows() ? bytes.size() / static_cast<std::size_t>(rows()) : 0; }
    std::int64_t rowValues() const
    {
        std::int64_t count = 1;
        for (std::size_t i = 1; i < shape->size(); ++i)
            count *= (*shape)[i];
        return count;
    }
};

int ggmlTypeOf(formats::DType type)
{
    switch (type) {
    case formats::DType::F32: return formats::kGgmlF32;
    case formats::DType::F16: return formats::kGgmlF16;
    case formats::DType::BF16: return formats::kGgmlBF16;
    default: return -1;
    }
}

/// What the name was before: BERT's first files call the norms' weights gamma and beta; the bias of a tied head is held once,
/// under either of its names.
std::string olderName(const std::string& name)
{
    const auto replaced = [&](std::string_view end, std::string_view by) { return name.substr(0, name.size() - end.size()).append(by); };
    if (name.ends_with("LayerNorm.weight"))
        return replaced("weight", "gamma");
    if (name.ends_with("LayerNorm.bias"))
        return replaced("bias", "beta");
    for (const char* head : {"cls.predictions.", "lm_head."}) {
        if (name == std::string(head) + "bias")
            return replaced("bias", "decoder.bias");
        if (name == std::string(head) + "decoder.bias")
            return replaced("decoder.bias", "bias");
    }
    return name;
}

}

struct Weights::Private {
    std::string path;
    ModelSpec spec;
    std::optional<formats::GgufFile> gguf;
    std::optional<formats::ShardedSafetensors> folder;

    Result<Located> locate(const TensorSlot& slot) const
    {
        Located place;
        if (gguf) {
            const auto* tensor = gguf->findTensor(slot.ggufName);
            if (!tensor)
                return missing(slot.ggufName);
            place = {tensor->type, formats::DType::F32, &tensor->shape, tensor->bytes, movesRows(slot), slot.transform == Transform::NormMinusOne, false};
        } else {
            const auto* tensor = findInFolder(*folder, slot);
            if (!tensor)
                return missing(slot.name);
            place = {ggmlTypeOf(tensor->dtype), tensor->dtype, &tensor->shape, tensor->bytes, false, false, slot.isTransposed};
        }
        if (*place.shape != (place.isTransposed ? std::vector(slot.shape.rbegin(), slot.shape.rend()) : slot.shape))
            return fail(ErrorCode::ModelCorrupt, fmt::format("{}: the weight {} has shape [{}], expected [{}].", path, slot.name, fmt::join(*place.shape, ", "), fmt::join(slot.shape, ", ")),
                "Fetch the model again.");
        return place;
    }

    Error missing(const std::string& name) const
    {
        return fail(ErrorCode::ModelCorrupt, fmt::format("{} lacks the weight {}.", path, name), "The model is incomplete; fetch it again.");
    }

    /// A weight [out, in] that the file holds as [in, out]: one column is gathered per row.
    Status readTransposed(const Located& place, std::int64_t firstRow, std::int64_t count, std::span<float> out) const
    {
        const std::int64_t inputs = place.shape->front(), outputs = place.shape->back();
        std::vector<float> line(static_cast<std::size_t>(outputs));
        for (std::int64_t i = 0; i < inputs; ++i) {
            const auto bytes = place.bytes.subspan(static_cast<std::size_t>(i) * place.rowBytes(), place.rowBytes());
            ATTUNE_RETURN_IF_ERROR(place.ggmlType >= 0 ? formats::dequantise(place.ggmlType, bytes, line) : formats::toFloat32(place.dtype, bytes, line));
            for (std::int64_t row = 0; row < count; ++row)
                out[static_cast<std::size_t>(row * inputs + i)] = line[static_cast<std::size_t>(firstRow + row)];
        }
        return {};
    }
};

const formats::TensorView* findInFolder(const formats::ShardedSafetensors& folder, const TensorSlot& slot)
{
    for (const auto& name : {slot.name, olderName(slot.name)}) {
        if (const auto* tensor = folder.find(name))
            return tensor;
        const auto dot = name.find('.');
        if (dot != std::string::npos)
            if (const auto* tensor = folder.find(name.substr(dot + 1)))
                return tensor;
        if (const auto* tensor = folder.find("language_model." + name))
            return tensor;
    }
    return nullptr;
}

std::int64_t interleavedRow(std::int64_t row, std::int64_t headDim)
{
    const std::int64_t head = row / headDim, inside = row % headDim, half = headDim / 2;
    return head * headDim + 2 * (inside % half) + inside / half;
}

std::int64_t ungroupedRow(std::int64_t row, const ModelSpec& spec)
{
    const std::int64_t queries = spec.heads / spec.kvHeads, width = (queries + 2) * spec.headDim;
    const std::int64_t group = row / width, head = row % width / spec.headDim, inside = row % spec.headDim;
    if (head < queries)
        return (group * queries + head) * spec.headDim + inside;
    return (spec.heads + (head == queries ? 0 : spec.kvHeads) + group) * spec.headDim + inside;
}

bool movesRows(const TensorSlot& slot)
{
    return slot.transform == Transform::PermuteQ || slot.transform == Transform::PermuteK || slot.transform == Transform::Ungroup;
}

std::int64_t ggufRow(const TensorSlot& slot, const ModelSpec& spec, std::int64_t row)
{
    if (!movesRows(slot))
        return row;
    return slot.transform == Transform::Ungroup ? ungroupedRow(row, spec) : interleavedRow(row, spec.headDim);
}

Weights::Weights() : d(std::make_unique<Private>()) {}
Weights::Weights(Weights&&) noexcept = default;
Weights& Weights::operator=(Weights&&) noexcept = default;
Weights::~Weights() = default;

Result<Weights> Weights::open(const ModelSource& source)
{
    if (!source.isTrainable)
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} cannot be used: {}", source.path, source.reason), "Choose another base model.");
    Weights weights;
    weights.d->path = source.path;
    weights.d->spec = source.spec;
    if (source.format == ModelFormat::Gguf) {
        ATTUNE_TRY(weights.d->gguf, formats::GgufFile::open(source.path));
    } else {
        ATTUNE_TRY(weights.d->folder, formats::ShardedSafetensors::open(source.path));
    }
    return weights;
}

bool Weights::has(const TensorSlot& slot) const
{
    return d->gguf ? d->gguf->findTensor(slot.ggufName) != nullptr : findInFolder(*d->folder, slot) != nullptr;
}

Result<Weights::Stored> Weights::stored(const TensorSlot& slot) const
{
    ATTUNE_TRY(const auto place, d->locate(slot));
    const std::string name = d->gguf ? formats::ggmlTypeName(place.ggmlType) : std::string(formats::dtypeName(place.dtype));
    return Stored {place.ggmlType, name, slot.shape, place.bytes.size()};
}

Status Weights::read(const TensorSlot& slot, std::span<float> out) const
{
    return readRows(slot, 0, out);
}

Status Weights::readRows(const TensorSlot& slot, std::int64_t firstRow, std::span<float> out) const
{
    ATTUNE_TRY(const auto place, d->locate(slot));
    const auto width = static_cast<std::size_t>(place.isTransposed ? place.shape->front() : place.rowValues());
    const std::int64_t rows = place.isTransposed ? place.shape->back() : place.rows();
    ATTUNE_CHECK(width > 0 && out.size() % width == 0, "rows must be whole");
    const auto count = static_cast<std::int64_t>(out.size() / width);
    ATTUNE_CHECK(firstRow >= 0 && firstRow + count <= rows, "rows outside the weight");
    if (place.isTransposed)
        return d->readTransposed(place, firstRow, count, out);
    const auto decode = [&](std::int64_t row, std::int64_t number, std::span<float> values) -> Status {
        const auto bytes = place.bytes.subspan(static_cast<std::size_t>(row) * place.rowBytes(), static_cast<std::size_t>(number) * place.rowBytes());
        return place.ggmlType >= 0 ? formats::dequantise(place.ggmlType, bytes, values) : formats::toFloat32(place.dtype, bytes, values);
    };
    if (!place.isPermuted) {
        ATTUNE_RETURN_IF_ERROR(decode(firstRow, count, out));
    } else {
        for (std::int64_t i = 0; i < count; ++i)
            ATTUNE_RETURN_IF_ERROR(decode(ggufRow(slot, d->spec, firstRow + i), 1, out.subspan(static_cast<std::size_t>(i) * width, width)));
    }
    if (place.isPlusOne)
        for (float& value : out)
            value -= 1.0f;
    return {};
}

Status Weights::readRaw(const TensorSlot& slot, std::span<std::uint8_t> out) const
{
    ATTUNE_TRY(const auto place, d->locate(slot));
    ATTUNE_CHECK(out.size() == place.bytes.size(), "the buffer has another size than the weight");
    ATTUNE_CHECK(!place.isPlusOne && !place.isTransposed, "a shifted norm or a transposed weight has no raw form");
    if (!place.isPermuted) {
        std::memcpy(out.data(), place.bytes.data(), out.size());
        return {};
    }
    for (std::int64_t row = 0; row < place.rows(); ++row)
        std::memcpy(out.data() + static_cast<std::size_t>(row) * place.rowBytes(), place.bytes.data() + static_cast<std::size_t>(ggufRow(slot, d->spec, row)) * place.rowBytes(), place.rowBytes());
    return {};
}

std::optional<std::span<const std::uint8_t>> Weights::rawView(const TensorSlot& slot) const
{
    const auto place = d->locate(slot);
    if (!place || place->isPermuted || place->isPlusOne || place->isTransposed)
        return std::nullopt;
    return place->bytes;
}

void Weights::release(const TensorSlot& slot) const
{
    if (d->gguf) {
        if (const auto* tensor = d->gguf->findTensor(slot.ggufName))
            d->gguf->release(*tensor);
    } else if (const auto* tensor = findInFolder(*d->folder, slot)) {
        d->folder->release(*tensor);
    }
}

}
