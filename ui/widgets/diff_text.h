// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/word_diff.h"

#include <QTextLayout>

class QPainter;

namespace attune::widgets {

/// A text with the stretches that differ on their own grounds: added, removed (struck out), changed.
struct DiffText {
    QString text;
    QList<QTextLayout::FormatRange> formats;
    bool isPlain() const { return formats.isEmpty(); }
};

/// In the colours in force. isOneLine: line ends become a sign, and long equal stretches between differences are
/// left out, so that what differs is in sight.
DiffText styledDiff(const QList<DiffPart>& parts, bool isOneLine);
DiffText plainText(const QString& text, bool isOneLine);

/// Height of the text in a width, with the line height of running text.
int heightOf(const DiffText& text, const QFont& font, int width);
/// Paints it: wrapped from the top, or one line in the middle that is cut with a sign at the end.
void paintDiff(QPainter* painter, const QRect& rect, const DiffText& text, const QFont& font, const QColor& colour, bool isWrapped);

}
