// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/chart_group.h"

#include "bridge/text.h"

namespace attune::plots {

ChartGroup::ChartGroup(QObject* parent)
    : QObject(parent)
{
}

void ChartGroup::add(CurvePanel* panel, bool isFact, bool hasLog)
{
    m_panels.append(panel);
    m_members.append({isFact, hasLog});
    connect(panel, &CurvePanel::crosshairMoved, this, [this](std::optional<double> x) {
        for (auto* other : m_panels)
            other->setCrosshair(x);
    });
    connect(panel, &CurvePanel::pinnedChanged, this, [this](std::optional<double> x) {
        for (auto* other : m_panels)
            other->setPinned(x);
    });
    connect(panel, &CurvePanel::zoomChanged, this, [this, panel](const Zoom& zoom) {
        for (auto* other : m_panels)
            if (other != panel)
                other->setZoom(zoom);
    });
}

void ChartGroup::apply(const ChartView& view)
{
    for (qsizetype i = 0; i < m_panels.size(); ++i) {
        m_panels[i]->setSmoothing(m_members[i].isFact ? 0.0 : view.smoothing);
        m_panels[i]->setRawVisible(view.showsRaw);
        m_panels[i]->setOutliers(m_members[i].isFact ? Outliers::Shown : view.outliers);
        m_panels[i]->setAxisName(axisName(view.axis));
        m_panels[i]->setAxisText(axisText(view.axis));
        if (m_members[i].hasLog)
            m_panels[i]->setLogarithmic(view.isLogarithmic);
    }
}

void ChartGroup::clear()
{
    for (auto* panel : m_panels) {
        panel->setPinned({});
        panel->setCrosshair({});
        panel->resetZoom();
    }
}

QString axisName(XAxis axis)
{
    switch (axis) {
    case XAxis::Tokens: return ChartGroup::tr("tokens");
    case XAxis::Time: return ChartGroup::tr("time");
    case XAxis::Epoch: return ChartGroup::tr("epoch");
    case XAxis::Step: break;
    }
    return ChartGroup::tr("step");
}

std::function<QString(double)> axisText(XAxis axis)
{
    if (axis == XAxis::Time)
        return [](double seconds) { return bridge::duration(seconds); };
    if (axis == XAxis::Epoch)
        return [](double epoch) { return bridge::decimal(epoch, epoch < 10 ? 2 : 1); };
    if (axis == XAxis::Tokens)
        return [](double tokens) { return tokens >= 1e6 ? bridge::decimal(tokens / 1e6, 2) + QChar(0x00A0) + QLatin1Char('M') : tickText(tokens, 1); };
    return {};
}

}
