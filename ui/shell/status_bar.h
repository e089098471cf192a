// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/machine_load.h"
#include "shell/page.h"

#include <QTimer>
#include <QWidget>

#include <memory>
#include <optional>

namespace attune::shell {

/// The bottom line: GPU (or processor) and its memory in use at left, the running run in the middle, free disk at
/// right. Values are monospaced, so that nothing shifts. Measured once in two seconds.
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
    struct Measured { QString processor; pipeline::MachineLoad load; double freeDiskGib = 0; };
    struct Meter;
    void measure();
    void paintMachine(QPainter& painter);
    void paintDisk(QPainter& painter);
    void paintRun(QPainter& painter);

    Context& m_context;
    QTimer m_timer;
    QString m_run, m_rest;
    double m_share = 0;
    std::shared_ptr<Meter> m_meter;  ///< pool thread, one at a time
    std::optional<Measured> m_measured;  ///< nothing before the first measure
    bool m_isMeasuring = false;
};

}
