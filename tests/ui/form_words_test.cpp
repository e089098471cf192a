// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/form_words.h"

#include <gtest/gtest.h>

namespace attune::pages {

TEST(FormWords, NameTheFieldInsteadOfTheKey)
{
    EXPECT_EQ(inFormWords({ErrorCode::RecipeConflict, "objective.teacher: distillation needs a model to learn from.", "Name one.", "", ""}),
        QStringLiteral("Teacher: distillation needs a model to learn from. Name one."));
    EXPECT_EQ(inFormWords({ErrorCode::RecipeConflict, "no.such: key", "", "", ""}), QStringLiteral("no.such: key"));
    EXPECT_EQ(inFormWords({ErrorCode::RecipeConflict, "There is no dataset.", "Import one.", "", ""}), QStringLiteral("There is no dataset. Import one."));
}

TEST(FormWords, SayHowMuchOfAModelTrains)
{
    pipeline::FormChoices choices;
    choices.parameters = 134'515'008;
    const auto hintOf = [&](const char* method, std::int64_t trained) {
        choices.methods = {{.id = method, .trained = trained}};
        pipeline::Recipe recipe;
        EXPECT_TRUE(recipe.setText("method.type", method));
        return hintsFor(recipe, choices, nullptr).value(QStringLiteral("method.type")).text;
    };
    EXPECT_TRUE(hintOf("full", 134'515'008).contains(QStringLiteral(", 100 %"))) << hintOf("full", 134'515'008).toStdString();
    EXPECT_TRUE(hintOf("lora", 4'884'480).contains(QStringLiteral(", 3.6 %"))) << hintOf("lora", 4'884'480).toStdString();
    EXPECT_TRUE(hintOf("freeze", 30'000'000).contains(QStringLiteral(", 22 %"))) << hintOf("freeze", 30'000'000).toStdString();
}

TEST(FormWords, FindTheFieldThatAnErrorIsAbout)
{
    const auto teacher = problemOf({ErrorCode::RecipeConflict, "objective.teacher: distillation needs a model to learn from.", "Name one.", "", ""});
    EXPECT_EQ(teacher.key, QStringLiteral("objective.teacher"));
    EXPECT_EQ(teacher.text, QStringLiteral("Distillation needs a model to learn from. Name one."));
    const auto kept = problemOf({ErrorCode::RecipeConflict, "model.quantization is keep, but x is no GGUF file.", "", "", ""});
    EXPECT_EQ(kept.key, QStringLiteral("model.quantization"));
    EXPECT_EQ(kept.text, QStringLiteral("model.quantization is keep, but x is no GGUF file."));
    EXPECT_TRUE(problemOf({ErrorCode::RecipeConflict, "There is no dataset.", "Import one.", "", ""}).key.isEmpty());
}

TEST(FormWords, MarkTheDatasetWhoseFileIsNotWhatItWas)
{
    const Error gone {ErrorCode::SourceChanged, "The file a.csv of the dataset a is gone.", "Put it back, or import it from its new place with --replace.", "", ""};
    EXPECT_EQ(problemOf(gone).key, QStringLiteral("data.train"));
    EXPECT_EQ(problemOf(gone.in("data.eval")).key, QStringLiteral("data.eval"));
    EXPECT_EQ(problemOf(gone).text, QStringLiteral("The file a.csv of the dataset a is gone. Put back what was imported, or import the file again on the page of the dataset."));
    EXPECT_EQ(inFormWords(gone), QStringLiteral("The rows of the dataset cannot be read."));
}

}
