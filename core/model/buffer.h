// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace attune::model {

/// A buffer that grows to the largest size asked for and is handed out as views: steady state
/// allocates nothing, so that the memory of a run is flat from the first full step on.
class Buffer
{
public:
    /// rows × columns of the given type; contents undefined.
    at::Tensor take(std::int64_t rows, std::int64_t columns, const at::TensorOptions& options);
    void release() { m_storage.reset(); }
    /// How often any buffer of the process was given other memory: addresses taken before the last time may be stale.
    static std::uint64_t moves();

private:
    at::Tensor m_storage;  ///< bytes
};

}
