// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPair>
#include <QWidget>

namespace attune::widgets {

/// How far a run is: a bar with ticks at checkpoints and a flag over the best one, and below it one
/// line of label and value, parted by hairlines.
class ProgressHeader : public QWidget
{
    Q_OBJECT
public:
    explicit ProgressHeader(QWidget* parent = nullptr);
    void setProgress(double share);
    /// Places from 0 to 1.
    void setMarks(const QList<double>& checkpoints, double best);
    /// Pairs of label and value, in order; an empty label shows the value alone.
    void setFacts(const QList<QPair<QString, QString>>& facts);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double m_share = 0, m_best = -1;
    QList<double> m_checkpoints;
    QList<QPair<QString, QString>> m_facts;
};

}
