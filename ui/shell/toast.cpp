// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/toast.h"

#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/basics.h"

#include <QBoxLayout>
#include <QEvent>
#include <QPainter>

namespace attune::shell {

namespace {
constexpr int kAround = 200;  // buttons of the toast and what stays free beside it
constexpr int kGap = 4, kTallest = 64;  // of a control; what is taller is a chart or a list, which one only looks at
}

Toast::Toast(const QString& text, const std::function<void()>& undo, QWidget* parent)
    : QWidget(parent)
{
    auto* layout = widgets::row(8);
    layout->setContentsMargins(14, 4, 6, 4);
    setLayout(layout);
    auto* words = widgets::bodyLabel(text);
    if (const int most = parent->width() - kAround; words->sizeHint().width() > most) {
        words->setWordWrap(true);
        words->setFixedWidth(most);
    }
    layout->addWidget(words);
    if (undo) {
        auto* button = widgets::smallButton(tr("Undo"), widgets::ButtonRole::Ghost);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, undo] {
            undo();
            deleteLater();
        });
    }
    auto* close = widgets::iconButton(QStringLiteral("close"), tr("Close"));
    layout->addWidget(close);
    connect(close, &QToolButton::clicked, this, &QObject::deleteLater);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &QObject::deleteLater);
    m_timer.start(8000);
    parent->installEventFilter(this);
    setMinimumHeight(38);
    adjustSize();
    place();
    show();
    raise();
    setAccessibleName(text);
}

/// At the bottom, but never over what one may want to press there: then above it.
void Toast::place()
{
    QRect at(QPoint((parentWidget()->width() - width()) / 2, parentWidget()->height() - height() - 16), size());
    const int highest = parentWidget()->height() / 2;
    while (covers(at) && at.top() > highest)
        at.translate(0, -8);
    move(at.topLeft());
}

bool Toast::covers(const QRect& place) const
{
    for (const auto* control : parentWidget()->findChildren<QWidget*>())
        if (control->focusPolicy() != Qt::NoFocus && control->isVisible() && control->height() <= kTallest && !isAncestorOf(control)
            && QRect(control->mapTo(parentWidget(), QPoint(0, 0)), control->size()).adjusted(0, -kGap, 0, kGap).intersects(place))
            return true;
    return false;
}

bool Toast::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize)
        place();
    return QWidget::eventFilter(watched, event);
}

void Toast::enterEvent(QEnterEvent*)
{
    m_timer.stop();
}

void Toast::leaveEvent(QEvent*)
{
    m_timer.start(8000);
}

void Toast::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    style::drawBox(&painter, rect(), style::tokens().raised, style::tokens().borderStrong, 6);
}

}
