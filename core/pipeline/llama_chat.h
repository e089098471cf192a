// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/engine.h"

namespace attune::pipeline {

/// A chat with a GGUF model through llama.cpp instead of our engine: what a user of the exported files
/// gets. A PEFT folder as adapter is converted into a GGUF adapter in a temporary file first.
/// Errors: ModelUnsupported for an HF folder, and those of runner::LlamaRunner::open.
Result<std::unique_ptr<ChatSession>> openLlamaChat(const ModelWithAdapter& model, const JobContext& context);

}
