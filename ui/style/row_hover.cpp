// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/row_hover.h"

#include <QHoverEvent>
#include <QStyleOption>
#include <QTableView>
#include <QVariant>

namespace attune::style {
namespace {

constexpr const char* kRow = "attune-hover-row";

}

RowHover::RowHover(QTableView* table)
    : QObject(table)
    , m_table(table)
{
    table->setProperty(kRow, -1);
    table->viewport()->installEventFilter(this);
}

void RowHover::follow(QTableView* table)
{
    // Polishing comes again with every change of the theme.
    if (!table->property(kRow).isValid())
        new RowHover(table);
}

bool RowHover::holds(const QStyleOption& option)
{
    const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(&option);
    const auto* table = item ? qobject_cast<const QTableView*>(item->widget) : nullptr;
    if (!table || table->selectionBehavior() != QAbstractItemView::SelectRows)
        return option.state & QStyle::State_MouseOver;
    // Delegates paint with an option that has no index yet: the place says which row it is.
    const int row = table->property(kRow).toInt();
    return row >= 0 && row == table->rowAt(option.rect.center().y());
}

bool RowHover::eventFilter(QObject* watched, QEvent* event)
{
    switch (event->type()) {
    case QEvent::HoverEnter:
    case QEvent::HoverMove: setRow(m_table->rowAt(static_cast<QHoverEvent*>(event)->position().toPoint().y())); break;
    case QEvent::HoverLeave:
    case QEvent::Leave: setRow(-1); break;
    default: break;
    }
    return QObject::eventFilter(watched, event);
}

void RowHover::setRow(int row)
{
    if (m_row == row)
        return;
    repaint(m_row);
    m_row = row;
    m_table->setProperty(kRow, row);
    repaint(row);
}

void RowHover::repaint(int row) const
{
    if (row >= 0)
        m_table->viewport()->update(0, m_table->rowViewportPosition(row), m_table->viewport()->width(), m_table->rowHeight(row));
}

}
