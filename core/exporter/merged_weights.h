// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "exporter/target.h"
#include "families/model_spec.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace attune::exporter {

/// The slots that an export writes: all of the model, without a head that is tied.
std::vector<families::TensorSlot> slotsToWrite(const families::ModelSource& base, const TrainedModel& trained);

/// One merged weight, float32 on the CPU, in Hugging Face order.
at::Tensor mergedWeight(const TrainedModel& trained, const families::TensorSlot& slot);

/// The same as a llama.cpp file holds it: rows of Q and K interleaved, "1 + w" norms.
at::Tensor toGgufOrder(at::Tensor weight, const families::TensorSlot& slot, const families::ModelSpec& spec);

/// Refuses with DiskFull before hours of work when `bytes` do not fit on the disk of `path`.
Status checkFreeDisk(const std::string& path, std::uint64_t bytes);

}
