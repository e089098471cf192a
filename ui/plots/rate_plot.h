// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

namespace attune::plots {

/// A small picture of a learning-rate schedule: three ticks of the rate, steps below, no controls.
class RatePlot final : public QWidget
{
    Q_OBJECT
public:
    explicit RatePlot(QWidget* parent = nullptr);
    /// rates: at equal distances from the first to the last of `steps` steps. Empty: says why in words.
    void setRates(const QList<double>& rates, qint64 steps);
    void setMessage(const QString& message);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<double> m_rates;
    qint64 m_steps = 0;
    QString m_message;
};

}
