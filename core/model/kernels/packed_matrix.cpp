// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/packed_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace attune::model::kernels {

namespace {

constexpr std::size_t kLowPlane = 1024;  // values behind the same of the high plane

std::uint16_t rounded(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return std::isnan(value) ? 0x7fc0 : static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float widened(std::uint16_t value)
{
    return std::bit_cast<float>(std::uint32_t(value) << 16);
}

inline void write(std::uint16_t* to, bool, std::uint16_t value)
{
    *to = value;
}

inline void write(std::uint16_t* to, bool hasLow, float value)
{
    *to = rounded(value);
    if (hasLow)
        to[kLowPlane] = rounded(value - widened(*to));
}

inline void read(const std::uint16_t* from, bool, std::uint16_t& value)
{
    value = *from;
}

inline void read(const std::uint16_t* from, bool hasLow, float& value)
{
    value = widened(*from) + (hasLow ? widened(from[kLowPlane]) : 0.0f);
}

}

PackedMatrix::PackedMatrix(std::int64_t rows, std::int64_t columns, std::int64_t plain)
    : m_rows(rows)
    , m_columns(columns)
    , m_plain(plain)
    , m_hasLow(static_cast<std::size_t>((rows + 31) / 32))
{
    std::fill(m_hasLow.begin() + plain, m_hasLow.end(), 1);
    m_values.resize(static_cast<std::size_t>((columns + 31) / 32 * view().offsetOf(blocks())));
}

PackedMatrix::PackedMatrix(std::int64_t rows, std::int64_t columns)
    : PackedMatrix(rows, columns, (rows + 31) / 32)
{
}

PackedMatrix PackedMatrix::ofFloat32(std::int64_t rows, std::int64_t columns, std::int64_t exact)
{
    return {rows, columns, exact / 32};
}

template<typename Function>
void PackedMatrix::overTiles(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width, Function function) const
{
    const auto layout = view();
    const auto endRow = row + count, endColumn = column + width;
    for (std::int64_t r = row; r < endRow; r = std::min(endRow, (r / 32 + 1) * 32)) {
        const auto lastRow = std::min(endRow, (r / 32 + 1) * 32), block = r / 32;
        const bool hasLow = m_hasLow[static_cast<std::size_t>(block)] != 0;
        for (std::int64_t c = column; c < endColumn; c = std::min(endColumn, (c / 16 + 1) * 16)) {
            const auto lastColumn = std::min(endColumn, (c / 16 + 1) * 16);
            const auto tile = static_cast<std::size_t>(c / 32 * layout.offsetOf(layout.blocks) + layout.offsetOf(block) + c % 32 / 16 * 512);
            for (std::int64_t j = c; j < lastColumn; ++j)
                for (std::int64_t i = r; i < lastRow; ++i)
                    function(tile + static_cast<std::size_t>(i % 32 / 2 * 32 + j % 16 * 2 + i % 2), i - row, j - column, hasLow);
        }
    }
}

template<typename Value>
void PackedMatrix::put(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width, const Value* values, std::int64_t rowStep, std::int64_t columnStep)
{
    overTiles(row, count, column, width,
        [&](std::size_t index, std::int64_t r, std::int64_t c, bool hasLow) { write(m_values.data() + index, hasLow, values[r * rowStep + c * columnStep]); });
}

template<typename Value>
void PackedMatrix::get(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width, Value* values, std::int64_t rowStep, std::int64_t columnStep) const
{
    overTiles(row, count, column, width,
        [&](std::size_t index, std::int64_t r, std::int64_t c, bool hasLow) { read(m_values.data() + index, hasLow, values[r * rowStep + c * columnStep]); });
}

template void PackedMatrix::put(std::int64_t, std::int64_t, std::int64_t, std::int64_t, const std::uint16_t*, std::int64_t, std::int64_t);
template void PackedMatrix::put(std::int64_t, std::int64_t, std::int64_t, std::int64_t, const float*, std::int64_t, std::int64_t);
template void PackedMatrix::get(std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::uint16_t*, std::int64_t, std::int64_t) const;
template void PackedMatrix::get(std::int64_t, std::int64_t, std::int64_t, std::int64_t, float*, std::int64_t, std::int64_t) const;

}
