// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/machine_load.h"
#include "shell/page.h"

#include <QTimer>
#include <QWidget>

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
    void measure();

    Context& m_context;
    QTimer m_timer;
    QString m_processor, m_run, m_rest;
    double m_share = 0, m_freeDiskGib = 0;
    std::shared_ptr<pipeline::LoadMeter> m_meter = std::make_shared<pipeline::LoadMeter>();  ///< pool thread, one at a time
    pipeline::MachineLoad m_load;
    bool m_isMeasuring = false;
};

}
