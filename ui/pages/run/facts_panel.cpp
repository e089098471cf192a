// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/facts_panel.h"

#include "style/metrics.h"

#include <QBoxLayout>
#include <QGridLayout>

namespace attune::pages {

FactsPanel::FactsPanel(const QString& title, QWidget* parent)
    : Panel(title, parent)
{
    m_grid = new QGridLayout;
    m_grid->setContentsMargins(12, 10, 12, 10);
    m_grid->setHorizontalSpacing(style::kSpace4);
    m_grid->setVerticalSpacing(6);
    m_grid->setColumnMinimumWidth(0, style::scaled(130));
    m_grid->setColumnStretch(1, 1);
    body()->addLayout(m_grid);
    body()->addStretch(1);
}

void FactsPanel::setFacts(const QList<QPair<QString, QString>>& facts)
{
    if (m_facts == facts)
        return;
    m_facts = facts;
    while (auto* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int line = 0;
    for (const auto& [name, value] : facts) {
        m_grid->addWidget(widgets::bodyLabel(name, widgets::Tone::Secondary), line, 0, Qt::AlignTop);
        auto* text = widgets::wrappedLabel(value, widgets::Tone::Text);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_grid->addWidget(text, line++, 1);
    }
}

}
