// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/chart_group.h"
#include "widgets/basics.h"

#include <QSettings>

class QComboBox;
class QSlider;
class QCheckBox;

namespace attune::plots {

/// The line above charts: x axis, smoothing with its value, raw, logarithmic, outliers. What is chosen is kept in the
/// settings under a name, so that each kind of page remembers its own x axis.
class ChartControls final : public QWidget
{
    Q_OBJECT
public:
    ChartControls(QSettings& settings, const QString& name, XAxis axis, QWidget* parent = nullptr);
    const ChartView& view() const { return m_view; }
    /// Leaves labels and the rarest choice out where there is little room.
    void setCompact(bool isCompact);

signals:
    void changed(const attune::plots::ChartView& view);

private:
    void build();
    void connectAll();
    void load(const QString& name, XAxis axis);
    void take();

    QSettings& m_settings;
    QString m_name;
    ChartView m_view;
    QComboBox *m_axis = nullptr, *m_outliers = nullptr;
    QSlider* m_smoothing = nullptr;
    widgets::Label *m_value = nullptr, *m_axisLabel = nullptr, *m_smoothingLabel = nullptr;
    QCheckBox *m_raw = nullptr, *m_log = nullptr;
};

}
