// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QVector>

#include <utility>

namespace attune::plots {

/// Points of one curve, x ascending.
struct Points {
    QVector<double> x, y;
    void add(double px, double py)
    {
        x.append(px);
        y.append(py);
    }
    qsizetype size() const { return x.size(); }
};

/// What the x axis counts.
enum class XAxis { Step, Tokens, Time, Epoch };

/// Which values the y axis has room for: all, or those of the inner percentiles. The data stay as they are.
enum class Outliers { Shown, P99, P95 };

/// Debiased exponential moving average (TensorBoard's): last = w·last + (1-w)·y, out = last / (1-w^n).
/// Non-finite values are passed through and do not count. weight 0 returns y.
QVector<double> smoothed(const QVector<double>& y, double weight);

/// Min and max of each of `buckets` equal parts of [x0, x1], in order: the envelope that a curve of any
/// length paints, O(n). Non-finite points are left out.
Points envelope(const Points& points, double x0, double x1, int buckets);

/// The range that shows all but outliers (1st to 99th or 5th to 95th percentile), widened by 6 %; equal bounds are
/// opened. positiveOnly: for a logarithmic axis.
std::pair<double, double> robustRange(const QVector<double>& y, bool positiveOnly, Outliers outliers = Outliers::P99);

/// "1.2 k", "2e-4", "0.62": a tick as people read it.
QString tickText(double value, double step);

}
