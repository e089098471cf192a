// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/page_header.h"

#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QPainter>

namespace attune::widgets {

PageHeader::PageHeader(const QString& title, QWidget* parent)
    : QWidget(parent)
{
    setFixedHeight(style::panelHeaderHeight() + 14);
    m_row = row(style::kSpace2);
    m_row->setContentsMargins(16, 0, 16, 0);
    setLayout(m_row);
    m_back = iconButton(QStringLiteral("left"), tr("Back"));
    m_place = button({}, ButtonRole::Ghost);
    m_slash = bodyLabel(QStringLiteral("/"), Tone::Secondary);
    m_title = titleLabel(title);
    auto* lead = row(2);
    for (QWidget* one : {static_cast<QWidget*>(m_back), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_slash)})
        lead->addWidget(one);
    m_row->addLayout(lead);
    m_row->addWidget(m_title);
    m_row->addStretch(1);
    setPlace({});
    connect(m_back, &QToolButton::clicked, this, &PageHeader::backRequested);
    connect(m_place, &QPushButton::clicked, this, &PageHeader::backRequested);
}

void PageHeader::setTitle(const QString& title)
{
    m_title->setText(title);
}

void PageHeader::setPlace(const QString& place)
{
    m_place->setText(place);
    m_place->setFixedWidth(m_place->fontMetrics().horizontalAdvance(place) + 12);
    for (QWidget* w : {static_cast<QWidget*>(m_back), static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_slash)})
        w->setVisible(!place.isEmpty());
    m_row->setContentsMargins(place.isEmpty() ? 16 : 8, 0, 16, 0);
}

void PageHeader::addFact(QWidget* widget)
{
    m_row->insertWidget(2 + m_facts++, widget);
}

void PageHeader::addAction(QWidget* widget)
{
    m_row->addWidget(widget);
}

void PageHeader::setHairline(bool isVisible)
{
    m_hairline = isVisible;
}

void PageHeader::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), style::tokens().surface);
    if (m_hairline)
        style::drawHairline(&painter, rect().bottomLeft(), rect().bottomRight(), style::tokens().border);
}

}
