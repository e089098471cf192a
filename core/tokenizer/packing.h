// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace attune::tokenizer {

/// Rows shared out among micro-batches: the rows of all bins one behind another, and where each bin begins. One block of
/// memory however many bins there are. Value type.
struct Bins {
    std::vector<std::int32_t> rows;        ///< row indices
    std::vector<std::int64_t> starts {0};  ///< bin i: rows[starts[i]] … rows[starts[i + 1]]

    std::size_t size() const { return starts.size() - 1; }
    bool empty() const { return size() == 0; }
    std::span<const std::int32_t> operator[](std::size_t bin) const
    {
        return std::span(rows).subspan(static_cast<std::size_t>(starts[bin]), static_cast<std::size_t>(starts[bin + 1] - starts[bin]));
    }
    void add(std::int32_t row) { rows.push_back(row); }
    void closeBin() { starts.push_back(static_cast<std::int64_t>(rows.size())); }
};

/// Best-fit decreasing bin packing over row lengths (TRL's "bfd"; Johnson 1973): longest row first,
/// into the fullest bin it still fits. Linear in the rows, deterministic (ties by row index). Rows longer
/// than capacity get a bin of their own.
Bins packBestFit(std::span<const std::int32_t> lengths, std::int64_t capacity);

/// Rows in order, a new bin when the next row does not fit (for shuffle: false).
Bins packNextFit(std::span<const std::int32_t> lengths, std::int64_t capacity);

}
