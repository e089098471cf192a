// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/step_chip.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>

namespace attune::pages {

namespace {
constexpr int kBox = 16, kGap = 8, kMostName = 190;
}

StepChip::StepChip(const StepGroup& group, QWidget* parent)
    : QWidget(parent)
    , m_group(group)
{
    setObjectName(QStringLiteral("step-chip"));
    setFocusPolicy(Qt::TabFocus);
    setFixedHeight(style::controlHeight());
    setFixedWidth(sizeHint().width());
    QString words = tr("Step %1, %2").arg(number(), m_group.name);
    if (m_group.report)
        words += QStringLiteral(": ") + stepEffectWords(*m_group.report);
    if (!m_group.isEnabled)
        words += tr(" (switched off)");
    setAccessibleName(words);
    setToolTip(words + (m_group.report ? tr("\n%1 s").arg(bridge::decimal(m_group.report->seconds, 2)) : QString()));
}

QString StepChip::number() const
{
    const auto first = static_cast<int>(m_group.first) + 1, last = first + static_cast<int>(m_group.count) - 1;
    return m_group.count == 1 ? QString::number(first) : QStringLiteral("%1–%2").arg(first).arg(last);
}

QRect StepChip::boxRect() const
{
    return QStyle::visualRect(layoutDirection(), rect(), {kGap, (height() - kBox) / 2, kBox, kBox});
}

QSize StepChip::sizeHint() const
{
    const QFontMetrics body(style::body()), mono(style::monoCaption());
    int width = kGap + kBox + kGap + body.horizontalAdvance(number() + QLatin1Char(' ')) + std::min(kMostName, body.horizontalAdvance(m_group.name)) + kGap + 2;
    if (m_group.report && m_group.isEnabled)
        width += mono.horizontalAdvance(stepEffect(*m_group.report)) + 6;
    return {width, style::controlHeight()};
}

void StepChip::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    const style::Reading reading {rect(), layoutDirection()};
    const bool isHot = underMouse() || m_isDragging;
    style::drawBox(&painter, rect(), t.surface, hasFocus() ? t.accent : isHot ? t.borderStrong : t.border, style::kRadius, hasFocus() ? 2.0 : 1.0);
    const QRect box = boxRect();
    style::drawBox(&painter, box, m_group.isEnabled ? t.accent : t.surface, m_group.isEnabled ? t.accent : t.borderStrong, style::kSmallRadius);
    if (m_group.isEnabled)
        painter.drawPixmap(box.x() + 1, box.y() + 1, style::iconPixmap(QStringLiteral("check"), 14, t.onAccent, devicePixelRatioF()));
    int x = kGap + kBox - 1 + kGap;
    painter.setFont(style::body());
    painter.setPen(t.text2);
    const QString lead = number() + QLatin1Char(' ');
    reading.draw(painter, {x, 0, width() - x, height()}, lead);
    x += painter.fontMetrics().horizontalAdvance(lead);
    painter.setPen(m_group.isEnabled ? t.text : t.text2);
    const QString name = painter.fontMetrics().elidedText(m_group.name, Qt::ElideRight, kMostName);
    reading.draw(painter, {x, 0, width() - x, height()}, name);
    x += painter.fontMetrics().horizontalAdvance(name) + 6;
    if (!m_group.report || !m_group.isEnabled)
        return;
    const QStringList parts = stepEffect(*m_group.report).split(QLatin1Char(' '));
    painter.setFont(style::monoCaption());
    for (const auto& part : parts) {
        painter.setPen(part.startsWith(QChar(0x2212)) ? t.danger : part.startsWith(QLatin1Char('~')) ? t.warning : part.startsWith(QLatin1Char('+')) ? t.success : t.text2);
        reading.draw(painter, {x, 0, width() - x, height()}, part);
        x += painter.fontMetrics().horizontalAdvance(part + QLatin1Char(' '));
    }
}

void StepChip::mousePressEvent(QMouseEvent* event)
{
    m_isPressed = event->button() == Qt::LeftButton;
    m_isDragging = false;
    m_pressedX = event->globalPosition().toPoint().x();
    m_home = x();
}

void StepChip::mouseMoveEvent(QMouseEvent* event)
{
    const int dx = event->globalPosition().toPoint().x() - m_pressedX;
    if (!m_isPressed || (!m_isDragging && std::abs(dx) < QApplication::startDragDistance()))
        return;
    m_isDragging = true;
    raise();
    move(m_home + dx, y());
}

void StepChip::mouseReleaseEvent(QMouseEvent* event)
{
    if (!std::exchange(m_isPressed, false))
        return;
    if (std::exchange(m_isDragging, false)) {
        const int dx = x() - m_home;
        move(m_home, y());
        emit dragged(dx);
    } else if (boxRect().adjusted(-kGap, -6, 4, 6).contains(event->position().toPoint())) {
        emit toggled();
    }
}

void StepChip::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (canEdit() && !boxRect().adjusted(-kGap, -6, 4, 6).contains(event->position().toPoint()))
        emit editWanted();
}

namespace {
bool isMoveKey(const QKeyEvent& event)
{
    return (event.modifiers() & Qt::AltModifier) && (event.key() == Qt::Key_Left || event.key() == Qt::Key_Right);
}
}

bool StepChip::event(QEvent* event)
{
    // Alt and an arrow go back and forward between pages everywhere else.
    if (event->type() == QEvent::ShortcutOverride && isMoveKey(*static_cast<QKeyEvent*>(event)))
        event->accept();
    return QWidget::event(event);
}

void StepChip::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space)
        emit toggled();
    else if (event->key() == Qt::Key_Return && canEdit())
        emit editWanted();
    else if (event->key() == Qt::Key_Delete)
        emit removeWanted();
    else if (isMoveKey(*event))
        emit moveWanted((event->key() == Qt::Key_Left) == (layoutDirection() == Qt::LeftToRight) ? -1 : 1);
    else
        QWidget::keyPressEvent(event);
}

void StepChip::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu;
    auto* edit = menu.addAction(tr("Edit…"));
    edit->setEnabled(canEdit());
    auto* toggle = menu.addAction(m_group.isEnabled ? tr("Switch off") : tr("Switch on"));
    auto* left = menu.addAction(tr("Move to the left"));
    auto* right = menu.addAction(tr("Move to the right"));
    menu.addSeparator();
    auto* remove = menu.addAction(tr("Remove"));
    const auto* chosen = menu.exec(event->globalPos());
    if (chosen == edit)
        emit editWanted();
    else if (chosen == toggle)
        emit toggled();
    else if (chosen == left || chosen == right)
        emit moveWanted(chosen == left ? -1 : 1);
    else if (chosen == remove)
        emit removeWanted();
}

void StepChip::enterEvent(QEnterEvent*) { update(); }
void StepChip::leaveEvent(QEvent*) { update(); }
void StepChip::focusInEvent(QFocusEvent*) { update(); }
void StepChip::focusOutEvent(QFocusEvent*) { update(); }

}
