// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/basics.h"

#include <QTableView>
#include <QVariant>

#include <optional>

class QSortFilterProxyModel;

namespace attune::widgets {

/// One cell: what it shows and how it sorts.
struct Cell {
    QString text = {};
    QVariant sort = {};             ///< empty: by text
    Tone tone = Tone::Text;
    bool isStrong = false;          ///< weight 500
    std::optional<int> dot = {};    ///< palette index of a run's dot
    QString icon = {};              ///< in front of the text
    bool isMissing = false;         ///< sorts last, whatever the order
    bool isChanged = false;         ///< differs from what it is compared with: a tint behind the text
    bool isHollow = false;          ///< the dot is a ring: off
};

struct TableColumn {
    QString title = {};
    int width = 120;           ///< 0 = takes what is left
    bool isNumber = false;     ///< monospaced, right-aligned
    bool isMono = false;
    bool isRaised = false;     ///< the one that others are compared with
};

struct TableRow {
    QString id = {};
    QList<Cell> cells = {};
    bool isFaded = false;      ///< archived
    bool isSection = false;    ///< a heading among the rows; cannot be chosen
};

/// A list of objects: sortable columns, a text filter over all cells, hairlines, no zebra. Rows keep
/// their selection by id when the list is set again.
class Table : public QTableView
{
    Q_OBJECT
public:
    explicit Table(const QList<TableColumn>& columns, QWidget* parent = nullptr);
    void setRows(const QList<TableRow>& rows);
    void setFilter(const QString& text);
    int shownRows() const;
    /// At which no title is shortened, no short name, and nothing in columns that have a width of their own.
    int leastWidth() const;
    QStringList selectedIds() const;
    QString currentId() const;
    void selectId(const QString& id);
    void setMultiSelection(bool isMulti);
    void sortBy(int column, Qt::SortOrder order);
    void setColumnVisible(int column, bool isVisible);
    /// What is shown, in the order that is shown: titles first, then a list a row.
    QList<QStringList> texts() const;

signals:
    void cellClicked(const QString& id, int column);
    void opened(const QString& id);        ///< Return or double click
    void selectionMoved();
    void menuRequested(const QPoint& globalPosition);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    class Model;
    class Delegate;
    class Proxy;
    void fitColumns();
    int titleWidth(int column) const;
    int wantedWidth(int column) const;
    QList<TableColumn> m_columns;
    Model* m_model = nullptr;
    QSortFilterProxyModel* m_proxy = nullptr;
};

}
