// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/dataset_stats.h"

#include <QString>
#include <QWidget>

namespace attune::pages {

/// A number of every row as a facet: histogram 40 px high, a slider with two thumbs, the context limit as a line with
/// words. The left and right keys move the thumb that has the focus, Tab changes it.
class RangeFacet final : public QWidget
{
    Q_OBJECT
public:
    RangeFacet(const QString& field, const QString& title, QWidget* parent = nullptr);
    const QString& field() const { return m_field; }
    /// least, most: of all rows; the histogram may end before.
    void setBars(const pipeline::Histogram& bars, double least, double most);
    void setLimit(qint64 limit, const QString& words);
    /// The range in force; without one the thumbs stand at the ends.
    void setRange(double low, double high);
    void clearRange();
    double low() const { return m_low; }
    double high() const { return m_high; }
    QRect thumbRect(bool isHigh) const;

signals:
    /// high is very large where the upper thumb stands at the end.
    void rangeChanged(double low, double high);
    void limitClicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool focusNextPrevChild(bool isNext) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    QRect plotRect() const;
    int xOf(double value) const;
    double valueAt(int x) const;
    bool isWhole() const { return m_low <= m_bars.minimum && m_high >= m_bars.maximum; }
    void say();

    QString m_field, m_title, m_limitWords;
    pipeline::Histogram m_bars;
    double m_least = 0, m_most = 0, m_low = 0, m_high = 0;
    qint64 m_limit = 0;
    int m_dragged = 0;          ///< 1: low, 2: high
    bool m_isHighFocused = false, m_hasKeyboardFocus = false;
};

}
