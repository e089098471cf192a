// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/task_head.h"
#include "model/causal_lm.h"

#include <memory>
#include <span>
#include <string>

namespace attune::exporter {

/// A model, its adapter and its head of labels as an export's source or result has them.
struct TrainedModel {
    std::unique_ptr<model::CausalLm> model;
    families::TaskHead head;  ///< none where the model writes text

    /// float32 on the CPU: logits [T, V] of a model that writes text; [1, labels] or [T, labels] of one with a head.
    at::Tensor scores(std::span<const std::int32_t> ids) const;
};

/// adapter: a folder or file, or empty. dtype and quantization: how the base is held, as in a recipe; what they round is seen in
/// scores(). Errors: those of loadModel and loadAdapter, FileCorrupt.
Result<TrainedModel> loadTrained(const families::ModelSource& source, const std::string& adapter, const JobContext& context, const std::string& dtype = "float32",
    const std::string& quantization = "none");

}
