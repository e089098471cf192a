// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

namespace attune::pages {

/// A run in the header of Compare: its dot, its name, a flag on the baseline.
class RunChip final : public QAbstractButton
{
    Q_OBJECT
public:
    enum class Mark { None, Flag, FlagAndWord };  ///< how the baseline is marked
    RunChip(const QString& name, int colour, Mark mark, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_colour;
    Mark m_mark;
};

}
