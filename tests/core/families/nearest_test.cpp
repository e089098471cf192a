// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/nearest.h"

#include <gtest/gtest.h>

using namespace attune;

TEST(NearestFamily, IsTheOneWhoseWeightsAreNamedAlike)
{
    const auto reason = families::unknownArchitecture("FooForCausalLM",
        {"model.embed_tokens.weight", "model.layers.0.input_layernorm.weight", "model.layers.0.self_attn.qkv_proj.weight", "model.layers.0.self_attn.o_proj.weight",
            "model.layers.0.post_attention_layernorm.weight", "model.layers.0.mlp.gate_up_proj.weight", "model.layers.0.mlp.down_proj.weight",
            "model.layers.0.mlp.router.weight", "model.norm.weight", "lm_head.weight"});

    EXPECT_EQ(reason, "The architecture \"FooForCausalLM\" is not known here. Nearest is Phi-3 and Phi-4, which has no layers.N.mlp.router: "
                      "a description of what these do would be needed.");
}

TEST(NearestFamily, IsFoundByTheNamesOfGguf)
{
    const auto reason = families::unknownArchitecture("foo",
        {"token_embd.weight", "blk.0.attn_norm.weight", "blk.0.attn_norm.bias", "blk.0.attn_qkv.weight", "blk.0.attn_qkv.bias", "blk.0.attn_output.weight",
            "blk.0.attn_output.bias", "blk.0.ffn_norm.weight", "blk.0.ffn_norm.bias", "blk.0.ffn_up.weight", "blk.0.ffn_up.bias", "blk.0.ffn_down.weight",
            "blk.0.ffn_down.bias", "output_norm.weight", "output_norm.bias", "position_embd.weight"});

    EXPECT_EQ(reason, "The architecture \"foo\" is not known here. Its weights are named as those of GPT-2; whether it computes in the same way would have to be described.");
}

TEST(NearestFamily, IsNoneWhereNothingIsAlike)
{
    EXPECT_EQ(families::unknownArchitecture("Rock", {"stone.0.weight"}),
        "The architecture \"Rock\" is not known here. No known family names its weights alike; a description of the family and its layers would be needed.");
}
