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
    /// Of bfloat16.
    PackedMatrix(std::int64_t rows, std::int64_t columns);
    /// Of float32 as high and low planes. Its first `exact` rows hold values of bfloat16 only: what lies in whole blocks
    /// of them has no low plane.
    static PackedMatrix ofFloat32(std::int64_t rows, std::int64_t columns, std::int64_t exact);

    PackedRight view() const { return {m_values.data(), m_hasLow.data(), m_rows, m_columns, blocks(), m_plain}; }
    bool isEmpty() const { return m_values.empty(); }

    /// Puts rows [row, row + count) and columns [column, column + width) of B: the value for (r, c) of that
    /// part is values[r · rowStep + c · columnStep]. Value: std::uint16_t (bfloat16) or float.
    template<typename Value>
    void put(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width, const Value* values, std::int64_t rowStep, std::int64_t columnStep);
    /// The same part back into values.
    template<typename Value>
    void get(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width, Value* values, std::int64_t rowStep, std::int64_t columnStep) const;

private:
    PackedMatrix(std::int64_t rows, std::int64_t columns, std::int64_t plain);
    std::int64_t blocks() const { return static_cast<std::int64_t>(m_hasLow.size()); }
    /// Calls function(index in m_values, r, c, whether there is a low plane) tile by tile, so that both sides stay in the
    /// first-level cache.
    template<typename Function>
    void overTiles(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width, Function function) const;

    std::int64_t m_rows = 0, m_columns = 0, m_plain = 0;
    std::vector<std::uint8_t> m_hasLow;  ///< of each block
    std::vector<std::uint16_t> m_values;
};

}
