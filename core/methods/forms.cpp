// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/forms.h"

namespace attune::methods {

std::string formsOf(const Method& method, const families::ModelSpec& spec, const Values& values)
{
    const std::string all = method.canBecome(spec, values);
    const auto says = [&](const char* words) { return all.find(words) != std::string::npos; };
    if (method.savesModel)
        return says("GGUF file") ? "whole model: GGUF, safetensors" : "whole model: safetensors only";
    const bool merges = says("merged model"), mergesToGguf = says("merged model as safetensors, GGUF");
    if (says("a GGUF adapter for llama.cpp"))
        return "GGUF adapter, merged GGUF";
    if (!merges)
        return "adapter folder only";
    return mergesToGguf ? "merged GGUF, safetensors" : "safetensors only";
}

}
