// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/pooling.h"
#include "base/file.h"
#include "support/paths.h"

#include <gtest/gtest.h>

using namespace attune;
using families::Pooling;

namespace {

/// A folder with the files that sentence-transformers puts beside a model.
struct SentenceFolder {
    tests::TempDir folder;
    families::ModelSource source;

    explicit SentenceFolder(const std::string& modules, const std::string& pooling = "{}")
    {
        if (!modules.empty())
            folder.write("modules.json", modules);
        fs::create_directories(folder.path("1_Pooling"));
        folder.write("1_Pooling/config.json", pooling);
        source.path = folder.path("");
        source.format = families::ModelFormat::HfFolder;
    }
};

const std::string kModules = R"([{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"})";

}

TEST(Pooling, IsTheNormalisedMeanWhereNothingIsSaid)
{
    const auto pooling = families::poolingOf(SentenceFolder("").source);

    ASSERT_TRUE(pooling);
    EXPECT_EQ(pooling->mode, Pooling::Mode::Mean);
    EXPECT_TRUE(pooling->isNormalised);
}

TEST(Pooling, FollowsTheFilesOfSentenceTransformers)
{
    const auto first = families::poolingOf(SentenceFolder(kModules + "]", R"({"pooling_mode_cls_token": true})").source);
    const auto normalised = families::poolingOf(SentenceFolder(kModules + R"(, {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])", R"({"pooling_mode_mean_tokens": true})").source);

    ASSERT_TRUE(first && normalised);
    EXPECT_EQ(first->mode, Pooling::Mode::First);
    EXPECT_FALSE(first->isNormalised);
    EXPECT_EQ(normalised->mode, Pooling::Mode::Mean);
    EXPECT_TRUE(normalised->isNormalised);
}

TEST(Pooling, RefusesWhatItDoesNotKnow)
{
    EXPECT_FALSE(families::poolingOf(SentenceFolder(kModules + "]", R"({"pooling_mode_weightedmean_tokens": true})").source));
    EXPECT_FALSE(families::poolingOf(SentenceFolder(kModules + R"(, {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}])").source));
    EXPECT_FALSE(families::poolingOf(SentenceFolder("{}").source));
}
