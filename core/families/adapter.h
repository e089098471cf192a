// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_source.h"
#include "formats/peft_adapter.h"

#include <string>

namespace attune::families {

/// Reads an adapter for this model: a PEFT folder, or a GGUF LoRA file, whose tensors then carry HF
/// names, HF row order and a configuration as PEFT would have written it.
/// Errors: ModelMissing, FileCorrupt, AdapterMismatch naming the module that the model lacks or whose
/// shape differs.
Result<formats::PeftAdapter> readAdapter(const std::string& path, const ModelSource& base);

/// Checks that every module of the adapter exists in the model with fitting shapes.
Status checkAdapter(const formats::PeftAdapter& adapter, const ModelSource& base);

/// Why a LoRA adapter of this kind cannot be a GGUF adapter, or empty: DoRA, saved modules, biases
/// and methods other than LoRA have no place there (formats.md §4.9).
std::string reasonAgainstGguf(const formats::PeftAdapter& adapter, const ModelSource& base);

/// Why an adapter of this kind cannot be merged into the base's weights, or empty: virtual tokens and
/// layers between the base's have no place in them.
std::string reasonAgainstMerging(const formats::PeftAdapter& adapter);

/// Writes a LoRA adapter as a GGUF adapter of the base's architecture: rows of B interleaved where the
/// base's are, rsLoRA and per-module scales folded into alpha or B. type: formats::kGgmlF32 or kGgmlF16.
/// Errors: Unsupported with that reason, DiskFull, DiskWrite.
Status writeGgufLora(const std::string& path, const formats::PeftAdapter& adapter, const ModelSource& base, int type);

}
