// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/toast.h"

#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/basics.h"

#include <QBoxLayout>
#include <QEvent>
#include <QPainter>

namespace attune::shell {

Toast::Toast(const QString& text, const std::function<void()>& undo, QWidget* parent)
    : QWidget(parent)
{
    auto* layout = widgets::row(8);
    layout->setContentsMargins(14, 4, 6, 4);
    setLayout(layout);
    layout->addWidget(widgets::bodyLabel(text));
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
    setFixedHeight(38);
    adjustSize();
    place();
    show();
    raise();
    setAccessibleName(text);
}

void Toast::place()
{
    move((parentWidget()->width() - width()) / 2, parentWidget()->height() - height() - 16);
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
