// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shell/page.h"

#include <QTimer>
#include <QWidget>

namespace attune::shell {

/// The bottom line: processor and memory in use at left, the running run in the middle, free disk at
/// right. Values are monospaced, so that nothing shifts. Reads /proc once in two seconds.
class StatusBar : public QWidget
{
    Q_OBJECT
public:
    explicit StatusBar(Context& context, QWidget* parent = nullptr);
    void setRun(const QString& name, double share, const QString& rest);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    void measure();

    Context& m_context;
    QTimer m_timer;
    QString m_processor, m_run, m_rest;
    double m_share = 0;
    double m_load = 0, m_usedGib = 0, m_totalGib = 0, m_freeDiskGib = 0;
    quint64 m_busy = 0, m_all = 0;
};

}
