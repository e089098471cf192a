// SPDX-License-Identifier: GPL-3.0-or-later
#include "peft/peft_method.h"

#include "families/adapter.h"
#include "model/decoder.h"

namespace attune::peft {

const PeftMethod* findById(std::string_view id)
{
    for (const auto* method : all()) {
        if (method->id == id)
            return method;
    }
    return nullptr;
}

}

namespace attune::model {

Status addAdapter(CausalLm& model, const std::string& id, const Json& values, std::uint64_t seed)
{
    const auto* method = peft::findById(id);
    if (!method)
        return fail(ErrorCode::RecipeValue, fmt::format("There is no fine-tuning method \"{}\".", id), "Choose one that `attune recipe schema` lists.");
    auto& decoder = dynamic_cast<Decoder&>(model);
    return method->apply(decoder, values, seed);
}

Status loadAdapter(CausalLm& model, const std::string& path, bool isTrainable)
{
    auto& decoder = dynamic_cast<Decoder&>(model);
    ATTUNE_TRY(const auto adapter, families::readAdapter(path, decoder.source));
    for (const auto* method : peft::all()) {
        if (method->load && method->peftType == adapter.type())
            return method->load(decoder, adapter, isTrainable);
    }
    return fail(ErrorCode::Unsupported, fmt::format("{} is an adapter of the type {}, which this version cannot use.", path, adapter.type()),
        "Choose a LoRA adapter.");
}

}
