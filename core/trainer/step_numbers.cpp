// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/step_numbers.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace attune::trainer {

StepNumbers::StepNumbers(const at::Tensor& loss, const at::Tensor& norm)
{
    const auto values = at::stack({loss.to(at::kDouble), norm.to(at::kDouble)});
    const auto device = values.device();
    if (device.is_cpu()) {
        m_values = values;
        return;
    }
    m_values = at::empty({2}, at::TensorOptions().dtype(at::kDouble).pinned_memory(true));
    m_values.copy_(values, /*non_blocking=*/true);
    m_copied.emplace(device.type());
    m_copied->record(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
}

StepNumbers::Values StepNumbers::read() const
{
    if (m_copied)
        m_copied->synchronize();
    const auto* values = m_values.data_ptr<double>();
    return {values[0], values[1]};
}

}
