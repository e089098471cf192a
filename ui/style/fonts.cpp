// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/fonts.h"

#include <QApplication>
#include <QFontDatabase>

#include <algorithm>

namespace attune::style {
namespace {

QString g_mono = QStringLiteral("monospace");  // UI thread only
double g_points = 10.0;

QFont sized(QFont font, double factor, double atLeast, Weight weight)
{
    font.setPointSizeF(std::max(atLeast, g_points * factor));
    font.setWeight(weight == Weight::SemiBold ? QFont::DemiBold : weight == Weight::Medium ? QFont::Medium : QFont::Normal);
    return font;
}

}

void loadFonts(bool useSystem)
{
    QFont font = QApplication::font();
    g_points = font.pointSizeF() > 0 ? std::max(9.0, font.pointSizeF()) : 10.0;
    // The platform theme of a bare X server proposes 9 pt; the design's base is 10.
    g_points = std::max(g_points, 10.0);
    if (!useSystem) {
        for (const auto* name : {"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf"})
            QFontDatabase::addApplicationFont(QStringLiteral(":/fonts/") + QLatin1String(name));
        font.setFamily(QStringLiteral("Inter"));
    }
    for (const auto* name : {"AttuneMono-Regular.ttf", "AttuneMono-SemiBold.ttf"})
        if (QFontDatabase::addApplicationFont(QStringLiteral(":/fonts/") + QLatin1String(name)) >= 0)
            g_mono = QStringLiteral("Attune Mono");
    font.setPointSizeF(g_points);
    font.setHintingPreference(QFont::PreferVerticalHinting);
    QApplication::setFont(font);
}

QFont body(Weight weight)
{
    return sized(QApplication::font(), 1.0, 9.0, weight);
}

QFont caption(Weight weight)
{
    return sized(QApplication::font(), 0.9, 9.0, weight);
}

QFont title()
{
    return sized(QApplication::font(), 1.3, 9.0, Weight::SemiBold);
}

QFont mono(Weight weight)
{
    QFont font = QApplication::font();
    font.setFamily(g_mono);
    return sized(font, 0.93, 8.8, weight);
}

QFont monoCaption(Weight weight)
{
    QFont font = QApplication::font();
    font.setFamily(g_mono);
    return sized(font, 0.88, 8.8, weight);
}

}
