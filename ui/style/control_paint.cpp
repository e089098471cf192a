// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/control_paint.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QAbstractItemView>
#include <QCheckBox>
#include <QPainter>
#include <QRadioButton>
#include <QStyleOption>
#include <QToolButton>
#include <QWidget>

namespace attune::style {
namespace {

bool hasError(const QWidget* widget)
{
    return widget && widget->property("error").toBool();
}

struct Face {
    QColor fill, line, text;
};

Face buttonFace(Look look, QStyle::State state)
{
    const Tokens& t = tokens();
    const bool enabled = state & QStyle::State_Enabled, hover = state & QStyle::State_MouseOver;
    const bool down = state & (QStyle::State_Sunken | QStyle::State_On);
    if (!enabled)
        return look == Look::Ghost ? Face {QColor(), QColor(), t.textDisabled} : Face {t.raised, t.border, t.textDisabled};
    switch (look) {
    case Look::Primary: return {down ? t.accentPressed : hover ? t.accentHover : t.accent, QColor(), t.onAccent};
    case Look::Danger: return {down || hover ? t.dangerWeak : t.raised, down ? t.danger : t.buttonBorder, t.danger};
    case Look::Ghost: return {down ? t.border : hover ? t.hover : QColor(), QColor(), t.text};
    case Look::Secondary: break;
    }
    return {down ? t.border : hover ? t.hover : t.raised, t.buttonBorder, t.text};
}

}

Look lookOf(const QWidget* widget)
{
    const QString role = widget ? widget->property("role").toString() : QString();
    return role == QLatin1String("primary") ? Look::Primary
        : role == QLatin1String("danger")   ? Look::Danger
        : role == QLatin1String("ghost")    ? Look::Ghost
                                            : Look::Secondary;
}

bool isSmall(const QWidget* widget)
{
    return widget && widget->property("size").toString() == QLatin1String("small");
}

bool isCompact(const QWidget* widget)
{
    return widget && widget->property("compact").toBool();
}

void drawFocusRing(QPainter* painter, const QRect& rect, double radius)
{
    drawBox(painter, rect, QColor(), tokens().accent, radius, 2.0);
}

bool isKeyboardFocus(const QWidget* widget)
{
    return widget && widget->window()->testAttribute(Qt::WA_KeyboardFocusChange);
}

void drawKeyboardFocus(const QStyleOption* option, QPainter* painter, const QWidget* widget)
{
    if (!isKeyboardFocus(widget))
        return;
    if (qobject_cast<const QAbstractItemView*>(widget))
        drawFocusRing(painter, option->rect, kSmallRadius);
    else if (qobject_cast<const QCheckBox*>(widget) || qobject_cast<const QRadioButton*>(widget) || qobject_cast<const QToolButton*>(widget))
        drawFocusRing(painter, widget->rect(), kRadius);
}

void drawButton(const QStyleOption* option, QPainter* painter, const QWidget* widget)
{
    const Look look = lookOf(widget);
    const Face face = buttonFace(look, option->state);
    drawBox(painter, option->rect, face.fill, face.line, kRadius);
    if ((option->state & QStyle::State_HasFocus) && (option->state & QStyle::State_KeyboardFocusChange)) {
        drawFocusRing(painter, option->rect, kRadius);
        if (look == Look::Primary)
            drawBox(painter, option->rect.adjusted(2, 2, -2, -2), QColor(), tokens().surface, kRadius - 1, 1.0);
    }
}

void drawButtonLabel(const QStyleOptionButton* option, QPainter* painter, const QWidget* widget)
{
    const Look look = lookOf(widget);
    painter->save();
    if (look == Look::Primary)
        painter->setFont(body(Weight::SemiBold));
    painter->setPen(buttonFace(look, option->state).text);
    const int text = option->text.isEmpty() ? 0 : painter->fontMetrics().size(Qt::TextShowMnemonic, option->text).width();
    const int icon = option->icon.isNull() ? 0 : 16;
    const Reading reading {option->rect, option->direction};
    int x = option->rect.x() + (option->rect.width() - text - icon - (text && icon ? 6 : 0)) / 2;
    if (icon) {
        const auto mode = option->state & QStyle::State_Enabled ? QIcon::Normal : QIcon::Disabled;
        option->icon.paint(painter, reading.at({x, option->rect.center().y() - 7, 16, 16}), Qt::AlignCenter, mode);
        x += icon + 6;
    }
    painter->drawText(reading.at({x, option->rect.y(), text + 2, option->rect.height()}), textFlags(option->text, option->direction) | Qt::TextShowMnemonic, option->text);
    painter->restore();
}

void drawField(const QStyleOption* option, QPainter* painter, const QWidget* widget)
{
    const Tokens& t = tokens();
    const bool enabled = option->state & QStyle::State_Enabled, focus = option->state & QStyle::State_HasFocus;
    const QColor line = !enabled ? t.border : hasError(widget) ? t.danger : option->state & QStyle::State_MouseOver ? t.text2 : t.borderStrong;
    drawBox(painter, option->rect, enabled ? (t.isDark ? t.window : t.surface) : t.raised, line, kRadius);
    if (focus && enabled)
        drawFocusRing(painter, option->rect, kRadius);
}

void drawIndicator(const QStyleOption* option, QPainter* painter, bool isRound)
{
    const Tokens& t = tokens();
    const bool enabled = option->state & QStyle::State_Enabled;
    const bool on = option->state & QStyle::State_On, partly = option->state & QStyle::State_NoChange;
    const QRect box = QRect(0, 0, 16, 16).translated(option->rect.center() - QPoint(7, 7));
    const QColor line = !enabled ? t.border : on || partly ? t.accent : option->state & QStyle::State_MouseOver ? t.text2 : t.borderStrong;
    const QColor ground = t.isDark ? t.window : t.surface;
    drawBox(painter, box, !isRound && (on || partly) ? (enabled ? t.accent : t.border) : ground, line, isRound ? 8 : kSmallRadius);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QColor mark = enabled ? t.onAccent : t.textDisabled;
    if (isRound && on) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(enabled ? t.accent : t.textDisabled);
        painter->drawEllipse(QRectF(box).center(), 4.0, 4.0);
    } else if (on) {
        painter->setPen(QPen(mark, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawPolyline(QPolygonF({box.topLeft() + QPointF(4, 8.3), box.topLeft() + QPointF(7, 11.2), box.topLeft() + QPointF(12.2, 5)}));
    } else if (partly) {
        painter->setPen(QPen(mark, 1.8));
        painter->drawLine(box.topLeft() + QPointF(4.5, 8), box.topLeft() + QPointF(11.5, 8));
    }
    painter->restore();
}

void drawScrollBar(const QStyleOptionSlider* option, QPainter* painter, const QRect& handle)
{
    const Tokens& t = tokens();
    if (option->maximum <= option->minimum)
        return;
    const bool vertical = option->orientation == Qt::Vertical;
    const QRect thumb = vertical ? QRect(handle.center().x() - 2, handle.y() + 2, 6, std::max(16, handle.height() - 4))
                                 : QRect(handle.x() + 2, handle.center().y() - 2, std::max(16, handle.width() - 4), 6);
    const bool active = option->state & QStyle::State_MouseOver;
    drawBox(painter, thumb, active ? t.borderStrong : t.buttonBorder, QColor(), 3);
}

void drawSlider(const QStyleOptionSlider* option, QPainter* painter, const QRect& groove, const QRect& handle)
{
    const Tokens& t = tokens();
    const bool enabled = option->state & QStyle::State_Enabled;
    const int middle = groove.center().y();
    QColor idle = t.borderStrong;
    idle.setAlphaF(0.55F);
    const QRect line(groove.x(), middle - 1, groove.width(), 4);
    drawBox(painter, line, enabled ? idle : t.border, QColor(), 2);
    drawBox(painter, QRect(line.topLeft(), QPoint(handle.center().x(), line.bottom())), enabled ? t.accent : t.border, QColor(), 2);
    const QRect thumb = QRect(0, 0, 14, 14).translated(QPoint(handle.center().x() - 6, middle - 6));
    const QColor fill = option->state & QStyle::State_Sunken ? t.accent : option->state & QStyle::State_MouseOver ? t.accentWeak : t.surface;
    drawBox(painter, thumb, enabled ? fill : t.raised, enabled ? t.accent : t.border, 7, 2.0);
    if (option->state & QStyle::State_HasFocus && option->state & QStyle::State_KeyboardFocusChange)
        drawBox(painter, thumb.adjusted(-2, -2, 2, 2), QColor(), t.accent, 9, 1.5);
}

void drawTab(const QStyleOptionTab* option, QPainter* painter)
{
    const Tokens& t = tokens();
    const bool current = option->state & QStyle::State_Selected, enabled = option->state & QStyle::State_Enabled;
    painter->save();
    painter->setFont(body(current ? Weight::SemiBold : Weight::Regular));
    painter->setPen(!enabled ? t.textDisabled : current || option->state & QStyle::State_MouseOver ? t.text : t.text2);
    // A count at the end of the tab has its own room.
    const int count = option->rightButtonSize.isEmpty() ? 0 : option->rightButtonSize.width() + kSpace1;
    const QRect room = QStyle::visualRect(option->direction, option->rect, option->rect.adjusted(0, 0, -count, 0));
    painter->drawText(room, textFlags(option->text, option->direction, Qt::AlignHCenter) | Qt::TextShowMnemonic, option->text);
    painter->restore();
    if (current)
        painter->fillRect(QRect(option->rect.left() + 2, option->rect.bottom() - 1, option->rect.width() - 4, 2), t.accent);
    if (option->state & QStyle::State_HasFocus && option->state & QStyle::State_KeyboardFocusChange)
        drawFocusRing(painter, option->rect.adjusted(1, 3, -1, -3), kRadius);
}

void drawHeaderSection(const QStyleOptionHeader* option, QPainter* painter)
{
    const Tokens& t = tokens();
    painter->fillRect(option->rect, t.raised);
    drawHairline(painter, option->rect.bottomLeft(), option->rect.bottomRight(), t.border);
    if (option->position != QStyleOptionHeader::End && option->position != QStyleOptionHeader::OnlyOneSection && option->orientation == Qt::Horizontal)
        drawHairline(painter, option->rect.topRight(), option->rect.bottomRight(), t.border);
}

void drawHeaderLabel(const QStyleOptionHeader* option, QPainter* painter)
{
    const Tokens& t = tokens();
    const bool sorted = option->sortIndicator != QStyleOptionHeader::None;
    QRect rect = option->rect;  // without the margins
    painter->save();
    painter->setFont(caption(sorted ? Weight::SemiBold : Weight::Medium));
    painter->setPen(sorted ? t.text : t.text2);
    // The arrow stands in the margin behind the name: a narrow column keeps its name.
    const int arrow = sorted ? std::max(0, 14 - kSpace2) : 0;
    rect.adjust(0, 0, -arrow, 0);
    painter->drawText(rect, textFlags(option->text, option->direction, option->textAlignment & Qt::AlignHorizontal_Mask), painter->fontMetrics().elidedText(option->text, Qt::ElideRight, rect.width()));
    if (sorted) {
        const auto name = option->sortIndicator == QStyleOptionHeader::SortDown ? QStringLiteral("down") : QStringLiteral("up");
        painter->drawPixmap(rect.right() + 2, option->rect.center().y() - 5, iconPixmap(name, 12, t.text2, painter->device()->devicePixelRatioF()));
    }
    painter->restore();
}

void drawProgress(const QStyleOptionProgressBar* option, QPainter* painter)
{
    const Tokens& t = tokens();
    const int height = std::min(option->rect.height(), 8);
    const QRect bar(option->rect.x(), option->rect.center().y() - height / 2 + 1, option->rect.width(), height);
    drawBox(painter, bar, t.hover, QColor(), kSmallRadius);
    const double range = option->maximum - option->minimum;
    const double share = range > 0 ? std::clamp((option->progress - option->minimum) / range, 0.0, 1.0) : 0.0;
    if (share > 0)
        drawBox(painter, QRect(bar.x(), bar.y(), std::max(3, static_cast<int>(bar.width() * share)), bar.height()), t.accent, QColor(), kSmallRadius);
}

}
