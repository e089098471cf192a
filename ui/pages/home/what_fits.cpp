// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/home/what_fits.h"

#include "families/family.h"
#include "families/model_source.h"
#include "pipeline/forecast.h"

namespace attune::pages {

namespace {

/// Public configurations of the Qwen2.5 family and of Llama 3.1, which stand for their size.
struct Shape { const char* size; const char* config; };
constexpr Shape kShapes[] = {
    {"0.1–0.5 B", R"({"architectures":["Qwen2ForCausalLM"],"hidden_size":896,"intermediate_size":4864,"num_hidden_layers":24,"num_attention_heads":14,"num_key_value_heads":2,"vocab_size":151936,"max_position_embeddings":32768,"rms_norm_eps":1e-6,"rope_theta":1000000.0,"tie_word_embeddings":true,"hidden_act":"silu"})"},
    {"1.5 B", R"({"architectures":["Qwen2ForCausalLM"],"hidden_size":1536,"intermediate_size":8960,"num_hidden_layers":28,"num_attention_heads":12,"num_key_value_heads":2,"vocab_size":151936,"max_position_embeddings":32768,"rms_norm_eps":1e-6,"rope_theta":1000000.0,"tie_word_embeddings":true,"hidden_act":"silu"})"},
    {"3 B", R"({"architectures":["Qwen2ForCausalLM"],"hidden_size":2048,"intermediate_size":11008,"num_hidden_layers":36,"num_attention_heads":16,"num_key_value_heads":2,"vocab_size":151936,"max_position_embeddings":32768,"rms_norm_eps":1e-6,"rope_theta":1000000.0,"tie_word_embeddings":true,"hidden_act":"silu"})"},
    {"7–8 B", R"({"architectures":["LlamaForCausalLM"],"hidden_size":4096,"intermediate_size":14336,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"vocab_size":128256,"max_position_embeddings":131072,"rms_norm_eps":1e-5,"rope_theta":500000.0,"tie_word_embeddings":false,"hidden_act":"silu"})"},
};
struct Way { const char* method; const char* quantization; };
constexpr Way kWays[] = {{"lora", "nf4"}, {"lora", "none"}, {"full", "none"}};

Result<families::ModelSource> sourceOf(const Shape& shape)
{
    ATTUNE_TRY(const auto config, parseJson(shape.config));
    const auto* family = families::findByConfig(config);
    families::ModelSource source;
    source.family = family;
    source.format = families::ModelFormat::HfFolder;
    source.isTrainable = true;
    ATTUNE_TRY(source.spec, family->fromConfig(config));
    source.parameters = families::parameterCount(family->tensors(source.spec));
    source.storedType = "bfloat16";
    return source;
}

Result<planner::MemoryPlan> planOf(const families::ModelSource& source, const Way& way)
{
    pipeline::Recipe recipe;
    ATTUNE_RETURN_IF_ERROR(recipe.set("method.type", way.method));
    ATTUNE_RETURN_IF_ERROR(recipe.set("model.quantization", way.quantization));
    ATTUNE_RETURN_IF_ERROR(recipe.set("model.dtype", "bfloat16"));
    ATTUNE_RETURN_IF_ERROR(recipe.set("data.max_length", 2048));
    ATTUNE_RETURN_IF_ERROR(recipe.set("training.batch_size", 1));
    return pipeline::forecastMemory(recipe, source, nullptr);
}

}

WhatFits whatFits()
{
    WhatFits fits;
    const auto& cards = pipeline::cudaCards();
    fits.isGpu = std::any_of(cards.begin(), cards.end(), [](const auto& card) { return card.isUsable(); });
    for (const auto& shape : kShapes) {
        FitRow row {QString::fromUtf8(shape.size), {}};
        const auto source = sourceOf(shape);
        for (const auto& way : kWays) {
            const auto plan = source ? planOf(*source, way) : Result<planner::MemoryPlan>(source.error());
            row.bytes.push_back(plan ? static_cast<double>(plan->estimateBytes()) : -1);
            if (plan)
                fits.availableBytes = static_cast<double>(plan->availableBytes);
        }
        fits.rows.push_back(std::move(row));
    }
    return fits;
}

}
