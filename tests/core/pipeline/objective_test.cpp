// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/objective.h"

#include "base/error.h"
#include "importer/roles.h"
#include "pipeline/packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::pipeline {
namespace {

using importer::ColumnRole;

/// Rows in memory with roles, as an import would give them.
class Table final : public importer::Dataset
{
public:
    Table(std::vector<importer::Column> columns, std::vector<Json> rows) : m_columns(std::move(columns)), m_rows(std::move(rows)) {}
    const std::string& name() const override { return m_name; }
    std::int64_t rows() const override { return static_cast<std::int64_t>(m_rows.size()); }
    const std::vector<importer::Column>& columns() const override { return m_columns; }
    Result<Json> values(std::int64_t row) const override { return m_rows.at(static_cast<std::size_t>(row)); }
    Result<importer::Record> record(std::int64_t row) const override
    {
        importer::Record record;
        record.row = row;
        const auto& values = m_rows.at(static_cast<std::size_t>(row));
        record.text = values.value("text", "");
        record.label = values.value("label", "");
        record.kind = importer::Record::Kind::Labelled;
        return record;
    }
    std::string contentHash() const override { return "hash"; }
    bool isConversational() const override { return false; }

private:
    std::string m_name = "table";
    std::vector<importer::Column> m_columns;
    std::vector<Json> m_rows;
};

importer::Column column(const char* name, ColumnRole role)
{
    return {name, "text", role};
}

Table labelled(std::vector<Json> rows)
{
    return {{column("text", ColumnRole::Text), column("label", ColumnRole::Label)}, std::move(rows)};
}

families::ModelSource modelOf(families::Architecture kind)
{
    families::ModelSource model;
    model.name = "tiny";
    model.spec.kind = kind;
    return model;
}

Recipe recipeOf(const std::vector<std::pair<std::string, Json>>& values)
{
    Recipe recipe;
    for (const auto& [key, value] : values)
        EXPECT_TRUE(recipe.set(key, value)) << key;
    return recipe;
}

}

TEST(Packing, CountsRowsWhereARowIsOneAnswer)
{
    Recipe recipe;
    ASSERT_TRUE(recipe.set("data.packing", true));
    for (const auto& rules : objectiveRules()) {
        ASSERT_TRUE(recipe.set("objective.type", rules.id));
        const bool isCounted = rules.needsHead || rules.shape == tokenizer::RowShape::Preference || rules.shape == tokenizer::RowShape::Feedback;
        EXPECT_EQ(packsRows(recipe), !isCounted) << rules.id;
    }
    ASSERT_TRUE(recipe.set("objective.type", "sft"));
    ASSERT_TRUE(recipe.set("data.packing", false));
    EXPECT_FALSE(packsRows(recipe));
}

TEST(ObjectiveRules, HaveOneForEveryChoiceOfTheRecipe)
{
    const auto* option = recipeSchema().find("objective.type");
    ASSERT_NE(option, nullptr);
    for (const auto& choice : option->choices)
        EXPECT_NE(findObjective(choice.value), nullptr) << choice.value;
    EXPECT_EQ(objectiveRules().size(), option->choices.size());
    for (const auto& rules : objectiveRules())
        for (const auto& metric : rules.metrics)
            EXPECT_THAT(metricNames(), testing::Contains(metric)) << rules.id;
}

TEST(CheckObjective, RefusesRolesThatDoNotFitWithTheColumnsNamed)
{
    const auto status = checkObjective(recipeOf({{"objective.type", "dpo"}}), modelOf(families::Architecture::Decoder), labelled({}));

    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().exitCode(), 3);
    EXPECT_THAT(status.error().message, testing::AllOf(testing::HasSubstr("chosen and rejected answers"), testing::HasSubstr("label (label)")));
}

TEST(CheckObjective, RefusesRowsThatAreNotOfTheKind)
{
    const auto check = [](const char* objective, std::vector<Json> rows) {
        return checkObjective(recipeOf({{"objective.type", objective}, {"eval.metrics", {"loss"}}}), modelOf(families::Architecture::Decoder), labelled(std::move(rows)));
    };

    const auto sentences = check("token_classification", {{{"text", "I lost my card"}, {"label", "lost_card"}}});
    ASSERT_FALSE(sentences) << "a sentence would be trained on as one word";
    EXPECT_EQ(sentences.error().exitCode(), 3);
    EXPECT_THAT(sentences.error().message, testing::HasSubstr("\"Label words\" needs lists of words with lists of labels; the first rows of table have none."));
    EXPECT_TRUE(check("token_classification", {{{"text", "odd"}, {"label", "O"}}, {{"text", "[\"Anna\",\"sings\"]"}, {"label", "[\"PER\",\"O\"]"}}}));
    EXPECT_FALSE(check("regression", {{{"text", "I lost my card"}, {"label", "lost_card"}}}));
    EXPECT_TRUE(check("regression", {{{"text", "good"}, {"label", "4.5"}}}));
}

TEST(CheckObjective, RefusesAnArchitectureThatCannotLearnIt)
{
    const auto status = checkObjective(recipeOf({{"objective.type", "mlm"}}), modelOf(families::Architecture::Decoder), labelled({}));

    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().exitCode(), 3);
    EXPECT_THAT(status.error().message, testing::HasSubstr("a decoder"));
    EXPECT_THAT(status.error().message, testing::HasSubstr("Fill gaps"));
    EXPECT_THAT(status.error().hint, testing::HasSubstr("Classify"));
}

TEST(CheckObjective, RefusesMetricsThatItCannotMeasure)
{
    const auto model = modelOf(families::Architecture::Decoder);
    const auto unfit = checkObjective(recipeOf({{"objective.type", "classification"}, {"eval.metrics", {"reward_accuracy"}}}), model, labelled({}));
    const auto unknown = checkObjective(recipeOf({{"objective.type", "classification"}, {"eval.metrics", {"acuracy"}}}), model, labelled({}));
    const auto fit = checkObjective(recipeOf({{"objective.type", "classification"}, {"eval.metrics", {"f1_micro", "accuracy"}}}), model, labelled({}));

    ASSERT_FALSE(unfit);
    EXPECT_EQ(unfit.error().exitCode(), 3);
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().hint, testing::HasSubstr("accuracy"));
    EXPECT_TRUE(fit);
}

TEST(RenderOptions, CollectLabelsSortedWhereTheRecipeNamesNone)
{
    const auto table = labelled({{{"text", "a"}, {"label", "zebra"}}, {{"text", "b"}, {"label", "Apple"}}, {{"text", "c"}, {"label", "zebra"}}});
    const auto model = modelOf(families::Architecture::Decoder);

    const auto found = renderOptions(recipeOf({{"objective.type", "classification"}}), model, table, {});
    const auto given = renderOptions(recipeOf({{"objective.type", "classification"}, {"objective.labels", {"b", "a"}}}), model, table, {});

    ASSERT_TRUE(found);
    EXPECT_EQ(found->labels, (std::vector<std::string> {"Apple", "zebra"}));
    EXPECT_EQ(found->labelKind, tokenizer::LabelKind::Class);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->labels, (std::vector<std::string> {"b", "a"}));
}

TEST(RenderOptions, TakeListsAsSeveralLabels)
{
    const auto table = labelled({{{"text", "a"}, {"label", "[\"x\", \"y\"]"}}, {{"text", "b"}, {"label", "[]"}}, {{"text", "c"}, {"label", "[\"w\"]"}}});

    const auto options = renderOptions(recipeOf({{"objective.type", "classification"}}), modelOf(families::Architecture::Decoder), table, {});

    ASSERT_TRUE(options);
    EXPECT_EQ(options->labelKind, tokenizer::LabelKind::Flags);
    EXPECT_EQ(options->labels, (std::vector<std::string> {"w", "x", "y"}));
}

TEST(RenderOptions, NeedAtLeastTwoClasses)
{
    const auto options = renderOptions(recipeOf({{"objective.type", "classification"}}), modelOf(families::Architecture::Decoder),
        labelled({{{"text", "a"}, {"label", "only"}}}), {});

    ASSERT_FALSE(options);
    EXPECT_EQ(options.error().exitCode(), 3);
}

}
