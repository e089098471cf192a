// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/metric.h"

#include "base/json.h"
#include "evaluator/text/bleu.h"
#include "evaluator/text/chrf.h"
#include "evaluator/text/porter.h"
#include "evaluator/text/rouge.h"
#include "support/paths.h"
#include "tokenizer/unicode.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace attune::evaluator {
namespace {

constexpr double kTolerance = 1e-6;

/// What sacreBLEU, rouge_score, scikit-learn and SciPy say; see tests/golden/metrics/make.py.
const Json& golden()
{
    static const Json json = *readJsonFile(tests::sourceDir() + "/tests/golden/metrics/metrics.json", 1u << 24);
    return json;
}

std::vector<TextPair> goldenTexts()
{
    std::vector<TextPair> pairs;
    for (const auto& row : golden()["texts"])
        pairs.push_back({row["prediction"], row["reference"]});
    return pairs;
}

std::string utf8(const std::u32string& word)
{
    std::string text;
    for (const char32_t c : word)
        tokenizer::appendUtf8(text, c);
    return text;
}

void expectRouge(const Rouge& ours, const Json& theirs, const std::string& what)
{
    EXPECT_NEAR(ours.rouge1, theirs["rouge1"].get<double>(), kTolerance) << what;
    EXPECT_NEAR(ours.rouge2, theirs["rouge2"].get<double>(), kTolerance) << what;
    EXPECT_NEAR(ours.rougeL, theirs["rougeL"].get<double>(), kTolerance) << what;
    EXPECT_NEAR(ours.rougeLsum, theirs["rougeLsum"].get<double>(), kTolerance) << what;
}

void expectValues(const Totals& totals, const Json& values)
{
    for (const auto& [name, value] : values.items())
        if (value.is_number())
            EXPECT_NEAR(metricsOf(totals, {name}).at(name), value.get<double>(), kTolerance) << name;
}

TEST(Words13a, EqualSacrebleus)
{
    for (const auto& row : golden()["texts"]) {
        std::vector<std::string> words;
        for (const auto& word : words13a(row["prediction"].get<std::string>()))
            words.push_back(utf8(word));
        EXPECT_EQ(words, row["words"].get<std::vector<std::string>>()) << row["prediction"];
    }
}

TEST(Bleu, EqualsSacrebleuOnEachTextAndOnAllTogether)
{
    for (const auto& row : golden()["texts"])
        EXPECT_NEAR(corpusBleu(std::vector<TextPair> {{row["prediction"], row["reference"]}}), row["bleu"].get<double>(), kTolerance) << row["prediction"];
    EXPECT_NEAR(corpusBleu(goldenTexts()), golden()["corpus"]["bleu"].get<double>(), kTolerance);
}

TEST(Bleu, SmoothsAsSacrebleu)
{
    EXPECT_NEAR(corpusBleu(std::vector<TextPair> {{"a b c d e f", "a x b y c z"}, {"g h i j", "g k l m"}}), golden()["smoothed_bleu"].get<double>(), kTolerance);
    EXPECT_NEAR(corpusBleu(std::vector<TextPair> {{"a b c", "a b c"}, {"a b", "a c"}}), golden()["short_bleu"].get<double>(), kTolerance);
    EXPECT_EQ(corpusBleu({}), 0.0);
}

TEST(Chrf, EqualsSacrebleuOnEachTextAndOnAllTogether)
{
    for (const auto& row : golden()["texts"])
        EXPECT_NEAR(corpusChrf(std::vector<TextPair> {{row["prediction"], row["reference"]}}), row["chrf"].get<double>(), kTolerance) << row["prediction"];
    EXPECT_NEAR(corpusChrf(goldenTexts()), golden()["corpus"]["chrf"].get<double>(), kTolerance);
}

TEST(PorterStem, EqualsNltks)
{
    for (const auto& [word, stem] : golden()["stems"].items())
        EXPECT_EQ(porterStem(word), stem.get<std::string>()) << word;
}

TEST(Rouge, EqualsRougeScoreWithAndWithoutStemming)
{
    for (const auto& row : golden()["texts"]) {
        const TextPair pair {row["prediction"], row["reference"]};
        expectRouge(rougeOf(pair, false), row["rouge"], pair.prediction);
        expectRouge(rougeOf(pair, true), row["rouge_stemmed"], pair.prediction);
    }
}

TEST(ClassMetrics, EqualScikitLearnsWithOneClassARow)
{
    for (const auto& one : golden()["classes"]) {
        Totals totals;
        for (int label = 0; label < one["labels"].get<int>(); ++label)
            totals.classes.labels.push_back(std::to_string(label));
        totals.classes.actual = one["actual"].get<std::vector<std::int32_t>>();
        totals.classes.predicted = one["predicted"].get<std::vector<std::int32_t>>();

        expectValues(totals, one["values"]);

        const Json report = classReport(totals.classes);
        EXPECT_EQ(report["confusion_matrix"], one["values"]["confusion_matrix"]);
        for (std::size_t label = 0; label < report["classes"].size(); ++label) {
            EXPECT_NEAR(report["classes"][label]["precision"].get<double>(), one["values"]["per_class"][0][label].get<double>(), kTolerance);
            EXPECT_NEAR(report["classes"][label]["recall"].get<double>(), one["values"]["per_class"][1][label].get<double>(), kTolerance);
            EXPECT_NEAR(report["classes"][label]["f1"].get<double>(), one["values"]["per_class"][2][label].get<double>(), kTolerance);
            EXPECT_EQ(report["classes"][label]["support"].get<double>(), one["values"]["per_class"][3][label].get<double>());
        }
    }
}

TEST(ClassMetrics, EqualScikitLearnsWithSeveralLabelsARow)
{
    Totals totals;
    totals.classes.isMultiLabel = true;
    totals.classes.labels = {"a", "b", "c", "d"};
    totals.classes.actualFlags = golden()["flags"]["actual"].get<std::vector<std::vector<std::uint8_t>>>();
    totals.classes.predictedFlags = golden()["flags"]["predicted"].get<std::vector<std::vector<std::uint8_t>>>();

    expectValues(totals, golden()["flags"]["values"]);
}

TEST(ClassMetrics, TakeTextsAsClasses)
{
    const auto classes = classesOfTexts({"yes", "no", "maybe"}, {"yes", "yes", "no"});

    EXPECT_EQ(classes.labels, (std::vector<std::string> {"maybe", "no", "yes"}));
    EXPECT_NEAR(accuracyOf(classes), 1.0 / 3, kTolerance);
}

TEST(NumberMetrics, EqualScikitLearnsAndScipys)
{
    for (const auto& one : golden()["numbers"]) {
        Totals totals;
        totals.predicted = one["predicted"].get<std::vector<double>>();
        totals.actual = one["actual"].get<std::vector<double>>();

        expectValues(totals, one["values"]);
    }
}

TEST(NumberMetrics, HaveNoCorrelationWhereNothingVaries)
{
    Totals totals;
    totals.predicted = {1, 1, 1};
    totals.actual = {1, 2, 3};

    EXPECT_TRUE(std::isnan(metricsOf(totals, {"pearson"}).at("pearson")));
}

TEST(RewardMetrics, CountPairsAndTheirDistance)
{
    Totals totals;
    totals.chosenRewards = {1.0, 0.5, -1.0, 2.0};
    totals.rejectedRewards = {0.0, 0.5, 1.0, -1.0};

    EXPECT_DOUBLE_EQ(metricsOf(totals, {"reward_accuracy"}).at("reward_accuracy"), 0.5);  // equal rewards are not right
    EXPECT_DOUBLE_EQ(metricsOf(totals, {"reward_margin"}).at("reward_margin"), 0.5);
}

TEST(ExactMatch, LooksPastWhiteSpaceAtTheEndsOnly)
{
    Totals totals;
    totals.texts = {{" 42\n", "42"}, {"4 2", "42"}, {"Paris", "paris"}, {"", ""}};

    EXPECT_DOUBLE_EQ(metricsOf(totals, {"exact_match"}).at("exact_match"), 0.5);
}

TEST(Metrics, AreFoundByTheNamesOfTheirParts)
{
    ASSERT_NE(findById("rougeLsum"), nullptr);
    EXPECT_EQ(findById("rougeLsum")->id, "rouge");
    EXPECT_EQ(metricsOf({}, {"rougeLsum"}).size(), 1u);
    EXPECT_EQ(metricsOf({}, {"rouge"}).size(), 5u);
}

TEST(Metrics, NameTheNearestWhenThereIsNone)
{
    const auto status = checkNames({"loss", "acuracy"});

    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Usage);
    EXPECT_NE(status.error().message.find("acuracy"), std::string::npos);
    EXPECT_NE(status.error().hint.find("\"accuracy\""), std::string::npos);
}

TEST(Metrics, HaveUniqueNames)
{
    std::set<std::string> names;
    for (const auto* metric : all()) {
        EXPECT_TRUE(names.insert(metric->id).second) << metric->id;
        for (const auto& part : metric->parts)
            EXPECT_TRUE(names.insert(part.first).second) << part.first;
    }
}

}
}
