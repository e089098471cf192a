// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/schema/sections.h"

namespace attune::pipeline::schema {

std::vector<Option> modelOptions()
{
    return {
        {.key = "model.base", .type = OptionType::Text, .defaultValue = Json(), .label = "Base model",
            .help = "The model that is fine-tuned: a registered name, a GGUF file, a Hugging Face folder, or a finished run.", .group = "model",
            .isNullable = true},
        {.key = "model.adapter", .type = OptionType::Text, .defaultValue = Json(), .label = "Start from adapter",
            .help = "A PEFT folder, a GGUF adapter or a run to continue from. Its own rank, alpha and targets win over those set here.",
            .group = "model", .isNullable = true, .isExpert = true},
        {.key = "model.dtype", .type = OptionType::Choice, .defaultValue = "auto", .label = "Compute type",
            .help = "The number format of weights and activations. bfloat16 halves the memory and is several times faster where the hardware has it; "
                    "adapters and optimizer states stay float32.",
            .choices = {{"auto", "Automatic", "bfloat16 where the device multiplies it in hardware, else float32; float32 on a CPU for a GGUF file's own blocks."},
                {"float32", "float32", "Exact and slow; for comparisons with other programs."},
                {"bfloat16", "bfloat16", "Fast and safe where the hardware has it; on a CPU without it only storage is halved."},
                {"float16", "float16", "For GPUs older than sm_80; on a CPU only the storage format."}},
            .group = "memory"},
        {.key = "model.quantization", .type = OptionType::Choice, .defaultValue = "none", .label = "Quantise the base",
            .help = "Keeps the frozen base weights in fewer bits while an adapter is trained on them: less memory, a little less precision.",
            .choices = {{"none", "No", "Weights in the compute type."},
                {"int8", "8 bits", "A quarter of float32, hardly any loss: each output's weights are scaled by their largest."},
                {"nf4", "4 bits (NF4)", "An eighth of float32; QLoRA (Dettmers et al. 2023), with double quantisation."},
                {"keep", "As in the GGUF", "Trains on the file's own blocks, so that the adapter fits exactly that file."}},
            .group = "memory", .isExpert = true},
    };
}

}
