// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/engine.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::engine {

/// Engine::logits: a safetensors file with a float32 tensor [T, V] named "0", "1", … for each list of
/// ids. One sequence is computed and written at a time. Errors: those of loading, Usage for an id
/// outside the vocabulary or an empty list, DiskFull, DiskWrite, Cancelled. May throw as CausalLm does.
Status writeLogits(const pipeline::ModelWithAdapter& model, const std::vector<std::vector<std::int32_t>>& sequences,
    const std::string& out, const JobContext& context);

}
