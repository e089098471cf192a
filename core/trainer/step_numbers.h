// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

#include <optional>

namespace attune::trainer {

/// The loss and the gradient norm of a step on their way to the host. On a device they are copied behind the step into pinned
/// memory, so that reading them waits for that step alone and not for the next one, which is queued by then: the device never
/// waits for the host. For the training thread.
class StepNumbers
{
public:
    /// loss, norm: scalars on one device, of work that may still be queued.
    StepNumbers(const at::Tensor& loss, const at::Tensor& norm);

    struct Values {
        double loss = 0, norm = 0;
    };
    /// Waits for the step.
    Values read() const;

private:
    at::Tensor m_values;  ///< [2] float64 on the host
    std::optional<c10::Event> m_copied;
};

}
