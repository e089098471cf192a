// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/ggml_types.h"

#include "formats/dtype.h"

#include <ggml.h>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>

namespace attune::formats {
namespace {

/// Block types that ggml only makes on the fly (for matrix products) and has no decoder for; files
/// with them are legal. Layouts: ggml-common.h (formats.md §4.7).
constexpr int kQ8_1 = 9, kQ8_K = 15;

template<typename T>
void convertIntegers(std::span<const std::uint8_t> bytes, std::span<float> out)
{
    for (std::size_t i = 0; i < out.size(); ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        out[i] = static_cast<float>(value);
    }
}

/// Q8_1: half d, half s (unused here), 32 signed bytes.
void decodeQ8_1(std::span<const std::uint8_t> bytes, std::span<float> out)
{
    constexpr std::size_t block = 32, size = 36;
    for (std::size_t b = 0; b < out.size() / block; ++b) {
        std::uint16_t half;
        std::memcpy(&half, bytes.data() + b * size, sizeof half);
        const float scale = fromHalf(half);
        for (std::size_t i = 0; i < block; ++i)
            out[b * block + i] = scale * static_cast<float>(static_cast<std::int8_t>(bytes[b * size + 4 + i]));
    }
}

/// Q8_K: float d, 256 signed bytes, 16 sums (unused here).
void decodeQ8_K(std::span<const std::uint8_t> bytes, std::span<float> out)
{
    constexpr std::size_t block = 256, size = 292;
    for (std::size_t b = 0; b < out.size() / block; ++b) {
        float scale;
        std::memcpy(&scale, bytes.data() + b * size, sizeof scale);
        for (std::size_t i = 0; i < block; ++i)
            out[b * block + i] = scale * static_cast<float>(static_cast<std::int8_t>(bytes[b * size + 4 + i]));
    }
}

}

bool isGgmlType(int type)
{
    return type >= 0 && type < GGML_TYPE_COUNT && ggml_blck_size(static_cast<ggml_type>(type)) > 0
        && ggml_type_size(static_cast<ggml_type>(type)) > 0;
}

std::string ggmlTypeName(int type)
{
    if (!isGgmlType(type))
        return fmt::format("type {}", type);
    std::string name = ggml_type_name(static_cast<ggml_type>(type));
    for (char& c : name)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

std::optional<int> ggmlTypeFromName(std::string_view name)
{
    std::string upper(name);
    for (char& c : upper)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (int type = 0; type < GGML_TYPE_COUNT; ++type)
        if (isGgmlType(type) && ggmlTypeName(type) == upper)
            return type;
    return std::nullopt;
}

std::int64_t ggmlBlockSize(int type) { return ggml_blck_size(static_cast<ggml_type>(type)); }
std::size_t ggmlBlockBytes(int type) { return ggml_type_size(static_cast<ggml_type>(type)); }
std::size_t ggmlRowBytes(int type, std::int64_t width) { return ggml_row_size(static_cast<ggml_type>(type), width); }
bool isGgmlQuantised(int type) { return ggml_is_quantized(static_cast<ggml_type>(type)); }

Status dequantise(int type, std::span<const std::uint8_t> bytes, std::span<float> out)
{
    ATTUNE_CHECK(isGgmlType(type), "unknown ggml type");
    const auto count = static_cast<std::int64_t>(out.size());
    ATTUNE_CHECK(count % ggmlBlockSize(type) == 0 && bytes.size() == ggmlRowBytes(type, count), "byte count and value count disagree");
    const auto aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0;
    switch (type) {
    case GGML_TYPE_F32: std::memcpy(out.data(), bytes.data(), bytes.size()); return {};
    case GGML_TYPE_F64: convertIntegers<double>(bytes, out); return {};
    case GGML_TYPE_I8: convertIntegers<std::int8_t>(bytes, out); return {};
    case GGML_TYPE_I16: convertIntegers<std::int16_t>(bytes, out); return {};
    case GGML_TYPE_I32: convertIntegers<std::int32_t>(bytes, out); return {};
    case GGML_TYPE_I64: convertIntegers<std::int64_t>(bytes, out); return {};
    case kQ8_1: decodeQ8_1(bytes, out); return {};
    case kQ8_K: decodeQ8_K(bytes, out); return {};
    default: break;
    }
    const auto* traits = ggml_get_type_traits(static_cast<ggml_type>(type));
    if (!traits || !traits->to_float)
        return fail(ErrorCode::Unsupported, fmt::format("Weights of type {} cannot be turned into numbers.", ggmlTypeName(type)), "Use a file of another quantisation.");
    if (aligned) {
        traits->to_float(bytes.data(), out.data(), count);
        return {};
    }
    const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());  // ggml reads 16-bit scales in place
    traits->to_float(copy.data(), out.data(), count);
    return {};
}

Status quantise(int type, std::span<const float> values, std::int64_t width, std::span<std::uint8_t> out)
{
    ATTUNE_CHECK(isGgmlType(type) && width > 0 && static_cast<std::int64_t>(values.size()) % width == 0, "rows must be whole");
    const std::int64_t rows = static_cast<std::int64_t>(values.size()) / width;
    const auto ggml = static_cast<ggml_type>(type);
    if (ggml_quantize_requires_imatrix(ggml) || width % ggmlBlockSize(type) != 0)
        return fail(ErrorCode::Unsupported, fmt::format("Rows of {} values cannot be written as {}.", width, ggmlTypeName(type)), "Choose another type, q8_0 for example.");
    ATTUNE_CHECK(out.size() == ggmlRowBytes(type, width) * static_cast<std::size_t>(rows), "byte count and value count disagree");
    ggml_quantize_chunk(ggml, values.data(), out.data(), 0, rows, width, nullptr);
    return {};
}

}
