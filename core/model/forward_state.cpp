// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/forward_state.h"

#include <ATen/ops/empty.h>

namespace attune::model {

at::Tensor Buffer::take(std::int64_t rows, std::int64_t columns, const at::TensorOptions& options)
{
    const auto bytes = rows * columns * static_cast<std::int64_t>(options.dtype().itemsize());
    if (!m_storage.defined() || m_storage.numel() < bytes) {
        m_storage.reset();  // the old one goes first: never both at once
        m_storage = at::empty({bytes}, options.dtype(at::kByte));
    }
    return m_storage.narrow(0, 0, bytes).view(options.dtype().toScalarType()).view({rows, columns});
}

}
