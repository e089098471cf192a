// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/curve_panel.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/theme.h"
#include "support/paths.h"
#include "ui/fixture.h"

#include <QFile>
#include <QImage>
#include <QTest>

#include <qcustomplot.h>

#include <cmath>
#include <limits>

namespace attune::plots {
namespace {

Points line(int count)
{
    Points points;
    for (int i = 1; i <= count; ++i)
        points.add(i, 2.0 / i + 0.5);
    return points;
}

class Charts : public tests::UiTest
{
protected:
    Charts()
    {
        panel.resize(520, 260);
        panel.setEmptyText(QStringLiteral("Nothing yet."));
        panel.show();
    }
    ~Charts() override { style::applyTheme(style::Theme::Light); }
    QCustomPlot& plot() { return *panel.findChild<QCustomPlot*>(); }
    /// Waits for the repaint that is due, and paints.
    QImage painted()
    {
        tests::waitFor([] { return false; }, 40);
        panel.resetZoom();
        tests::waitFor([] { return false; }, 20);
        return panel.grab().toImage();
    }
    CurvePanel panel {QStringLiteral("loss"), QStringLiteral("mean over trained tokens")};
};

}

TEST_F(Charts, PaintNothingMadeUpWhenThereAreNoPoints)
{
    const QImage before = painted();
    panel.setCurves({{QStringLiteral("train"), 0, false, {}}});
    EXPECT_EQ(painted(), before);
    EXPECT_EQ(panel.toCsv(), QStringLiteral("curve,step,value\n"));
}

TEST_F(Charts, PaintCurvesInTheirRunsColourAndTheme)
{
    const QImage empty = painted();
    panel.setCurves({{QStringLiteral("train"), 0, false, line(100)}});
    const QImage first = painted();
    panel.setCurves({{QStringLiteral("train"), 2, false, line(100)}});
    const QImage other = painted();
    style::applyTheme(style::Theme::Dark);
    const QImage dark = painted();

    EXPECT_NE(first, empty);
    EXPECT_NE(first, other);
    EXPECT_LT(dark.pixelColor(260, 130).lightness(), 128);
}

TEST_F(Charts, TakeOneNanAndEqualPoints)
{
    tests::QtMessages messages;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const auto& ys : {QVector<double> {1.5}, QVector<double> {nan}, QVector<double> {nan, 1, nan}, QVector<double> {0, 0, 0}, QVector<double> {-1, 0, 1e300}}) {
        Points points;
        for (const double y : ys)
            points.add(static_cast<double>(points.size() + 1), y);
        for (const bool logarithmic : {false, true}) {
            panel.setLogarithmic(logarithmic);
            panel.setCurves({{QStringLiteral("train"), 0, false, points}, {QStringLiteral("eval"), 0, true, points}});
            painted();
            const auto range = plot().yAxis->range();
            EXPECT_TRUE(std::isfinite(range.lower) && std::isfinite(range.upper) && range.lower < range.upper);
            if (logarithmic) {
                EXPECT_GT(range.lower, 0);
            }
        }
    }
    EXPECT_EQ(messages.text(), "");
}

TEST_F(Charts, PaintAMillionPointsAsFewAsTheWindowHolds)
{
    Points points;
    for (int i = 0; i < 1'000'000; ++i)
        points.add(i, std::sin(i * 1e-3));
    panel.setCurves({{QStringLiteral("train"), 0, false, points}});
    painted();

    int drawn = 0;
    for (int i = 0; i < plot().graphCount(); ++i)
        drawn += plot().graph(i)->dataCount();
    EXPECT_GT(drawn, 100);
    EXPECT_LE(drawn, 4 * panel.width());
}

TEST_F(Charts, FollowALiveRunAfterAClickButNotWhileZoomed)
{
    panel.setCurves({{QStringLiteral("train"), 0, false, line(100)}});
    painted();
    QTest::mouseClick(&plot(), Qt::LeftButton, {}, plot().rect().center());
    panel.setCurves({{QStringLiteral("train"), 0, false, line(200)}});
    ASSERT_TRUE(tests::waitFor([this] { return plot().xAxis->range().upper >= 200; }, 2000)) << "a click is no zoom";

    QWheelEvent wheel(plot().rect().center(), plot().mapToGlobal(plot().rect().center()), {}, {0, 240}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&plot(), &wheel);
    const double zoomed = plot().xAxis->range().upper;
    EXPECT_LT(zoomed, 200);
    panel.setCurves({{QStringLiteral("train"), 0, false, line(400)}});
    tests::waitFor([] { return false; }, 700);
    EXPECT_EQ(plot().xAxis->range().upper, zoomed);

    QTest::keyClick(&panel, Qt::Key_0);
    EXPECT_GE(plot().xAxis->range().upper, 400);
}

TEST_F(Charts, SaveWhatTheyShow)
{
    tests::TempDir dir;
    panel.setCurves({{QStringLiteral("a, b"), 0, false, line(3)}, {QStringLiteral("eval"), 0, true, line(2)}});
    painted();
    for (const char* name : {"chart.png", "chart.svg", "chart.csv"})
        EXPECT_TRUE(panel.exportImage(QString::fromStdString(dir.path(name)))) << name;

    EXPECT_EQ(QImage(QString::fromStdString(dir.path("chart.png"))).size(), panel.size() * panel.devicePixelRatio());
    QFile svg(QString::fromStdString(dir.path("chart.svg")));
    ASSERT_TRUE(svg.open(QIODevice::ReadOnly));
    EXPECT_TRUE(svg.readAll().contains("<svg"));
    QFile csv(QString::fromStdString(dir.path("chart.csv")));
    ASSERT_TRUE(csv.open(QIODevice::ReadOnly));
    EXPECT_EQ(csv.readAll().toStdString(), "curve,step,value\n\"a, b\",1,2.5\n\"a, b\",2,1.5\n\"a, b\",3,1.16666667\neval,1,2.5\neval,2,1.5\n");
    EXPECT_FALSE(panel.exportImage(QString::fromStdString(dir.path("no/such/folder/chart.csv"))));
}

TEST_F(Charts, LabelsOfAnAxisStayApart)
{
    panel.setAxisText([](double seconds) { return bridge::duration(seconds); });
    panel.resize(258, 190);
    Points points;
    for (int i = 0; i <= 90; ++i)
        points.add(i, 50);
    panel.setCurves({{QStringLiteral("run"), 0, false, points}});
    panel.resetZoom();
    painted();
    auto* axis = plot().xAxis;
    const auto ticks = axis->ticker().isNull() ? QVector<double>() : [&] {
        QVector<double> all;
        axis->ticker()->generate(axis->range(), QLocale::c(), QLatin1Char('e'), 6, all, nullptr, nullptr);
        return all;
    }();
    ASSERT_GE(ticks.size(), 2);
    const double between = std::abs(axis->coordToPixel(ticks[1]) - axis->coordToPixel(ticks[0]));
    EXPECT_GT(between, QFontMetrics(style::monoCaption()).horizontalAdvance(QStringLiteral("0:10")));
}

TEST_F(Charts, SayNothingOfAShorterRunBehindItsEnd)
{
    panel.setPaired(true);
    panel.setCurves({{QStringLiteral("long"), 0, false, line(100)}, {QStringLiteral("short"), 1, false, line(40)}, {QStringLiteral("short"), 1, true, line(20)}});
    painted();
    panel.setCrosshair(30);
    EXPECT_TRUE(panel.readOut().contains(QStringLiteral("short")));
    panel.setCrosshair(60);
    EXPECT_TRUE(panel.readOut().contains(QStringLiteral("long")));
    EXPECT_FALSE(panel.readOut().contains(QStringLiteral("short"))) << panel.readOut().toStdString();
    panel.setCrosshair({});
    EXPECT_TRUE(panel.readOut().contains(QStringLiteral("short"))) << "without a place it says how each ended";
}

TEST_F(Charts, MirrorTheirHeaderAndKeepTheirAxes)
{
    panel.setCurves({{QStringLiteral("train"), 0, false, line(40)}});
    panel.setFullSizeVisible(true);
    panel.setLayoutDirection(Qt::RightToLeft);
    painted();
    EXPECT_EQ(plot().layoutDirection(), Qt::LeftToRight);
    EXPECT_LT(plot().xAxis->coordToPixel(1), plot().xAxis->coordToPixel(40));
    const QImage header = panel.grab(QRect(0, 0, panel.width(), 30)).toImage();
    const auto inked = [&](int from, int to) {
        int count = 0;
        for (int x = from; x < to; ++x)
            for (int y = 6; y < 26; ++y)
                count += header.pixelColor(x, y).lightness() < 120;
        return count;
    };
    EXPECT_GT(inked(panel.width() - 60, panel.width() - 8), 20) << "the title stands at the right";
}

}
