// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "families/model_spec.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace attune::model {

/// Where a frozen weight's values come from when it is not held in the compute type: quantised codes
/// (NF4, int8, blocks of a GGUF file), or another float type. Immutable; asked again in every product, also
/// in the backward pass, so that no wide copy stays.
class WeightSource
{
public:
    virtual ~WeightSource() = default;
    /// The values [out, in] in this type on the model's device.
    virtual at::Tensor weight(at::ScalarType type) const = 0;
    /// Writes the values into out [out, in], whose rows may lie apart, in its type.
    virtual void expand(const at::Tensor& out) const { out.copy_(weight(out.scalar_type())); }
    /// x W^T where there is a way without the whole weight at once; undefined = use weight().
    virtual at::Tensor product(const at::Tensor& /*x*/) const { return {}; }
    /// Rows ids (int64 [T]) of the weight in this type (an embedding table).
    virtual at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const;
    virtual std::uint64_t bytes() const = 0;  ///< held in memory
};

/// The source of a slot's values; null for slots that are held in the compute type. May be empty.
using GiveSource = std::function<Result<std::shared_ptr<const WeightSource>>(const families::TensorSlot&)>;

}
