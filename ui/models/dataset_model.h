// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/dataset.h"

#include <QAbstractTableModel>
#include <QCache>
#include <QStringList>

namespace attune::models {

/// The rows of a dataset for a virtual table: only what is visible is read and parsed, and kept for a
/// while. Column 0 is the row's number.
class DatasetModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    explicit DatasetModel(QObject* parent = nullptr);
    void setDataset(importer::DatasetPtr dataset);
    const importer::DatasetPtr& dataset() const { return m_dataset; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    importer::DatasetPtr m_dataset;
    mutable QCache<qint64, QStringList> m_cache {2000};  ///< row -> texts of its columns
};

/// A value as one line of a cell: text as it is with line ends shown, numbers plain, lists in brackets.
QString cellText(const Json& value);

}
