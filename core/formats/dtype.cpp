// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/dtype.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace attune::formats {
namespace {

struct TypeRow {
    std::string_view name;
    int bits;
};

/// By DType's value.
constexpr std::array<TypeRow, 22> kTypes {{
    {"BOOL", 8}, {"F4", 4}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8}, {"I8", 8}, {"F8_E5M2", 8}, {"F8_E4M3", 8},
    {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16}, {"U16", 16}, {"F16", 16}, {"BF16", 16},
    {"I32", 32}, {"U32", 32}, {"F32", 32}, {"C64", 64}, {"F64", 64}, {"I64", 64}, {"U64", 64},
}};

template<typename T, typename Convert>
void convert(std::span<const std::uint8_t> bytes, std::span<float> out, Convert&& one)
{
    for (std::size_t i = 0; i < out.size(); ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));  // files promise no alignment
        out[i] = one(value);
    }
}

/// A float of 8 bits (OCP 8-bit floating point, revision 1.0; FNUZ: Noune et al. 2022).
float fromFloat8(std::uint8_t bits, int exponentBits, int bias, bool hasInfinity, bool isFnuz)
{
    const int mantissaBits = 7 - exponentBits;
    const int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
    const int mantissa = bits & ((1 << mantissaBits) - 1);
    const float sign = bits & 0x80 ? -1.0f : 1.0f;
    const bool isTop = exponent == (1 << exponentBits) - 1;
    if (isFnuz && bits == 0x80)
        return std::numeric_limits<float>::quiet_NaN();
    if (!isFnuz && isTop && hasInfinity)
        return mantissa ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
    if (!isFnuz && isTop && !hasInfinity && mantissa == (1 << mantissaBits) - 1)
        return std::numeric_limits<float>::quiet_NaN();
    const float fraction = static_cast<float>(mantissa) / static_cast<float>(1 << mantissaBits);
    return exponent == 0 ? sign * std::ldexp(fraction, 1 - bias) : sign * std::ldexp(1.0f + fraction, exponent - bias);
}

}

std::string_view dtypeName(DType type)
{
    return kTypes[static_cast<std::size_t>(type)].name;
}

std::optional<DType> dtypeFromName(std::string_view name)
{
    for (std::size_t i = 0; i < kTypes.size(); ++i)
        if (kTypes[i].name == name)
            return static_cast<DType>(i);
    return std::nullopt;
}

int bitsOf(DType type)
{
    return kTypes[static_cast<std::size_t>(type)].bits;
}

float fromHalf(std::uint16_t bits)
{
    const std::uint32_t sign = (bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 31u, mantissa = bits & 1023u;
    if (exponent == 31)
        return std::bit_cast<float>(sign | 0x7F800000u | mantissa << 13);
    if (exponent != 0)
        return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
    const float value = std::ldexp(static_cast<float>(mantissa), -24);
    return sign ? -value : value;
}

std::uint16_t toHalf(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
    const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u)
        return sign | 0x7E00u;
    if (magnitude >= 0x477FF000u)  // 65520 and more round to infinity
        return sign | 0x7C00u;
    if (magnitude < 0x38800000u) {  // subnormal: let the adder round
        const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
        return sign | static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(shifted) - 0x3F000000u);
    }
    const std::uint32_t rounded = magnitude + 0xFFFu + ((magnitude >> 13) & 1u);
    return sign | static_cast<std::uint16_t>((rounded - (112u << 23)) >> 13);
}

std::uint16_t toBfloat16(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u)
        return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
    return static_cast<std::uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

Status toFloat32(DType type, std::span<const std::uint8_t> bytes, std::span<float> out)
{
    const int bits = bitsOf(type);
    if (bits < 8 || type == DType::C64)
        return fail(ErrorCode::Unsupported, fmt::format("Values of type {} cannot be read as numbers here.", dtypeName(type)),
            "Convert the file to float32, bfloat16 or float16.");
    ATTUNE_CHECK(bytes.size() == out.size() * static_cast<std::size_t>(bits) / 8, "byte count and value count disagree");
    const auto same = [](auto value) { return static_cast<float>(value); };
    switch (type) {
    case DType::F32: std::memcpy(out.data(), bytes.data(), bytes.size()); break;
    case DType::F16: convert<std::uint16_t>(bytes, out, fromHalf); break;
    case DType::BF16: convert<std::uint16_t>(bytes, out, fromBfloat16); break;
    case DType::F64: convert<double>(bytes, out, same); break;
    case DType::Bool:
    case DType::U8: convert<std::uint8_t>(bytes, out, same); break;
    case DType::I8: convert<std::int8_t>(bytes, out, same); break;
    case DType::I16: convert<std::int16_t>(bytes, out, same); break;
    case DType::U16: convert<std::uint16_t>(bytes, out, same); break;
    case DType::I32: convert<std::int32_t>(bytes, out, same); break;
    case DType::U32: convert<std::uint32_t>(bytes, out, same); break;
    case DType::I64: convert<std::int64_t>(bytes, out, same); break;
    case DType::U64: convert<std::uint64_t>(bytes, out, same); break;
    case DType::F8E5M2: convert<std::uint8_t>(bytes, out, [](auto b) { return fromFloat8(b, 5, 15, true, false); }); break;
    case DType::F8E4M3: convert<std::uint8_t>(bytes, out, [](auto b) { return fromFloat8(b, 4, 7, false, false); }); break;
    case DType::F8E5M2Fnuz: convert<std::uint8_t>(bytes, out, [](auto b) { return fromFloat8(b, 5, 16, false, true); }); break;
    case DType::F8E4M3Fnuz: convert<std::uint8_t>(bytes, out, [](auto b) { return fromFloat8(b, 4, 8, false, true); }); break;
    case DType::F8E8M0:
        convert<std::uint8_t>(bytes, out, [](auto b) { return b == 255 ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0f, b - 127); });
        break;
    default: break;
    }
    return {};
}

}
