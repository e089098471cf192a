// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/tab_line.h"

#include "style/metrics.h"
#include "widgets/basics.h"

#include <QBoxLayout>

#include <utility>

namespace attune::plots {

namespace {
constexpr int kMargin = 16;
}

TabLine::TabLine(const QString& name, QWidget* parent)
    : QWidget(parent)
{
    auto* layout = widgets::column();
    setLayout(layout);
    m_line = widgets::row(style::kSpace2);
    m_line->setContentsMargins(kMargin, 0, kMargin, 0);
    m_tabs = new QTabBar;
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setElideMode(Qt::ElideNone);
    m_tabs->setAccessibleName(name);
    m_line->addWidget(m_tabs);
    m_line->addStretch(1);
    layout->addLayout(m_line);
    m_below = widgets::row(style::kSpace2);
    m_below->addStretch(1);
    layout->addLayout(m_below);
}

void TabLine::addControls(ChartControls* controls)
{
    m_all.append(controls);
    (m_isStacked ? m_below : m_line)->addWidget(controls);
    arrange();
}

void TabLine::showControls(ChartControls* controls)
{
    m_shown = controls;
    for (auto* one : m_all)
        one->setVisible(one == controls);
    arrange();
}

void TabLine::setDense(bool areTabs, bool areControls)
{
    m_tabs->setProperty("compact", areTabs);
    m_tabs->setIconSize(m_tabs->iconSize());  // a tab bar measures its tabs again for this only
    for (auto* one : m_all)
        one->setCompact(areControls);
}

void TabLine::setStacked(bool isStacked)
{
    if (std::exchange(m_isStacked, isStacked) == isStacked)
        return;
    m_below->setContentsMargins(kMargin, isStacked ? style::kSpace1 : 0, kMargin, isStacked ? style::kSpace2 : 0);
    for (auto* one : m_all) {
        (isStacked ? m_line : m_below)->removeWidget(one);
        (isStacked ? m_below : m_line)->addWidget(one);
    }
}

bool TabLine::fits() const
{
    const int controls = m_shown ? m_shown->sizeHint().width() + 2 * style::kSpace2 : 0;
    return m_tabs->sizeHint().width() + controls <= width() - 2 * kMargin;
}

void TabLine::arrange()
{
    setDense(false, false);
    if (!fits())
        setDense(true, false);
    if (!fits())
        setDense(true, true);
    setStacked(!fits());
    // Below the tabs there is room for all of it again.
    if (m_isStacked && m_shown) {
        m_shown->setCompact(false);
        if (m_shown->sizeHint().width() > width() - 2 * kMargin)
            m_shown->setCompact(true);
    }
}

void TabLine::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

}
