// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

namespace attune::pages {

/// A run in the header of Compare: its dot, its name, a flag on the baseline.
class RunChip final : public QAbstractButton
{
    Q_OBJECT
public:
    RunChip(const QString& name, int colour, bool isBaseline, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_colour;
    bool m_isBaseline;
};

}
