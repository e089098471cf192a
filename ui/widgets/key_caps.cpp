// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/key_caps.h"

#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QFontMetrics>
#include <QPainter>

namespace attune::widgets {

KeyCaps::KeyCaps(const QList<QPair<QString, QString>>& keys, QWidget* parent)
    : QWidget(parent)
    , m_keys(keys)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    QStringList words;
    for (const auto& [key, word] : keys)
        words.append(key + QLatin1Char(' ') + word);
    setAccessibleName(tr("Keys: %1").arg(words.join(QStringLiteral(", "))));
}

QSize KeyCaps::sizeHint() const
{
    return {200, style::scaled(36)};
}

void KeyCaps::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    const QFont keyFont = style::monoCaption(), wordFont = style::caption();
    const QFontMetrics keys(keyFont), words(wordFont);
    const int cap = style::scaled(20);
    int x = 14;
    const style::Reading reading {rect(), layoutDirection()};
    for (const auto& [key, word] : m_keys) {
        const int keyWidth = std::max(cap, keys.horizontalAdvance(key) + 10), wide = keyWidth + 8 + words.horizontalAdvance(word);
        if (x + wide > width() - 8)
            return;
        const QRect box = reading.at({x, (height() - cap) / 2, keyWidth, cap});
        style::drawBox(&painter, box, t.raised, t.buttonBorder, style::kSmallRadius);
        painter.setFont(keyFont);
        painter.setPen(t.text);
        painter.drawText(box, Qt::AlignCenter, key);
        painter.setFont(wordFont);
        painter.setPen(t.text2);
        reading.draw(painter, {x + keyWidth + 7, 0, wide, height()}, word);
        x += wide + 18;
    }
}

}
