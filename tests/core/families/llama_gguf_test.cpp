// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/model_source.h"
#include "families/weights.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

using namespace attune;

namespace {

const families::ModelSource& starter()
{
    static const auto source = families::openModel(tests::starterModel()).value();
    return source;
}

const families::TensorSlot& slotNamed(const std::vector<families::TensorSlot>& slots, const std::string& name)
{
    return *std::find_if(slots.begin(), slots.end(), [&](const auto& slot) { return slot.name == name; });
}

}

TEST(ModelSource, DescribesTheStarterModel)
{
    const auto json = starter().toJson();

    EXPECT_EQ(json["architecture"], "llama");
    EXPECT_EQ(json["parameters"], 134515008);  // sum over the file's 272 tensors, by gguf-py
    EXPECT_EQ(json["layers"], 30);
    EXPECT_EQ(json["hidden_size"], 576);
    EXPECT_EQ(json["vocab_size"], 49152);
    EXPECT_EQ(json["context_length"], 8192);
    EXPECT_EQ(json["tokenizer"], "bpe (smollm)");
    EXPECT_EQ(json["chat_template"], true);
    EXPECT_EQ(json["trainable"], true);
    EXPECT_EQ(json["stored_type"], "Q4_1");
}

TEST(ModelSource, ReadsTheSpecOfTheStarterModel)
{
    const auto& spec = starter().spec;

    EXPECT_EQ(spec.heads, 9);
    EXPECT_EQ(spec.kvHeads, 3);
    EXPECT_EQ(spec.headDim, 64);
    EXPECT_EQ(spec.rope.theta, 100000.0);
    EXPECT_TRUE(spec.tiedEmbeddings);
    EXPECT_FALSE(spec.attentionBias);
}

TEST(ModelSource, NamesAVocabularyWithoutWeights)
{
    const auto source = families::openModel(tests::llamaSource() + "/models/ggml-vocab-llama-bpe.gguf").value();

    EXPECT_FALSE(source.isTrainable);
    EXPECT_NE(source.reason.find("no weights"), std::string::npos);
}

TEST(ModelSource, NamesAnUnknownArchitecture)
{
    tests::TempDir folder;
    folder.write("config.json", R"({"architectures":["MambaForCausalLM"],"model_type":"mamba","num_hidden_layers":3,"vocab_size":10})");
    std::string bytes(8, '\0');
    const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
    bytes[0] = static_cast<char>(header.size());
    folder.write("model.safetensors", bytes + header + std::string(8, '\0'));

    const auto source = families::openModel(folder.path());

    ASSERT_TRUE(source) << source.error().message;
    EXPECT_FALSE(source->isTrainable);
    EXPECT_NE(source->reason.find("MambaForCausalLM"), std::string::npos);
    EXPECT_EQ(source->spec.layers, 3);
    EXPECT_EQ(source->parameters, 2);
}

TEST(ModelSource, SaysThatNothingIsThere)
{
    const auto source = families::openModel("/nosuch/model.gguf");

    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().code, ErrorCode::ModelMissing);
    EXPECT_NE(source.error().message.find("/nosuch/model.gguf"), std::string::npos);
}

TEST(Weights, PutInterleavedRowsBack)
{
    // One head of 8: the file's rows are HF's rows 0 4 1 5 2 6 3 7 (formats.md, appendix A).
    const std::vector<std::int64_t> fileHolds {0, 4, 1, 5, 2, 6, 3, 7};
    for (std::int64_t row = 0; row < 8; ++row)
        EXPECT_EQ(fileHolds[static_cast<std::size_t>(families::interleavedRow(row, 8))], row);
}

TEST(Weights, ReadTheSameRowsInPiecesAndAtOnce)
{
    const auto opened = families::Weights::open(starter());
    ASSERT_TRUE(opened);
    const auto& weights = *opened;
    const auto slots = starter().family->tensors(starter().spec);
    const auto& slot = slotNamed(slots, "model.layers.3.self_attn.q_proj.weight");
    std::vector<float> whole(576 * 576), part(576 * 5);

    ASSERT_TRUE(weights.read(slot, whole));
    ASSERT_TRUE(weights.readRows(slot, 70, part));

    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 70 * 576));
    EXPECT_EQ(weights.stored(slot)->typeName, "Q4_1");
    EXPECT_FALSE(weights.rawView(slot).has_value()) << "permuted rows need a copy";
}
