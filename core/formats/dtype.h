// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace attune::formats {

/// Element types of safetensors files, in the order of the reference implementation (github
/// huggingface/safetensors, tensor.rs): a file is written with the largest of them first.
enum class DType {
    Bool, F4, F6E2M3, F6E3M2, U8, I8, F8E5M2, F8E4M3, F8E8M0, F8E4M3Fnuz, F8E5M2Fnuz,
    I16, U16, F16, BF16, I32, U32, F32, C64, F64, I64, U64,
};

std::string_view dtypeName(DType type);  ///< as files spell it: "BF16"
std::optional<DType> dtypeFromName(std::string_view name);
int bitsOf(DType type);                  ///< per element: 4, 6, 8, 16, 32 or 64

/// Converts little-endian elements to float32: floats of 8 bits and more, integers, BOOL.
/// Errors: Unsupported for complex numbers and types below 8 bits.
Status toFloat32(DType type, std::span<const std::uint8_t> bytes, std::span<float> out);

float fromHalf(std::uint16_t bits);
std::uint16_t toHalf(float value);      ///< round to nearest even; beyond 65504 infinite
inline float fromBfloat16(std::uint16_t bits);
std::uint16_t toBfloat16(float value);  ///< round to nearest even

inline float fromBfloat16(std::uint16_t bits)
{
    const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
    float value;
    __builtin_memcpy(&value, &wide, sizeof value);
    return value;
}

}
