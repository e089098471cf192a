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

TEST(FormWords, SayWhatAFieldTakes)
{
    const auto said = [](const char* key, const char* typed, const Json& example) {
        pipeline::Recipe recipe;
        const auto status = recipe.setText(key, typed);
        return status ? std::string() : wrongValue(*pipeline::recipeSchema().find(key), QString::fromUtf8(typed), status.error(), example).toStdString();
    };
    EXPECT_EQ(said("training.learning_rate", "abc", 2e-4), "Learning rate must be a number, e.g. 2e-4");
    EXPECT_EQ(said("training.learning_rate", "5000", 2e-4).find("training."), std::string::npos);
    EXPECT_EQ(said("training.batch_size", "1.5", 8), "Batch size must be a whole number, e.g. 8");
    EXPECT_EQ(said("training.batch_size", "", 8), "Batch size must be a whole number, e.g. 8");
    EXPECT_EQ(said("training.batch_size", "8", 8), "");
}

TEST(FormWords, SayHowMuchOfAModelTrains)
{
    pipeline::FormChoices choices;
    choices.parameters = 134'515'008;
    const auto hintOf = [&](const char* method, std::int64_t trained) {
        choices.methods.resize(1);
        choices.methods.front().id = method;
        choices.methods.front().trained = trained;
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
    const auto kept = problemOf({ErrorCode::RecipeConflict, "data.max_length is 9000, but the model takes 2048.", "", "", ""});
    EXPECT_EQ(kept.key, QStringLiteral("data.max_length"));
    EXPECT_EQ(kept.text, QStringLiteral("Context is 9000, but the model takes 2048."));
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
