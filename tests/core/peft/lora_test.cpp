// SPDX-License-Identifier: GPL-3.0-or-later
#include "../model/tiny_model.h"
#include "formats/peft_adapter.h"
#include "peft/peft_method.h"
#include "support/paths.h"

#include <gtest/gtest.h>

namespace attune::tests {
namespace {

const std::vector<std::int32_t> kIds {5, 9, 1, 33, 7, 2};

std::unique_ptr<model::Decoder> freshModel()
{
    auto model = tinyModel();
    model->source.spec = model->spec();
    model->source.family = families::findById("llama");
    model->source.isTrainable = true;
    return model;
}

void moveAdapter(model::Decoder& model)
{
    torch::manual_seed(11);
    for (auto* parameter : model.parameters())
        parameter->value.add_(0.1 * torch::randn_like(parameter->value));
    model.parametersChanged();
}

TEST(Lora, ChangesNothingWhenFresh)
{
    const auto model = freshModel();
    const auto before = model->logits(kIds);

    ASSERT_TRUE(model::addAdapter(*model, "lora", {{"r", 4}, {"lora_alpha", 8.0}}, 1));

    EXPECT_LT((model->logits(kIds) - before).abs().max().item<double>(), 1e-5);
    EXPECT_EQ(model->parameters().size(), 42u);
}

TEST(Lora, StartsAAsPeftDoes)
{
    const auto model = freshModel();
    ASSERT_TRUE(model::addAdapter(*model, "lora", {{"r", 64}}, 1));

    const auto& a = model->findLinear("model.layers.1.mlp.down_proj")->adapter->a.value;  // [64, 48]
    EXPECT_LE(a.abs().max().item<double>(), 1 / std::sqrt(48.0));
    EXPECT_NEAR(a.std().item<double>(), 1 / std::sqrt(48.0 * 3), 0.01);
    EXPECT_EQ(model->findLinear("model.layers.1.mlp.down_proj")->adapter->b.value.abs().max().item<double>(), 0);
}

TEST(Lora, ScalesByAlphaAndRank)
{
    const auto model = freshModel();
    ASSERT_TRUE(model::addAdapter(*model, "lora", {{"r", 16}, {"lora_alpha", 8.0}, {"use_rslora", true}, {"target_modules", {"attn_q"}}}, 1));

    EXPECT_DOUBLE_EQ(model->findLinear("model.layers.0.self_attn.q_proj")->adapter->scaling, 2.0);
    EXPECT_EQ(model->findLinear("model.layers.0.self_attn.k_proj")->adapter, nullptr);
    EXPECT_EQ(model->parameters().size(), 6u);
}

TEST(Lora, ComesBackFromItsFolder)
{
    const TempDir folder;
    const auto model = freshModel();
    ASSERT_TRUE(model::addAdapter(*model, "lora", {{"r", 4}, {"rank_pattern", {{"mlp_down", 6}}}, {"lora_dropout", 0.25}}, 1));
    moveAdapter(*model);

    const auto saved = model->save(folder.path("adapter"), "base-model");
    ASSERT_TRUE(saved) << saved.error().message;
    const auto other = freshModel();
    const auto adapter = formats::PeftAdapter::open(folder.path("adapter"));
    ASSERT_TRUE(adapter);
    const auto loaded = peft::findById("lora")->load(*other, *adapter, true);

    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_TRUE(torch::equal(other->logits(kIds), model->logits(kIds)));
    EXPECT_EQ(adapter->config()["base_model_name_or_path"], "base-model");
    EXPECT_EQ(adapter->config()["inference_mode"], true);
    EXPECT_EQ(other->findLinear("model.layers.0.mlp.down_proj")->adapter->dropout, 0.25);
    ASSERT_EQ(other->parameters().size(), model->parameters().size());
    for (std::size_t i = 0; i < other->parameters().size(); ++i) {
        EXPECT_EQ(other->parameters()[i]->name, model->parameters()[i]->name);
        EXPECT_TRUE(torch::equal(other->parameters()[i]->value, model->parameters()[i]->value));
    }
}

TEST(Lora, NamesTheTensorThatDoesNotFit)
{
    formats::PeftAdapter adapter(Json {{"peft_type", "LORA"}, {"r", 2}, {"lora_alpha", 4}});
    adapter.add("model.layers.0.self_attn.q_proj", "lora_A", {2, 40}, std::vector<float>(80));
    adapter.add("model.layers.0.self_attn.q_proj", "lora_B", {32, 2}, std::vector<float>(64));

    const auto model = freshModel();
    const auto loaded = peft::findById("lora")->load(*model, adapter, false);

    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::AdapterMismatch);
    EXPECT_NE(loaded.error().message.find("model.layers.0.self_attn.q_proj.lora_A has the shape [2, 40], the base model needs [2, 32]"), std::string::npos) << loaded.error().message;
}

TEST(Lora, TrainsNothingThatWasLoadedForUse)
{
    formats::PeftAdapter adapter(Json {{"peft_type", "LORA"}, {"r", 2}, {"lora_alpha", 4}});
    adapter.add("model.layers.0.self_attn.q_proj", "lora_A", {2, 32}, std::vector<float>(64, 0.1f));
    adapter.add("model.layers.0.self_attn.q_proj", "lora_B", {32, 2}, std::vector<float>(64, 0.1f));
    const auto model = freshModel();
    const auto before = model->logits(kIds);

    ASSERT_TRUE(peft::findById("lora")->load(*model, adapter, false));

    EXPECT_TRUE(model->parameters().empty());
    EXPECT_GT((model->logits(kIds) - before).abs().max().item<double>(), 1e-4);
    model->setAdapterScale(0);
    EXPECT_LT((model->logits(kIds) - before).abs().max().item<double>(), 1e-5);
}

TEST(Full, SavesAFolderThatLoadsAgain)
{
    const TempDir folder;
    TinyOptions options;
    options.placement.trainsBase = true;
    const auto model = tinyModel(tinySpec(), options);
    model->source.family = families::findById("llama");
    ASSERT_TRUE(model::addAdapter(*model, "full", Json::object(), 1));
    moveAdapter(*model);

    const auto saved = model->save(folder.path("model"), "base");
    ASSERT_TRUE(saved) << saved.error().message;
    const auto source = families::openModel(folder.path("model"));
    ASSERT_TRUE(source) << source.error().message;
    auto loaded = model::loadModel(*source, {}, JobContext {});

    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_TRUE(torch::equal((*loaded)->logits(kIds), model->logits(kIds)));
}

}
}
