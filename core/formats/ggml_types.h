// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace attune::formats {

/// ggml's type numbers as GGUF files store them; the others are spoken of by number (ggml.h).
enum GgmlType : int { kGgmlF32 = 0, kGgmlF16 = 1, kGgmlQ8_0 = 8, kGgmlBF16 = 30 };

/// True for the numbers that this build's ggml knows and that files may hold.
bool isGgmlType(int type);
/// "F32", "BF16", "Q4_1", "Q4_K": upper case, as model files are named.
std::string ggmlTypeName(int type);
/// By that name, in either case ("q8_0").
std::optional<int> ggmlTypeFromName(std::string_view name);
std::int64_t ggmlBlockSize(int type);             ///< values per block
std::size_t ggmlBlockBytes(int type);             ///< bytes per block
/// Bytes of a row of `width` values. width must be a multiple of the block size.
std::size_t ggmlRowBytes(int type, std::int64_t width);
bool isGgmlQuantised(int type);

/// Blocks to float32: out.size() values from as many whole blocks. All types of ggml, with its own
/// reference routines. Errors: Unsupported. Any thread.
Status dequantise(int type, std::span<const std::uint8_t> bytes, std::span<float> out);

/// float32 to blocks by ggml's reference quantisation (no importance matrix). `width` is the row's
/// length; rows are quantised one by one. Errors: Unsupported for types that need an importance matrix.
Status quantise(int type, std::span<const float> values, std::int64_t width, std::span<std::uint8_t> out);

}
