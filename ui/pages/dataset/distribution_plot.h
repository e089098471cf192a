// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/dataset_stats.h"

#include <QString>
#include <QWidget>

namespace attune::pages {

/// How a number is distributed over the rows: bars, the ends of the axis in words, the context limit as a line. A
/// click on a bar asks for its rows.
class DistributionPlot final : public QWidget
{
    Q_OBJECT
public:
    explicit DistributionPlot(const QString& unit, QWidget* parent = nullptr);
    /// most: the largest value of all, which may lie beyond the last bar's begin.
    void setBars(const pipeline::Histogram& bars, double most);
    void setLimit(double limit);
    QRect barRect(int bar) const;
    QSize sizeHint() const override;

signals:
    /// high is very large for the last bar.
    void barClicked(double low, double high);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRect plotRect() const;
    int barAt(const QPoint& at) const;
    std::pair<double, double> rangeOf(int bar) const;

    QString m_unit;
    pipeline::Histogram m_bars;
    double m_most = 0, m_limit = 0;
    int m_hover = -1;
};

}
