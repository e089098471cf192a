// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/buffer.h"

#include "model/tensor_memory.h"

#include <ATen/ops/empty.h>

#include <atomic>

namespace attune::model {

namespace {

std::atomic<std::uint64_t> moveCount {0};

}

std::uint64_t Buffer::moves()
{
    return moveCount.load();
}

at::Tensor Buffer::take(std::int64_t rows, std::int64_t columns, const at::TensorOptions& options)
{
    const auto bytes = rows * columns * static_cast<std::int64_t>(options.dtype().itemsize());
    if (!m_storage.defined() || m_storage.numel() < bytes || (m_storage.numel() > bytes && areBuffersShrinking())) {
        ++moveCount;
        m_storage.reset();  // the old one goes first: never both at once
        // Packs differ by a few tokens: with room to the next 256 rows the first full one is the last that
        // allocates, and a card's cache does not fill with blocks that are just too small.
        const auto roomy = (rows + 255) / 256 * 256 * columns * static_cast<std::int64_t>(options.dtype().itemsize());
        m_storage = at::empty({roomy}, options.dtype(at::kByte));
    }
    return m_storage.narrow(0, 0, bytes).view(options.dtype().toScalarType()).view({rows, columns});
}

}
