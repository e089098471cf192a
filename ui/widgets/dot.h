// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace attune::widgets {

/// A run's mark in its palette colour; below 0 grey, for what is no run.
class Dot final : public QWidget
{
    Q_OBJECT
public:
    explicit Dot(int colour = -1, QWidget* parent = nullptr);
    void setColour(int colour);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_colour;
};

}
