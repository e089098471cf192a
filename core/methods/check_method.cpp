// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"

#include <fmt/format.h>

namespace attune::methods {
namespace {

using families::ModelSource;

Status checkQuantisation(const ModelSource& model, const Method& method, const std::string& quantization)
{
    if (quantization == "none" || quantization.empty())
        return {};
    if (!method.canQuantise)
        return fail(ErrorCode::RecipeConflict, fmt::format("model.quantization: \"{}\" trains the model's own weights, which need their full precision.", method.displayName),
            "Quantise nothing (none), or train an adapter such as LoRA.");
    if (quantization == "keep" && model.format != families::ModelFormat::Gguf)
        return fail(ErrorCode::RecipeConflict, fmt::format("model.quantization: {} is no GGUF file, so there are no blocks to keep.", model.name), "Choose 4 or 8 bits (nf4, int8), or a GGUF file.");
    return {};
}

}

Status checkMethod(const ModelSource& model, const std::string& id, const Values& values, const std::string& quantization)
{
    const Method* method = findById(id);
    if (!method)
        return fail(ErrorCode::RecipeValue, fmt::format("method.type \"{}\" is not in this version.", id), "`attune recipe schema` lists the methods.");
    if (!method->isAvailable)
        return fail(ErrorCode::RecipeValue, fmt::format("This version cannot train with {} yet.", method->displayName), "Use LoRA.");
    ATTUNE_RETURN_IF_ERROR(checkQuantisation(model, *method, quantization));
    if (!model.family || !method->check)
        return {};
    return method->check(model.spec, model.family->tensors(model.spec), values);
}

}
