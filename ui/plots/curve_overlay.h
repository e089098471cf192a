// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plots/curve_panel.h"

#include <QPainter>

namespace attune::plots {

/// Crosshair and read-out above the plot; lets the mouse through.
class CurvePanel::Overlay final : public QWidget
{
public:
    Overlay(std::function<void(QPainter&)> paint, QWidget* parent)
        : QWidget(parent)
        , m_paint(std::move(paint))
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setLayoutDirection(layoutDirection());  // the plot's, not that of the program
        m_paint(painter);
    }

private:
    std::function<void(QPainter&)> m_paint;
};

}
