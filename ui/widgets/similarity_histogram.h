// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <cstdint>
#include <vector>

namespace attune::widgets {

/// How many pairs of rows there are at each similarity, with the threshold as a line: pairs right of it count.
class SimilarityHistogram : public QWidget
{
    Q_OBJECT
public:
    explicit SimilarityHistogram(QWidget* parent = nullptr);
    /// counts: equal parts of [from, 1].
    void setPairs(double from, const std::vector<std::int64_t>& counts);
    void setThreshold(double threshold);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double m_from = 0.7, m_threshold = 0.85;
    std::vector<std::int64_t> m_counts;
};

}
