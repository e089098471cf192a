// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <cstdint>

namespace attune::model::kernels {

/// Scratch memory on a border of 64 bytes, as the tile units like it, from the allocator of tensors: a limit counts it.
class AlignedRoom
{
public:
    explicit AlignedRoom(std::int64_t bytes)
        : m_bytes(at::empty({bytes + 64}, at::kByte))
    {
    }
    void* data() const { return reinterpret_cast<void*>((reinterpret_cast<std::uintptr_t>(m_bytes.data_ptr()) + 63) / 64 * 64); }

private:
    at::Tensor m_bytes;
};

}
