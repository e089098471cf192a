// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QStyleOption;
class QTableView;

namespace attune::style {

/// Lights the whole row under the mouse of a table whose rows are chosen as a whole; Qt lights one cell. AttuneStyle gives
/// one to every table.
class RowHover final : public QObject
{
public:
    static void follow(QTableView* table);
    /// The row of a cell that is painted lies under the mouse.
    static bool holds(const QStyleOption& option);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    explicit RowHover(QTableView* table);
    void setRow(int row);
    void repaint(int row) const;

    QTableView* m_table;
    int m_row = -1;
};

}
