// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_source.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace attune::peft {

/// One weight as Hugging Face lays it out; values are asked for when they are written, one at a time.
struct FolderTensor {
    std::string name;
    std::vector<std::int64_t> shape;
    std::function<at::Tensor()> values;
};

/// The tensor of a slot, turned where HF files hold it transposed.
FolderTensor folderTensor(const families::TensorSlot& slot, std::function<at::Tensor()> values);

/// Writes an HF model folder in float32: weights to the bit, so that a resumed run continues exactly,
/// config.json, and the tokenizer of the base where that is a folder. Errors: DiskFull, DiskWrite.
Status writeModelFolder(const families::ModelSource& source, const families::ModelSpec& spec, const std::vector<FolderTensor>& tensors, const std::string& folder);

}
