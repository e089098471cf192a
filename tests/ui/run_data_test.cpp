// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_data.h"

#include "support/history.h"
#include "support/paths.h"
#include "ui/fixture.h"

namespace attune::pages {
namespace {

using plots::XAxis;

store::MetricRow row(std::int64_t step, double value)
{
    return {0, step, static_cast<double>(step) / 10, "train", "loss", value, 100 * step, 2.0 * static_cast<double>(step)};
}

}

TEST(MetricSeriesTest, CountsByStepTokensTimeAndEpoch)
{
    MetricSeries series;
    for (int step = 1; step <= 5; ++step)
        series.add(row(step, 1.0 / step));

    EXPECT_EQ(series.points(XAxis::Step).x, (QVector<double> {1, 2, 3, 4, 5}));
    EXPECT_EQ(series.points(XAxis::Tokens).x, (QVector<double> {100, 200, 300, 400, 500}));
    EXPECT_EQ(series.points(XAxis::Time).x, (QVector<double> {2, 4, 6, 8, 10}));
    EXPECT_DOUBLE_EQ(series.points(XAxis::Epoch).x.last(), 0.5);
    EXPECT_EQ(series.placeOf(3, XAxis::Tokens), 300.0);
    EXPECT_FALSE(series.placeOf(7, XAxis::Step));
    EXPECT_DOUBLE_EQ(series.points(XAxis::Step, 10).y.first(), 10.0);
}

TEST(MetricSeriesTest, ReplacesStepsThatComeAgain)
{
    MetricSeries series;
    for (int step = 1; step <= 5; ++step)
        series.add(row(step, 1));
    series.add(row(3, 7));
    series.add(row(4, 8));

    EXPECT_EQ(series.points(XAxis::Step).x, (QVector<double> {1, 2, 3, 4}));
    EXPECT_EQ(series.values(), (QVector<double> {1, 1, 7, 8}));
}

TEST(RunDataTest, EstimatesTheTimeLeftOnceThereIsEnough)
{
    RunData data;
    data.row.stepsTotal = 100;
    const auto upTo = [&](int steps) {
        RunNews news;
        news.row = data.row;
        news.row.stepsDone = steps;
        for (int step = 1; step <= steps; ++step)
            news.metrics.push_back(row(step, 1));
        data = {};
        data.take(std::move(news));
    };
    upTo(9);
    EXPECT_FALSE(secondsLeft(data)) << "nine steps tell nothing";
    upTo(60);
    ASSERT_TRUE(secondsLeft(data));
    EXPECT_DOUBLE_EQ(*secondsLeft(data), 80.0) << "40 steps of two seconds";
}

TEST(RunDataTest, ReadsWhatIsNewOnly)
{
    const tests::TempDir dir;
    auto store = store::Store::open(dir.path("w"));
    ASSERT_TRUE(store);
    const auto id = tests::addRun(**store, "bot", store::RunStatus::Completed, 100, 100, 1);
    RunData data;
    auto news = RunData::ask(**store, id, 0, 0);
    ASSERT_TRUE(news);
    data.take(std::move(*news));
    EXPECT_EQ(data.series(QStringLiteral("train/loss")).size(), 100);
    EXPECT_TRUE(data.has(QStringLiteral("sys/cpu_percent")));
    EXPECT_TRUE(data.recipe.has_value());

    const auto again = RunData::ask(**store, id, data.lastMetric, data.lastEvent);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->metrics.empty());
    EXPECT_TRUE(again->events.empty());
}

}
