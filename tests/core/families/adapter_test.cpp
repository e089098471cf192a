// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/adapter.h"

#include "base/file.h"
#include "formats/gguf_adapter.h"
#include "support/paths.h"

#include <gtest/gtest.h>

using namespace attune;

namespace {

std::string golden(const std::string& name)
{
    return tests::sourceDir() + "/tests/golden/formats/" + name;
}

const families::ModelSource& tiny()
{
    static const auto source = families::openModel(golden("tiny_llama")).value();
    return source;
}

std::vector<float> values(const formats::GgufTensor& tensor)
{
    std::vector<float> list(static_cast<std::size_t>(tensor.count()));
    EXPECT_TRUE(dequantise(tensor, list));
    return list;
}

}

TEST(LlamaFolder, ReadsRotaryScalingOfTransformers5)
{
    const auto& spec = tiny().spec;

    EXPECT_TRUE(tiny().isTrainable) << tiny().reason;
    EXPECT_EQ(spec.rope.kind, families::RopeSpec::Kind::Llama3);
    EXPECT_EQ(spec.rope.theta, 500000.0);
    EXPECT_EQ(spec.rope.factor, 8.0);
    EXPECT_EQ(spec.rope.originalContext, 1024);
    EXPECT_EQ(spec.headDim, 8);
    EXPECT_FALSE(spec.tiedEmbeddings);
}

TEST(PeftNames, LoseTheirWrappers)
{
    for (const auto& [name, module, part] : std::vector<std::tuple<std::string, std::string, std::string>> {
             {"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", "model.layers.0.self_attn.q_proj", "lora_A"},
             {"base_model.model.model.layers.0.self_attn.q_proj.lora_B.default.weight", "model.layers.0.self_attn.q_proj", "lora_B"},
             {"model.layers.0.mlp.up_proj.lora_A.weight", "model.layers.0.mlp.up_proj", "lora_A"},
             {"base_model.model.x.lora_B.bias", "x", "lora_B.bias"},
             {"base_model.model.x.lora_magnitude_vector.default.weight", "x", "lora_magnitude_vector"},
             {"base_model.model.x.lora_magnitude_vector", "x", "lora_magnitude_vector"},
             {"base_model.model.model.embed_tokens.lora_embedding_A", "model.embed_tokens", "lora_embedding_A"},
             {"base_model.model.score.modules_to_save.default.weight", "score", "weight"},
             {"base_model.model.score.weight", "score", "weight"},
             {"base_model.model.x.base_layer.bias", "x", "bias"},
             {"base_model.model.x.ia3_l", "x", "ia3_l"},
             {"prompt_embeddings", "", "prompt_embeddings"},
         }) {
        const auto split = formats::splitPeftName(name);
        EXPECT_EQ(split.module, module) << name;
        EXPECT_EQ(split.part, part) << name;
    }
}

TEST(PeftAdapter, WritesWhatPeftWrote)
{
    const auto adapter = formats::PeftAdapter::open(golden("tiny_lora"));
    ASSERT_TRUE(adapter) << adapter.error().message;
    tests::TempDir folder;

    ASSERT_TRUE(adapter->write(folder.path("copy")));

    EXPECT_EQ(readFile(folder.path("copy/adapter_model.safetensors")).value(), readFile(golden("tiny_lora/adapter_model.safetensors")).value());
    EXPECT_EQ(adapter->loraModules().size(), 12u);
    EXPECT_EQ(adapter->scaleOf("model.layers.0.self_attn.q_proj"), 2.5);
}

TEST(PeftAdapter, TakesRankAndAlphaPatternsAndRsLora)
{
    formats::PeftAdapter adapter(Json {{"peft_type", "LORA"}, {"r", 4}, {"lora_alpha", 8}, {"use_rslora", true}, {"alpha_pattern", {{"q_proj", 6}, {"layers.1.*v_proj", 10}}}});
    for (const char* module : {"model.layers.0.q_proj", "model.layers.1.v_proj", "model.layers.0.v_proj"})
        adapter.add(module, "lora_A", {9, 2}, std::vector<float>(18));

    EXPECT_DOUBLE_EQ(adapter.scaleOf("model.layers.0.q_proj"), 2.0);
    EXPECT_DOUBLE_EQ(adapter.scaleOf("model.layers.1.v_proj"), 10.0 / 3.0);
    EXPECT_DOUBLE_EQ(adapter.scaleOf("model.layers.0.v_proj"), 8.0 / 3.0) << "the tensor's rank wins over r";
}

TEST(PeftAdapter, RefusesHalfAPair)
{
    tests::TempDir folder;
    formats::PeftAdapter adapter(Json {{"peft_type", "LORA"}});
    adapter.add("x", "lora_A", {2, 2}, {1, 2, 3, 4});
    ASSERT_TRUE(adapter.write(folder.path()));

    const auto opened = formats::PeftAdapter::open(folder.path());

    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::FileCorrupt);
}

TEST(GgufAdapter, EqualsTheOneThatLlamaCppConverts)
{
    const auto peft = families::readAdapter(golden("tiny_lora"), tiny());
    ASSERT_TRUE(peft) << peft.error().message;
    tests::TempDir folder;

    ASSERT_TRUE(families::writeGgufLora(folder.path("own.gguf"), *peft, tiny(), formats::kGgmlF32));

    const auto own = formats::GgufAdapter::open(folder.path("own.gguf"));
    const auto reference = formats::GgufAdapter::open(golden("tiny_lora.gguf"));
    ASSERT_TRUE(own && reference);
    EXPECT_EQ(own->alpha, reference->alpha);
    EXPECT_EQ(own->architecture, reference->architecture);
    ASSERT_EQ(own->pairs.size(), reference->pairs.size());
    for (std::size_t i = 0; i < own->pairs.size(); ++i) {
        EXPECT_EQ(own->pairs[i].base, reference->pairs[i].base);
        EXPECT_EQ(own->pairs[i].a->shape, reference->pairs[i].a->shape);
        EXPECT_EQ(values(*own->pairs[i].a), values(*reference->pairs[i].a)) << own->pairs[i].base;
        EXPECT_EQ(values(*own->pairs[i].b), values(*reference->pairs[i].b)) << own->pairs[i].base;
    }
}

TEST(GgufAdapter, ReadsBackAsThePeftAdapterItCameFrom)
{
    const auto peft = families::readAdapter(golden("tiny_lora"), tiny());
    const auto gguf = families::readAdapter(golden("tiny_lora.gguf"), tiny());

    ASSERT_TRUE(gguf) << gguf.error().message;
    ASSERT_EQ(gguf->tensors().size(), peft->tensors().size());
    for (const auto& tensor : peft->tensors()) {
        ASSERT_NE(gguf->find(tensor.module, tensor.part), nullptr) << tensor.module;
        EXPECT_EQ(gguf->find(tensor.module, tensor.part)->values().value(), tensor.values().value()) << tensor.module;
        EXPECT_EQ(gguf->scaleOf(tensor.module), peft->scaleOf(tensor.module));
    }
}

TEST(GgufAdapter, FoldsScalesThatDifferIntoB)
{
    formats::PeftAdapter adapter(Json {{"peft_type", "LORA"}, {"r", 2}, {"lora_alpha", 4}, {"alpha_pattern", {{"v_proj", 12}}}});
    for (const char* name : {"o_proj", "v_proj"}) {
        const std::string module = std::string("model.layers.0.self_attn.") + name;
        const std::int64_t out = std::string(name) == "v_proj" ? 16 : 32;
        adapter.add(module, "lora_A", {2, 32}, std::vector<float>(64, 1.0f));
        adapter.add(module, "lora_B", {out, 2}, std::vector<float>(static_cast<std::size_t>(out) * 2, 1.0f));
    }
    tests::TempDir folder;

    ASSERT_TRUE(families::writeGgufLora(folder.path("a.gguf"), adapter, tiny(), formats::kGgmlF32));
    const auto file = formats::GgufAdapter::open(folder.path("a.gguf"));

    ASSERT_TRUE(file);
    EXPECT_EQ(file->alpha, 4.0);
    EXPECT_EQ(values(*file->pairs[0].b).front(), 1.0f);  // attn_output
    EXPECT_EQ(values(*file->pairs[1].b).front(), 3.0f);  // attn_v: 12 / 4
}

TEST(GgufAdapter, SaysWhatItCannotHold)
{
    formats::PeftAdapter dora(Json {{"peft_type", "LORA"}, {"use_dora", true}});
    formats::PeftAdapter saved(Json {{"peft_type", "LORA"}});
    saved.add("score", "weight", {2, 32}, std::vector<float>(64));

    EXPECT_NE(families::reasonAgainstGguf(dora, tiny()).find("DoRA"), std::string::npos);
    EXPECT_NE(families::reasonAgainstGguf(saved, tiny()).find("score"), std::string::npos);
}

TEST(Adapter, MustFitTheModel)
{
    formats::PeftAdapter adapter(Json {{"peft_type", "LORA"}});
    adapter.add("model.layers.0.self_attn.q_proj", "lora_A", {2, 31}, std::vector<float>(62));
    adapter.add("model.layers.0.self_attn.q_proj", "lora_B", {32, 2}, std::vector<float>(64));

    const auto status = families::checkAdapter(adapter, tiny());

    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::AdapterMismatch);
    EXPECT_NE(status.error().message.find("q_proj"), std::string::npos);
}
