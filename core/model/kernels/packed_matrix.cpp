// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/packed_matrix.h"

#include <algorithm>

namespace attune::model::kernels {

PackedMatrix::PackedMatrix(std::int64_t rows, std::int64_t columns)
    : m_rows(rows)
    , m_columns(columns)
    , m_blocks((rows + 31) / 32)
    , m_values(static_cast<std::size_t>((columns + 31) / 32 * m_blocks * 1024))
{
}

template<typename Function>
void PackedMatrix::overTiles(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width, Function function) const
{
    const auto endRow = row + count, endColumn = column + width;
    for (std::int64_t r = row; r < endRow; r = std::min(endRow, (r / 32 + 1) * 32)) {
        const auto lastRow = std::min(endRow, (r / 32 + 1) * 32);
        for (std::int64_t c = column; c < endColumn; c = std::min(endColumn, (c / 16 + 1) * 16)) {
            const auto lastColumn = std::min(endColumn, (c / 16 + 1) * 16);
            const auto tile = indexOf(r / 32 * 32, c / 16 * 16);
            for (std::int64_t j = c; j < lastColumn; ++j)
                for (std::int64_t i = r; i < lastRow; ++i)
                    function(tile + static_cast<std::size_t>(i % 32 / 2 * 32 + j % 16 * 2 + i % 2), i - row, j - column);
        }
    }
}

void PackedMatrix::put(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width,
    const std::uint16_t* values, std::int64_t rowStep, std::int64_t columnStep)
{
    overTiles(row, count, column, width, [&](std::size_t index, std::int64_t r, std::int64_t c) { m_values[index] = values[r * rowStep + c * columnStep]; });
}

void PackedMatrix::get(std::int64_t row, std::int64_t count, std::int64_t column, std::int64_t width,
    std::uint16_t* values, std::int64_t rowStep, std::int64_t columnStep) const
{
    overTiles(row, count, column, width, [&](std::size_t index, std::int64_t r, std::int64_t c) { values[r * rowStep + c * columnStep] = m_values[index]; });
}

}
