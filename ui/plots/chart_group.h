// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/curve_panel.h"

#include <QObject>

namespace attune::plots {

/// What the controls above charts say; kept in the settings.
struct ChartView {
    XAxis axis = XAxis::Step;
    double smoothing = 0.6;
    bool showsRaw = true, isLogarithmic = false;
    Outliers outliers = Outliers::P99;
};

/// Panels that are read together: one crosshair, one pinned place, one part of the x axis, one way to look.
class ChartGroup final : public QObject
{
    Q_OBJECT
public:
    explicit ChartGroup(QObject* parent = nullptr);
    /// Facts (a learning rate, memory) are not measurements with noise: they are never smoothed. hasLog: takes the
    /// logarithmic axis.
    void add(CurvePanel* panel, bool isFact = false, bool hasLog = false);
    const QList<CurvePanel*>& panels() const { return m_panels; }
    void apply(const ChartView& view);
    /// Another run, another axis: nothing of the former part of the x axis holds.
    void clear();

private:
    struct Member { bool isFact, hasLog; };
    QList<CurvePanel*> m_panels;
    QList<Member> m_members;
};

/// "7:42" for a time, grouped digits else; the axis' own name.
QString axisName(XAxis axis);
std::function<QString(double)> axisText(XAxis axis);

}
