// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/family.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

using namespace attune;
using families::Family;

namespace {

class EveryFamily : public testing::TestWithParam<const Family*>
{
protected:
    /// What the class defaults of transformers describe, with few layers and both heads tied and untied.
    static families::ModelSpec spec(const Family& family, bool isTied)
    {
        Json config {{"architectures", {family.hfArchitectures.front()}}, {"num_hidden_layers", 3}, {"n_layer", 3}, {"n_layers", 3}, {"num_layers", 3}, {"tie_word_embeddings", isTied}};
        if (!family.hfModelTypes.empty())
            config["model_type"] = family.hfModelTypes.front();
        auto spec = family.fromConfig(config);
        EXPECT_TRUE(spec) << spec.error().message;
        spec->family = family.id;
        return *spec;
    }
};

}

TEST_P(EveryFamily, IsFoundByItsNames)
{
    const Family& family = *GetParam();

    EXPECT_TRUE(std::regex_match(family.id, std::regex("[a-z][a-z0-9_]*")));
    EXPECT_EQ(families::findById(family.id), &family);
    for (const auto& name : family.hfArchitectures)
        EXPECT_EQ(families::findByConfig(Json {{"architectures", {name}}}), &family) << name;
    for (const auto& name : family.ggufArchitectures)
        // Several families may be converted to one architecture; the first then reads it.
        EXPECT_TRUE(families::findByGguf(name) == &family || (families::findByGguf(name) && families::findByGguf(name)->id < family.id)) << name;
    EXPECT_FALSE(family.displayName.empty());
    EXPECT_FALSE(family.reference.empty());
}

TEST_P(EveryFamily, NamesEveryTensorOneToOne)
{
    for (const bool isTied : {false, true}) {
        const auto slots = GetParam()->tensors(spec(*GetParam(), isTied));
        std::set<std::string> names, ggufNames;
        std::size_t withGguf = 0;
        for (const auto& slot : slots) {
            names.insert(slot.name);
            if (!slot.ggufName.empty()) {
                ++withGguf;
                ggufNames.insert(slot.ggufName);
                EXPECT_LE(slot.ggufName.size(), 63u) << "GGUF holds at most 63 bytes";
            }
            for (const auto dimension : slot.shape)
                EXPECT_GT(dimension, 0) << slot.name;
            EXPECT_TRUE(!slot.isLinear || slot.shape.size() == 2) << slot.name;
        }
        EXPECT_EQ(names.size(), slots.size());
        EXPECT_EQ(ggufNames.size(), withGguf);
        EXPECT_GT(families::parameterCount(slots), 0);
    }
}

TEST_P(EveryFamily, ReadsTheConfigThatItWrites)
{
    const auto first = spec(*GetParam(), false);

    const Json written = GetParam()->toConfig(first);
    const auto again = GetParam()->fromConfig(written);

    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(toLine(GetParam()->toConfig(*again)), toLine(written));
    EXPECT_EQ(families::findByConfig(written), GetParam());
    EXPECT_EQ(again->layers, first.layers);
    EXPECT_EQ(families::parameterCount(GetParam()->tensors(*again)), families::parameterCount(GetParam()->tensors(first)));
}

TEST_P(EveryFamily, RefusesSizesThatMakeNoSense)
{
    for (const char* key : {"num_hidden_layers", "n_layer", "n_layers"})
        for (const Json& value : {Json(0), Json(-1), Json(1e300), Json("many"), Json(1'000'000'000'000ll)}) {
            Json config {{"architectures", {GetParam()->hfArchitectures.front()}}};
            config[key] = value;
            const auto result = GetParam()->fromConfig(config);
            if (result)
                EXPECT_LE(result->layers, 10'000) << key << " " << value;
            else
                EXPECT_EQ(result.error().code, ErrorCode::ModelCorrupt);
        }
}

INSTANTIATE_TEST_SUITE_P(Families, EveryFamily, testing::ValuesIn(families::all().begin(), families::all().end()),
    [](const auto& family) { return family.param->id; });
