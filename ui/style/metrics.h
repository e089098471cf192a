// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QFontMetrics>

namespace attune::style {

// Measures at scale 1 and 10 pt (design: visual.md §4); heights follow the font.

constexpr int kSpace1 = 4, kSpace2 = 8, kSpace3 = 12, kSpace4 = 16, kSpace6 = 24;
constexpr int kRadius = 4, kPanelRadius = 6, kSmallRadius = 3;
constexpr int kSidebarWidth = 172, kSidebarFolded = 48, kFacetsWidth = 178, kDetailWidth = 288, kSummaryWidth = 372;
constexpr int kNumberField = 120, kShortField = 74, kLabelWidth = 140;

/// Grows a 10-pt measure with the application's font.
inline int scaled(int pixels)
{
    const double ratio = QFontMetrics(QApplication::font()).height() / 16.0;
    return ratio <= 1.15 ? pixels : static_cast<int>(pixels * ratio + 0.5);
}

inline int controlHeight() { return scaled(28); }
inline int smallControlHeight() { return scaled(24); }
inline int rowHeight() { return scaled(28); }
inline int tallRowHeight() { return scaled(44); }
inline int panelHeaderHeight() { return scaled(34); }
inline int pageHeaderHeight() { return scaled(48); }
inline int tabHeight() { return scaled(34); }
inline int statusHeight() { return scaled(26); }
inline int sidebarItemHeight() { return scaled(32); }

}
