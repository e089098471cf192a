// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/weights.h"
#include "model/weight_source.h"

namespace attune::model {

/// A frozen weight that stays as the GGUF file's own blocks (Q4_0 … Q8_0, k-quants): the mapped file itself
/// where its rows lie in the order of Hugging Face, else a copy of the blocks with the rows put in order. Each
/// product expands it again with ggml's routines, so the adapter is trained against exactly that file.
/// Null for weights that the file does not quantise. weights: kept as long as the source lives.
/// Errors: ModelCorrupt.
Result<std::shared_ptr<const WeightSource>> ggufBlocks(const std::shared_ptr<const families::Weights>& weights, const families::TensorSlot& slot, at::Device device);

}
