// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/grid_columns.h"

#include <QWidget>

namespace attune::pages {

/// The header of the row grid, 46 px: name, type and empty count, a small histogram whose bars filter, a sort mark,
/// edges to drag.
class RowHeader final : public QWidget
{
    Q_OBJECT
public:
    explicit RowHeader(QWidget* parent = nullptr);
    void setColumns(std::vector<GridColumn>* columns) { m_columns = columns; }
    void setOffset(int x);
    void setSort(const std::string& field, bool isDescending);

signals:
    void sortWanted(int column);
    /// A bar was clicked: the range that it counts.
    void rangeWanted(int column, double low, double high);
    void widthChanged();
    void menuWanted(const QPoint& global);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    int columnAt(int x) const;
    QRect rectOf(int column) const;
    int edgeOf(int column) const;
    QRect barsOf(int column) const;
    int barAt(int column, const QPoint& at) const;
    void paintColumn(QPainter& painter, int column) const;
    std::pair<double, double> rangeOf(int column, int bar) const;

    std::vector<GridColumn>* m_columns = nullptr;
    std::string m_sortBy;
    bool m_isDescending = false;
    int m_offset = 0, m_resized = -1, m_pressedX = 0, m_pressedWidth = 0;
    int m_hoverColumn = -1, m_hoverBar = -1;
};

}
