// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "methods/method.h"

#include <string>

namespace attune::methods {

/// What a method's result can become in a few words, for pickers: "GGUF adapter, merged GGUF", "merged GGUF, safetensors",
/// "safetensors only", "adapter folder only". Read from the method's own canBecome(), so that the two never differ.
std::string formsOf(const Method& method, const families::ModelSpec& spec, const Values& values);

}
