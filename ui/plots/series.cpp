// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/series.h"

#include "bridge/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace attune::plots {

QVector<double> smoothed(const QVector<double>& y, double weight)
{
    if (weight <= 0)
        return y;
    QVector<double> out;
    out.reserve(y.size());
    double last = 0, correction = 1;
    for (const double value : y) {
        if (!std::isfinite(value)) {
            out.append(value);
            continue;
        }
        last = weight * last + (1 - weight) * value;
        correction *= weight;
        out.append(last / (1 - correction));
    }
    return out;
}

Points envelope(const Points& points, double x0, double x1, int buckets)
{
    Points out;
    if (points.size() <= 2 * buckets || x1 <= x0 || buckets < 1) {
        for (qsizetype i = 0; i < points.size(); ++i)
            if (std::isfinite(points.y[i]) && points.x[i] >= x0 && points.x[i] <= x1)
                out.add(points.x[i], points.y[i]);
        return out;
    }
    int current = -1;
    qsizetype low = 0, high = 0;
    const auto flush = [&] {
        if (current < 0)
            return;
        const auto first = std::min(low, high), second = std::max(low, high);
        out.add(points.x[first], points.y[first]);
        if (second != first)
            out.add(points.x[second], points.y[second]);
    };
    for (qsizetype i = 0; i < points.size(); ++i) {
        if (!std::isfinite(points.y[i]) || points.x[i] < x0 || points.x[i] > x1)
            continue;
        const int bucket = std::min(buckets - 1, static_cast<int>((points.x[i] - x0) / (x1 - x0) * buckets));
        if (bucket != current) {
            flush();
            current = bucket;
            low = high = i;
        } else if (points.y[i] < points.y[low]) {
            low = i;
        } else if (points.y[i] > points.y[high]) {
            high = i;
        }
    }
    flush();
    return out;
}

std::pair<double, double> robustRange(const QVector<double>& y, bool positiveOnly, Outliers outliers)
{
    QVector<double> values;
    values.reserve(y.size());
    for (const double v : y)
        if (std::isfinite(v) && (!positiveOnly || v > 0))
            values.append(v);
    if (values.isEmpty())
        return {positiveOnly ? 0.1 : 0.0, 1.0};
    const auto at = [&values](double share) {
        const auto index = static_cast<qsizetype>(share * static_cast<double>(values.size() - 1) + 0.5);
        std::nth_element(values.begin(), values.begin() + index, values.end());
        return values[index];
    };
    // Few points hold no outliers that one could tell.
    const bool all = outliers == Outliers::Shown || values.size() < 40;
    const double edge = outliers == Outliers::P95 ? 0.05 : 0.01;
    const double low = all ? *std::min_element(values.begin(), values.end()) : at(edge);
    const double high = all ? *std::max_element(values.begin(), values.end()) : at(1 - edge);
    if (positiveOnly)
        return {low / 1.1, high * 1.1};
    const double margin = high > low ? 0.06 * (high - low) : std::max(std::abs(high) * 0.1, 1e-12);
    return {low - margin, high + margin};
}

QString tickText(double value, double step)
{
    const double size = std::abs(value);
    if (size < 1e-12 || (step > 0 && size < step * 1e-6))
        return QStringLiteral("0");
    if (size < 1e-3)
        return bridge::scientific(value);
    if (size >= 1e6)
        return bridge::significant(value / 1e6, 4) + QChar(0x00A0) + QStringLiteral("M");
    if (size >= 1e4)
        return bridge::significant(value / 1e3, 4) + QChar(0x00A0) + QStringLiteral("k");
    if (size >= 1000)
        return bridge::grouped(static_cast<qint64>(std::llround(value)));
    // As many decimals as the step has: 0.25 has two.
    int decimals = step > 0 ? 0 : 3;
    for (double scaled = step; step > 0 && decimals < 6 && std::abs(scaled - std::round(scaled)) > 1e-6 * std::max(1.0, scaled); scaled *= 10)
        ++decimals;
    return bridge::decimal(value, decimals);
}

}
