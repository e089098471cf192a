// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/series.h"
#include "ui/fixture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace attune::plots {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

Points waves(int count)
{
    std::mt19937 generator(7);
    std::uniform_real_distribution<double> noise(-1, 1);
    Points points;
    for (int i = 0; i < count; ++i)
        points.add(i, std::sin(i * 1e-4) + noise(generator));
    return points;
}

struct Tick {
    double value, step;
    const char* text;
};
constexpr Tick kTicks[] = {
    {0, 1, "0"},
    {1e-9, 0.1, "0"},  // what is left of 0.3 - 3 · 0.1
    {0.62, 0.02, "0.62"},
    {0.5, 0.25, "0.50"},  // as many decimals as its neighbour 0.75 needs
    {1.75, 0.25, "1.75"},
    {2, 1, "2"},
    {1.5, 0.5, "1.5"},
    {-0.4, 0.2, "\u22120.4"},
    {2e-4, 1e-4, "2e-4"},
    {7.7e-5, 1e-5, "7.7e-5"},
    {1200, 200, "1\u00A0200"},
    {12000, 2000, "12\u00A0k"},
    {12500, 500, "12.5\u00A0k"},
    {2.5e6, 5e5, "2.5\u00A0M"},
};

}

TEST(Smoothing, IsTheDebiasedMovingAverage)
{
    // w = 0.6: last = 0.4·1, then 0.6·0.4 + 0.4·2 = 1.04, then 0.6·1.04 + 0.4·4 = 2.224;
    // divided by 1 - 0.6, 1 - 0.36 and 1 - 0.216.
    const auto out = smoothed({1, 2, 4}, 0.6);

    ASSERT_EQ(out.size(), 3);
    EXPECT_NEAR(out[0], 1.0, 1e-12);
    EXPECT_NEAR(out[1], 1.04 / 0.64, 1e-12);
    EXPECT_NEAR(out[2], 2.224 / 0.784, 1e-12);
}

TEST(Smoothing, PassesNanThroughWithoutCountingIt)
{
    const auto out = smoothed({1, kNan, 2, std::numeric_limits<double>::infinity(), 4}, 0.6);

    ASSERT_EQ(out.size(), 5);
    EXPECT_TRUE(std::isnan(out[1]));
    EXPECT_TRUE(std::isinf(out[3]));
    EXPECT_NEAR(out[2], 1.04 / 0.64, 1e-12);
    EXPECT_NEAR(out[4], 2.224 / 0.784, 1e-12);
}

TEST(Smoothing, LeavesAConstantAndWeightZeroAsTheyAre)
{
    for (const double value : smoothed(QVector<double>(500, 1.37), 0.97))
        EXPECT_NEAR(value, 1.37, 1e-9);
    const QVector<double> y {3, 1, kNan, 2};
    const auto out = smoothed(y, 0);
    EXPECT_EQ(out[0], 3);
    EXPECT_EQ(out[3], 2);
    EXPECT_TRUE(std::isnan(out[2]));
}

TEST(Envelope, KeepsTheExtremesOfAMillionPoints)
{
    Points points = waves(1'000'000);
    points.y[123'456] = 9;
    points.y[654'321] = -9;
    points.y[700'000] = kNan;
    constexpr int kBuckets = 800;

    const Points out = envelope(points, 0, 999'999, kBuckets);

    EXPECT_LE(out.size(), 2 * kBuckets);
    EXPECT_GE(out.size(), kBuckets);
    EXPECT_TRUE(std::is_sorted(out.x.begin(), out.x.end()));
    std::vector<int> perBucket(kBuckets);
    for (qsizetype i = 0; i < out.size(); ++i) {
        EXPECT_EQ(out.y[i], points.y[static_cast<qsizetype>(out.x[i])]) << "a point that is none of the curve";
        ++perBucket[std::min(kBuckets - 1, static_cast<int>(out.x[i] / 999'999 * kBuckets))];
    }
    EXPECT_LE(*std::max_element(perBucket.begin(), perBucket.end()), 2);
    EXPECT_EQ(*std::max_element(out.y.begin(), out.y.end()), 9);
    EXPECT_EQ(*std::min_element(out.y.begin(), out.y.end()), -9);
}

TEST(Envelope, HasMinimumAndMaximumOfEveryBucket)
{
    const Points points = waves(10'000);
    const Points out = envelope(points, 0, 10'000, 10);

    for (int bucket = 0; bucket < 10; ++bucket) {
        const auto begin = points.y.begin() + 1000 * bucket;
        const auto [low, high] = std::minmax_element(begin, begin + 1000);
        EXPECT_NE(std::find(out.y.begin(), out.y.end(), *low), out.y.end()) << bucket;
        EXPECT_NE(std::find(out.y.begin(), out.y.end(), *high), out.y.end()) << bucket;
    }
}

TEST(Envelope, TakesOnlyWhatIsInRangeAndFinite)
{
    Points points;
    for (int i = 0; i < 10; ++i)
        points.add(i, i == 5 ? kNan : i);

    const Points out = envelope(points, 3, 7, 100);

    EXPECT_EQ(out.x, (QVector<double> {3, 4, 6, 7}));
    EXPECT_EQ(envelope({}, 0, 1, 10).size(), 0);
}

TEST(RobustRange, LeavesOutliersOut)
{
    QVector<double> y;
    for (int i = 0; i < 1000; ++i)
        y.append(1 + 0.001 * i);
    y[3] = 1e6;
    y[4] = kNan;

    const auto [low, high] = robustRange(y, false);

    EXPECT_LT(high, 2.2);
    EXPECT_GT(high, 1.95);
    EXPECT_LT(low, 1.02);
    EXPECT_GT(low, 0.8);
}

TEST(RobustRange, ShowsAllOfFewPointsAndOpensEqualBounds)
{
    const auto few = robustRange({1, 2, 30}, false);
    EXPECT_LT(few.first, 1);
    EXPECT_GT(few.second, 30);
    for (const auto& y : {QVector<double> {2, 2, 2}, QVector<double> {0}, QVector<double> {}, QVector<double> {kNan}}) {
        const auto [low, high] = robustRange(y, false);
        EXPECT_LT(low, high);
    }
}

TEST(RobustRange, StaysPositiveForALogarithmicAxis)
{
    for (const auto& y : {QVector<double> {-1, 0, 1e-5, 2}, QVector<double> {-1, 0}, QVector<double> {3, 3}}) {
        const auto [low, high] = robustRange(y, true);
        EXPECT_GT(low, 0);
        EXPECT_LT(low, high);
    }
}

TEST(Ticks, ReadAsPeopleWriteThem)
{
    for (const auto& tick : kTicks)
        EXPECT_EQ(tickText(tick.value, tick.step).toStdString(), tick.text) << tick.value;
}

}
