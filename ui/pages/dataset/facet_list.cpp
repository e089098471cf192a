// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/facet_list.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>
#include <QToolTip>

namespace attune::pages {

namespace {
constexpr int kFirstItems = 7, kLeft = 12, kBox = 16;

int lineHeight() { return style::scaled(25); }
int headHeight() { return style::scaled(30); }
}

FacetList::FacetList(const QString& field, const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_field(field)
    , m_title(title)
{
    setObjectName(QStringLiteral("facet-") + field);
    setAccessibleName(title);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    resizeToItems();
}

void FacetList::setItems(const QList<FacetItem>& items)
{
    m_items = items;
    m_current = std::min<int>(m_current, static_cast<int>(std::max<qsizetype>(0, m_items.size() - 1)));
    resizeToItems();
    update();
}

void FacetList::setChecked(const QStringList& values)
{
    m_checked = values;
    update();
}

bool FacetList::hasMore() const
{
    return m_items.size() > kFirstItems + 1;
}

int FacetList::shown() const
{
    return static_cast<int>(hasMore() && !m_isUnfolded ? kFirstItems : m_items.size());
}

void FacetList::resizeToItems()
{
    setFixedHeight(headHeight() + (shown() + (hasMore() ? 1 : 0)) * lineHeight() + 8);
}

QSize FacetList::sizeHint() const
{
    return {style::scaled(style::kFacetsWidth), height()};
}

QRect FacetList::lineRect(int line) const
{
    return {0, headHeight() + line * lineHeight(), width(), lineHeight()};
}

QRect FacetList::rectOf(const QString& value) const
{
    for (int i = 0; i < shown(); ++i)
        if (m_items[i].value == value)
            return lineRect(i);
    return {};
}

int FacetList::lineAt(const QPoint& at) const
{
    for (int i = 0; i < shown() + (hasMore() ? 1 : 0); ++i)
        if (lineRect(i).contains(at))
            return i;
    return -1;
}

void FacetList::toggle(int line)
{
    if (line == shown() && hasMore()) {
        m_isUnfolded = !m_isUnfolded;
        resizeToItems();
        update();
        return;
    }
    if (line < 0 || line >= shown())
        return;
    const QString& value = m_items[line].value;
    if (!m_checked.removeOne(value))
        m_checked.append(value);
    update();
    emit checkedChanged(m_checked);
}

void FacetList::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    painter.setFont(style::body(style::Weight::SemiBold));
    painter.setPen(t.text);
    const auto at = [this](const QRect& place) { return QStyle::visualRect(layoutDirection(), rect(), place); };
    painter.drawText(QRect(kLeft, 4, width() - 2 * kLeft, headHeight() - 4), style::textFlags(m_title, layoutDirection()), painter.fontMetrics().elidedText(m_title, Qt::ElideRight, width() - 2 * kLeft));
    for (int i = 0; i < shown(); ++i) {
        const QRect line = lineRect(i);
        const auto& item = m_items[i];
        const bool isOn = m_checked.contains(item.value);
        if (i == m_hover)
            painter.fillRect(line, t.hover);
        const QRect box = at({kLeft, line.center().y() - kBox / 2 + 1, kBox, kBox});
        style::drawBox(&painter, box, isOn ? t.accent : t.surface, isOn ? t.accent : t.borderStrong, style::kSmallRadius);
        if (isOn)
            painter.drawPixmap(box.x() + 1, box.y() + 1, style::iconPixmap(QStringLiteral("check"), 14, t.onAccent, devicePixelRatioF()));
        if (i == m_current && m_hasKeyboardFocus)
            style::drawBox(&painter, line.adjusted(4, 1, -4, -1), QColor(), t.accent, style::kRadius, 2.0);
        painter.setFont(style::monoCaption());
        painter.setPen(t.text2);
        const QString count = bridge::grouped(item.count);
        const int countWidth = painter.fontMetrics().horizontalAdvance(count);
        painter.drawText(at(line.adjusted(0, 0, -kLeft, 0)), style::textFlags(count, layoutDirection(), Qt::AlignRight), count);
        painter.setFont(style::body());
        painter.setPen(item.count == 0 && !isOn ? t.text2 : t.text);
        const QRect words = at({kLeft + kBox + 8, line.y(), width() - 2 * kLeft - kBox - 16 - countWidth, line.height()});
        painter.drawText(words, style::textFlags(item.label, layoutDirection()), painter.fontMetrics().elidedText(item.label, Qt::ElideRight, words.width()));
    }
    if (hasMore()) {
        const QRect line = lineRect(shown());
        painter.setFont(style::caption());
        painter.setPen(m_hover == shown() ? t.accentHover : t.accent);
        const QString words = m_isUnfolded ? tr("Show fewer") : tr("Show all %1").arg(m_items.size());
        painter.drawText(at(line.adjusted(kLeft + kBox + 8, 0, -kLeft, 0)), style::textFlags(words, layoutDirection()), words);
        if (m_current == shown() && m_hasKeyboardFocus)
            style::drawBox(&painter, line.adjusted(4, 1, -4, -1), QColor(), t.accent, style::kRadius, 2.0);
    }
    style::drawHairline(&painter, rect().bottomLeft(), rect().bottomRight(), t.border);
}

void FacetList::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        toggle(lineAt(event->position().toPoint()));
}

void FacetList::mouseMoveEvent(QMouseEvent* event)
{
    const int line = lineAt(event->position().toPoint());
    if (line == m_hover)
        return;
    m_hover = line;
    update();
}

void FacetList::leaveEvent(QEvent*)
{
    m_hover = -1;
    update();
}

void FacetList::keyPressEvent(QKeyEvent* event)
{
    const int last = shown() - 1 + (hasMore() ? 1 : 0);
    if (event->key() == Qt::Key_Down)
        m_current = std::min(last, m_current + 1);
    else if (event->key() == Qt::Key_Up)
        m_current = std::max(0, m_current - 1);
    else if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Return)
        toggle(m_current);
    else
        return QWidget::keyPressEvent(event);
    update();
}

void FacetList::focusInEvent(QFocusEvent* event)
{
    m_hasKeyboardFocus = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
    update();
}

void FacetList::focusOutEvent(QFocusEvent*)
{
    m_hasKeyboardFocus = false;
    update();
}

bool FacetList::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int line = lineAt(help->pos());
    if (line >= 0 && line < shown())
        QToolTip::showText(help->globalPos(), tr("%1: %2 rows with the other filters").arg(m_items[line].label, bridge::grouped(m_items[line].count)), this);
    else
        QToolTip::hideText();
    return true;
}

}
