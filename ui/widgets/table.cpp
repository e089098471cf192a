// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/table.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QAbstractTableModel>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>

#include <algorithm>

namespace attune::widgets {

using style::tokens;

namespace {

enum Role { SortRole = Qt::UserRole + 1, IdRole, CellRole };

QColor toneColour(Tone tone)
{
    const auto& t = tokens();
    switch (tone) {
    case Tone::Secondary: return t.text2;
    case Tone::Success: return t.success;
    case Tone::Warning: return t.warning;
    case Tone::Danger: return t.danger;
    case Tone::Accent: return t.accent;
    case Tone::Text: break;
    }
    return t.text;
}

}

class Table::Model final : public QAbstractTableModel
{
public:
    Model(const QList<TableColumn>& columns, QObject* parent) : QAbstractTableModel(parent), m_columns(columns) {}

    int rowCount(const QModelIndex& parent) const override { return parent.isValid() ? 0 : static_cast<int>(m_rows.size()); }
    int columnCount(const QModelIndex& parent) const override { return parent.isValid() ? 0 : static_cast<int>(m_columns.size()); }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (orientation != Qt::Horizontal || section >= m_columns.size())
            return {};
        if (role == Qt::DisplayRole)
            return m_columns[section].title;
        if (role == Qt::TextAlignmentRole)
            return static_cast<int>((m_columns[section].isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        return {};
    }
    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!index.isValid() || index.column() >= m_rows[index.row()].cells.size())
            return {};
        const Cell& cell = m_rows[index.row()].cells[index.column()];
        switch (role) {
        case Qt::DisplayRole:
        case Qt::AccessibleTextRole: return cell.text;
        case SortRole: return cell.sort.isValid() ? cell.sort : QVariant(cell.text.toLower());
        case IdRole: return m_rows[index.row()].id;
        default: return {};
        }
    }
    void setRows(const QList<TableRow>& rows)
    {
        beginResetModel();
        m_rows = rows;
        endResetModel();
    }
    const TableRow& row(int index) const { return m_rows[index]; }
    const TableColumn& column(int index) const { return m_columns[index]; }

private:
    QList<TableColumn> m_columns;
    QList<TableRow> m_rows;
};

class Table::Delegate final : public QStyledItemDelegate
{
public:
    Delegate(Model* model, QSortFilterProxyModel* proxy, QObject* parent) : QStyledItemDelegate(parent), m_model(model), m_proxy(proxy) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = tokens();
        const QModelIndex source = m_proxy->mapToSource(index);
        const TableRow& row = m_model->row(source.row());
        const TableColumn& column = m_model->column(source.column());
        const Cell cell = source.column() < row.cells.size() ? row.cells[source.column()] : Cell {};
        const bool selected = option.state & QStyle::State_Selected;
        if (selected)
            painter->fillRect(option.rect, option.state & QStyle::State_Active ? t.selection : t.accentWeak);
        else if (option.state & QStyle::State_MouseOver)
            painter->fillRect(option.rect, t.hover);
        style::drawHairline(painter, option.rect.bottomLeft(), option.rect.bottomRight(), t.border);
        QRect rect = option.rect.adjusted(style::kSpace2, 0, -style::kSpace2, 0);
        if (cell.dot) {
            painter->save();
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(t.run(*cell.dot));
            painter->drawEllipse(QPointF(rect.x() + 5, rect.center().y() + 0.5), 4, 4);
            painter->restore();
            rect.adjust(18, 0, 0, 0);
        }
        if (!cell.icon.isEmpty()) {
            painter->drawPixmap(rect.x(), rect.center().y() - 7, style::iconPixmap(cell.icon, 16, toneColour(cell.tone == Tone::Text ? Tone::Secondary : cell.tone), painter->device()->devicePixelRatioF()));
            rect.adjust(22, 0, 0, 0);
        }
        painter->setFont(column.isNumber || column.isMono ? style::mono() : style::body(cell.isStrong ? style::Weight::Medium : style::Weight::Regular));
        painter->setPen(row.isFaded ? t.text2 : toneColour(cell.tone));
        painter->drawText(rect, static_cast<int>((column.isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter), painter->fontMetrics().elidedText(cell.text, Qt::ElideRight, rect.width()));
    }
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index) override;

private:
    Model* m_model;
    QSortFilterProxyModel* m_proxy;
};

bool Table::Delegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    const QString text = index.data(Qt::DisplayRole).toString();
    if (QFontMetrics(style::body()).horizontalAdvance(text) <= option.rect.width() - 2 * style::kSpace2)
        return false;
    view->setToolTip(text);
    return QStyledItemDelegate::helpEvent(event, view, option, index);
}

Table::Table(const QList<TableColumn>& columns, QWidget* parent)
    : QTableView(parent)
    , m_columns(columns)
    , m_model(new Model(columns, this))
    , m_proxy(new QSortFilterProxyModel(this))
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setSortRole(SortRole);
    m_proxy->setFilterKeyColumn(-1);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    setModel(m_proxy);
    setItemDelegate(new Delegate(m_model, m_proxy, this));
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setWordWrap(false);
    setMouseTracking(true);
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    setEditTriggers(NoEditTriggers);
    setHorizontalScrollMode(ScrollPerPixel);
    setVerticalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(style::rowHeight());  // first: the default is clamped to it
    verticalHeader()->setDefaultSectionSize(style::rowHeight());
    horizontalHeader()->setFixedHeight(style::rowHeight());
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionsClickable(true);
    horizontalHeader()->setMinimumSectionSize(40);
    setSortingEnabled(true);
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    viewport()->setAutoFillBackground(false);  // the plane below shows: surface in both themes
    connect(this, &QTableView::doubleClicked, this, [this](const QModelIndex& index) { emit opened(index.data(IdRole).toString()); });
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, &Table::selectionMoved);
}

void Table::setMultiSelection(bool isMulti)
{
    setSelectionMode(isMulti ? ExtendedSelection : SingleSelection);
}

void Table::sortBy(int column, Qt::SortOrder order)
{
    sortByColumn(column, order);
}

void Table::setRows(const QList<TableRow>& rows)
{
    const QStringList selected = selectedIds();
    const QString current = currentIndex().data(IdRole).toString();
    {
        const QSignalBlocker blocker(selectionModel());
        m_model->setRows(rows);
        for (int i = 0; i < m_proxy->rowCount(); ++i) {
            const QModelIndex index = m_proxy->index(i, 0);
            const QString id = index.data(IdRole).toString();
            if (selected.contains(id))
                selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
            // The arrow keys go on from here.
            if (!current.isEmpty() && id == current)
                selectionModel()->setCurrentIndex(index, QItemSelectionModel::NoUpdate);
        }
    }
    fitColumns();
    if (selectedIds().size() != selected.size())
        emit selectionMoved();
}

void Table::setFilter(const QString& text)
{
    m_proxy->setFilterFixedString(text);
}

int Table::shownRows() const
{
    return m_proxy->rowCount();
}

QStringList Table::selectedIds() const
{
    QStringList ids;
    for (const auto& index : selectionModel()->selectedRows())
        ids.append(index.data(IdRole).toString());
    return ids;
}

QString Table::currentId() const
{
    const auto ids = selectedIds();
    return ids.isEmpty() ? QString() : ids.first();
}

void Table::selectId(const QString& id)
{
    for (int i = 0; i < m_proxy->rowCount(); ++i)
        if (m_proxy->index(i, 0).data(IdRole).toString() == id)
            selectRow(i);
}

void Table::fitColumns()
{
    int fixed = 0, flexible = 0;
    for (const auto& column : m_columns) {
        fixed += style::scaled(column.width);
        flexible += column.width == 0;
    }
    const int left = std::max(84 * flexible, viewport()->width() - fixed);
    for (int i = 0; i < m_columns.size(); ++i)
        setColumnWidth(i, m_columns[i].width ? style::scaled(m_columns[i].width) : left / std::max(1, flexible));
}

void Table::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    fitColumns();
}

void Table::keyPressEvent(QKeyEvent* event)
{
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && !currentId().isEmpty())
        emit opened(currentId());
    else
        QTableView::keyPressEvent(event);
}

void Table::contextMenuEvent(QContextMenuEvent* event)
{
    emit menuRequested(event->globalPos());
}

}
