// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/dataset_model.h"

#include "bridge/text.h"

namespace attune::models {

using bridge::toQString;

namespace {
// A cell shows a line; what lies further back is in the row pane.
constexpr qsizetype kCellCharacters = 400;
}

QString cellText(const Json& value)
{
    QString text;
    if (value.is_null())
        return QStringLiteral("–");
    if (value.is_string())
        text = toQString(std::string_view(value.get_ref<const std::string&>()).substr(0, 4 * kCellCharacters));
    else
        text = toQString(toLine(value).substr(0, 4 * kCellCharacters));
    return text.left(kCellCharacters).replace(QLatin1Char('\n'), QChar(0x23CE));
}

DatasetModel::DatasetModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void DatasetModel::setDataset(importer::DatasetPtr dataset)
{
    beginResetModel();
    m_dataset = std::move(dataset);
    m_cache.clear();
    endResetModel();
}

int DatasetModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_dataset ? 0 : static_cast<int>(std::min<std::int64_t>(m_dataset->rows(), 2'000'000'000));
}

int DatasetModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_dataset ? 0 : static_cast<int>(m_dataset->columns().size()) + 1;
}

QVariant DatasetModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || role != Qt::DisplayRole)
        return {};
    if (index.column() == 0)
        return bridge::grouped(index.row());
    QStringList* texts = m_cache.object(index.row());
    if (!texts) {
        texts = new QStringList;
        const auto values = m_dataset->values(index.row());
        for (const auto& column : m_dataset->columns())
            texts->append(values && values->contains(column.name) ? cellText((*values)[column.name]) : values ? QStringLiteral("–") : toQString(values.error().message));
        m_cache.insert(index.row(), texts);
    }
    return texts->value(index.column() - 1);
}

QVariant DatasetModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || !m_dataset)
        return {};
    if (section == 0)
        return QStringLiteral("#");
    const auto& column = m_dataset->columns()[static_cast<std::size_t>(section - 1)];
    return column.role == importer::ColumnRole::Ignore ? toQString(column.name) : QStringLiteral("%1 · %2").arg(toQString(column.name), bridge::translated(importer::roleName(column.role)));
}

}
