// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/difference_model.h"

#include "bridge/text.h"
#include "cleaner/duplicates.h"

namespace attune::models {

using bridge::toQString;
using RowKind = pipeline::RowDifference::Kind;

namespace {

constexpr std::size_t kMostBytes = 12'000;

/// The row's columns as text, each that both sides have; one line end between.
QString textOf(const importer::DatasetPtr& data, std::int64_t number)
{
    importer::Row row;
    if (const auto status = data->read(number, row); !status)
        return toQString(status.error().message);
    std::string text;
    for (std::size_t c = 0; c < data->columns().size() && text.size() < kMostBytes; ++c) {
        if (c)
            text += '\n';
        text += std::string_view(cleaner::CellText(std::as_const(row)[c]));
    }
    return toQString(std::string_view(text).substr(0, kMostBytes));
}

}

DifferenceModel::DifferenceModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void DifferenceModel::setDifference(DifferencePtr difference)
{
    m_difference = std::move(difference);
    setFilter(m_filter);
}

void DifferenceModel::setFilter(std::optional<RowKind> kind)
{
    beginResetModel();
    m_filter = kind;
    m_texts.clear();
    m_shown.clear();
    for (std::size_t i = 0; m_difference && i < m_difference->difference.rows.size(); ++i)
        if (!kind || m_difference->difference.rows[i].kind == *kind)
            m_shown.push_back(i);
    endResetModel();
}

void DifferenceModel::setWhole(bool isWhole)
{
    m_isWhole = isWhole;
    refresh();
}

void DifferenceModel::refresh()
{
    m_texts.clear();
    if (!m_shown.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

const pipeline::RowDifference& DifferenceModel::rowAt(int line) const
{
    return m_difference->difference.rows[m_shown[static_cast<std::size_t>(line)]];
}

RowKind DifferenceModel::kindAt(int line) const
{
    return rowAt(line).kind;
}

const widgets::DiffText& DifferenceModel::textAt(int line) const
{
    if (const auto* known = m_texts.object(line))
        return *known;
    const auto& row = rowAt(line);
    QList<widgets::DiffPart> parts;
    if (row.kind == RowKind::Changed)
        parts = widgets::wordDiff(textOf(m_difference->from, row.from), textOf(m_difference->to, row.to));
    else if (row.kind == RowKind::Added)
        parts = {{widgets::DiffPart::Kind::Added, textOf(m_difference->to, row.to), {}}};
    else
        parts = {{widgets::DiffPart::Kind::Removed, textOf(m_difference->from, row.from), {}}};
    auto* made = new widgets::DiffText(widgets::styledDiff(parts, !m_isWhole));
    m_texts.insert(line, made);
    return *made;
}

int DifferenceModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

QVariant DifferenceModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::AccessibleTextRole))
        return {};
    const auto& row = rowAt(index.row());
    const auto number = [](std::int64_t value) { return value < 0 ? QString() : bridge::grouped(value); };
    switch (index.column()) {
    case Kind: return row.kind == RowKind::Added ? tr("added") : row.kind == RowKind::Removed ? tr("removed") : tr("changed");
    case Before: return number(row.from);
    case After: return number(row.to);
    case Text: return textAt(index.row()).text;
    default: return {};
    }
}

QVariant DifferenceModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == Before || section == After ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    return QStringList {tr("Row is"), tr("Before"), tr("After"), tr("Text")}.value(section);
}

}
