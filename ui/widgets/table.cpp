// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/table.h"

#include "style/control_paint.h"
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

constexpr int kLeastFlexible = 84, kShortName = 124;

enum Role { SortRole = Qt::UserRole + 1, IdRole, MissingRole };

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
        case MissingRole: return cell.isMissing;
        default: return {};
        }
    }
    Qt::ItemFlags flags(const QModelIndex& index) const override
    {
        const auto flags = QAbstractTableModel::flags(index);
        return index.isValid() && m_rows[index.row()].isSection ? flags & ~Qt::ItemIsSelectable : flags;
    }
    void setRows(const QList<TableRow>& rows)
    {
        beginResetModel();
        m_rows = rows;
        endResetModel();
    }
    const TableRow& row(int index) const { return m_rows[index]; }
    const TableColumn& column(int index) const { return m_columns[index]; }
    QFont fontOf(int index, const Cell& cell) const
    {
        const auto& column = m_columns[index];
        const auto weight = column.isRaised ? style::Weight::SemiBold : cell.isStrong ? style::Weight::Medium : style::Weight::Regular;
        return column.isNumber || column.isMono ? style::mono(column.isRaised ? weight : style::Weight::Regular) : style::body(weight);
    }

private:
    QList<TableColumn> m_columns;
    QList<TableRow> m_rows;
};

/// Sorts cells without a value last, whatever the order.
class Table::Proxy final : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override
    {
        const bool l = left.data(MissingRole).toBool(), r = right.data(MissingRole).toBool();
        if (l != r)
            return (sortOrder() == Qt::AscendingOrder) == r;
        return QSortFilterProxyModel::lessThan(left, right);
    }
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
        if (row.isSection) {
            // One text over all columns: the first cell paints the whole line.
            if (source.column() != 0)
                return;
            const QRect line = option.rect.adjusted(option.direction == Qt::RightToLeft ? -4000 : 0, 0, option.direction == Qt::RightToLeft ? 0 : 4000, 0);
            painter->save();
            painter->setClipping(false);
            painter->fillRect(line, t.raised);
            style::drawHairline(painter, line.bottomLeft(), line.bottomRight(), t.border);
            painter->setFont(style::body(style::Weight::SemiBold));
            painter->setPen(t.text);
            painter->drawText(line.adjusted(style::kSpace2, 0, -style::kSpace2, 0), style::textFlags(cell.text, option.direction), cell.text);
            painter->restore();
            return;
        }
        if (column.isRaised && !selected)
            painter->fillRect(option.rect, t.raised);
        style::drawRowGround(painter, option);
        style::drawHairline(painter, option.rect.bottomLeft(), option.rect.bottomRight(), t.border);
        const bool isMirrored = option.direction == Qt::RightToLeft;
        QRect rect = option.rect.adjusted(style::kSpace2, 0, -style::kSpace2, 0);
        if (cell.dot) {
            style::drawRunMark(painter, {QStyle::visualRect(option.direction, rect, QRect(rect.x(), rect.y(), 10, rect.height())).center().x() + 0.5, rect.center().y() + 0.5}, *cell.dot, cell.isHollow);
            isMirrored ? rect.adjust(0, 0, -18, 0) : rect.adjust(18, 0, 0, 0);
        }
        if (!cell.icon.isEmpty()) {
            painter->drawPixmap(isMirrored ? rect.right() - 16 : rect.x(), rect.center().y() - 7, style::iconPixmap(cell.icon, 16, toneColour(cell.tone == Tone::Text ? Tone::Secondary : cell.tone), painter->device()->devicePixelRatioF()));
            isMirrored ? rect.adjust(0, 0, -22, 0) : rect.adjust(22, 0, 0, 0);
        }
        painter->setFont(m_model->fontOf(source.column(), cell));
        painter->setPen(row.isFaded ? t.text2 : toneColour(cell.tone));
        if (cell.isChanged) {
            const int w = std::min(rect.width(), painter->fontMetrics().horizontalAdvance(cell.text)) + 6;
            const QRect mark(column.isNumber != isMirrored ? rect.right() - w + 4 : rect.x() - 3, rect.center().y() - 9, w, 19);
            painter->fillRect(mark, t.chgBg);
            painter->setPen(t.chgText);
        }
        painter->drawText(rect, style::textFlags(cell.text, option.direction, column.isNumber ? Qt::AlignRight : Qt::AlignLeft), painter->fontMetrics().elidedText(cell.text, Qt::ElideRight, rect.width()));
        if (option.state & QStyle::State_HasFocus && style::isKeyboardFocus(option.widget))
            style::drawFocusRing(painter, option.rect.adjusted(1, 1, -1, -2), style::kSmallRadius);
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
    , m_proxy(new Proxy(this))
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
    connect(this, &QTableView::clicked, this, [this](const QModelIndex& index) { emit cellClicked(index.data(IdRole).toString(), index.column()); });
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, &Table::selectionMoved);
}

void Table::setColumnVisible(int column, bool isVisible)
{
    setColumnHidden(column, !isVisible);
    fitColumns();
}

QList<QStringList> Table::texts() const
{
    QList<int> columns;
    for (int visual = 0; visual < m_columns.size(); ++visual)
        if (const int column = horizontalHeader()->logicalIndex(visual); !isColumnHidden(column))
            columns.append(column);
    QList<QStringList> lines {{}};
    for (const int column : columns)
        lines.first().append(m_columns[column].title);
    for (int i = 0; i < m_proxy->rowCount(); ++i) {
        QStringList line;
        for (const int column : columns)
            line.append(m_proxy->index(i, column).data(Qt::DisplayRole).toString());
        lines.append(line);
    }
    return lines;
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

/// What the title and the first rows of a column need.
int Table::wantedWidth(int column) const
{
    constexpr int kLooked = 60, kLookedAt = 120, kMark = 22;
    int width = 0;
    for (int i = 0; i < std::min(kLooked, m_model->rowCount({})); ++i) {
        const TableRow& row = m_model->row(i);
        if (row.isSection || column >= row.cells.size())
            continue;
        const Cell& cell = row.cells[column];
        width = std::max(width, QFontMetrics(m_model->fontOf(column, cell)).horizontalAdvance(cell.text.left(kLookedAt)) + (cell.icon.isEmpty() ? 0 : kMark) + (cell.dot ? kMark : 0));
    }
    return std::max(titleWidth(column), width + 2 * style::kSpace2 + 6);
}

int Table::leastWidth() const
{
    int width = 0;
    for (int i = 0; i < m_columns.size(); ++i)
        width += isColumnHidden(i) ? 0 : m_columns[i].width == 0 ? std::max(titleWidth(i), std::clamp(wantedWidth(i), kLeastFlexible, kShortName)) : std::max(wantedWidth(i), style::scaled(m_columns[i].width));
    return width + style()->pixelMetric(QStyle::PM_ScrollBarExtent) + 2;
}

int Table::titleWidth(int column) const
{
    if (horizontalHeader()->isHidden())
        return 0;
    // A title that tells the order is heavier and has an arrow behind it.
    const bool sorts = isSortingEnabled();
    return QFontMetrics(style::caption(sorts ? style::Weight::SemiBold : style::Weight::Medium)).horizontalAdvance(m_columns[column].title) + (sorts ? 3 : 2) * style::kSpace2 + 2;
}

/// A column is as wide as it was asked for, wider where its title needs it, and where there is room also for what is in it.
void Table::fitColumns()
{
    int left = viewport()->width(), flexible = 0;
    QList<int> widths;
    for (int i = 0; i < m_columns.size(); ++i) {
        const bool isFlexible = m_columns[i].width == 0;
        widths.append(std::max(isFlexible ? kLeastFlexible : style::scaled(m_columns[i].width), titleWidth(i)));
        if (isColumnHidden(i))
            continue;
        left -= widths[i];
        flexible += isFlexible;
    }
    // Those of a fixed width first, but they leave half of the room: what is of any length takes what there is.
    for (const bool isFlexible : {false, true})
        for (int i = 0; i < m_columns.size() && left > 0; ++i) {
            if (isColumnHidden(i) || (m_columns[i].width == 0) != isFlexible)
                continue;
            const int more = std::clamp(wantedWidth(i) - widths[i], 0, isFlexible ? left / flexible : flexible ? left / 2 : left);
            widths[i] += more;
            left -= more;
        }
    for (int i = 0; i < m_columns.size(); ++i)
        setColumnWidth(i, widths[i] + (m_columns[i].width == 0 && left > 0 ? left / flexible : 0));
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
