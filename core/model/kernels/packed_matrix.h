// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/kernels/amx_product.h"

#include <cstdint>
#include <vector>

namespace attune::model::kernels {

/// The right side of C [M, N] = A [M, K] · B [K, N] for the tile units: panels of 32 columns, within them
/// blocks of 32 rows, each two tiles of 16 pairs of rows by 16 columns. Zero behind K and N.
class PackedMatrix
{
public:
    PackedMatrix() = default;
    PackedMatrix(std::int64_t rows, std::int64_t columns);

    PackedRight view() const { return {m_values.data(), m_rows, m_columns, m_blocks}; }
    bool isEmpty() const { return m_values.empty(); }

    /// Puts rows [row, row + count) and columns [column, column + width) of B: the value for (r, c) of that
    /// part is values[r · rowStep + c · columnStep].
    void put(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width,
        const std::uint16_t* values, std::int64_t rowStep, std::int64_t columnStep);
    /// The same part back into values.
    void get(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width,
        std::uint16_t* values, std::int64_t rowStep, std::int64_t columnStep) const;

private:
    std::size_t indexOf(std::int64_t row, std::int64_t column) const
    {
        const auto panel = column / 32, tile = column % 32 / 16, block = row / 32, pair = row % 32 / 2;
        return static_cast<std::size_t>(((panel * m_blocks + block) * 2 + tile) * 512 + pair * 32 + column % 16 * 2 + row % 2);
    }
    /// Calls function(index in m_values, r, c) tile by tile, so that both sides stay in the first-level cache.
    template<typename Function>
    void overTiles(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width, Function function) const;

    std::int64_t m_rows = 0, m_columns = 0, m_blocks = 0;
    std::vector<std::uint16_t> m_values;
};

}
