// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/dataset_diff.h"
#include "widgets/diff_text.h"

#include <QAbstractTableModel>
#include <QCache>

#include <memory>

namespace attune::models {

/// What two versions differ in, with both opened.
struct OpenedDifference {
    pipeline::DatasetDifference difference;
    importer::DatasetPtr from, to;
};
using DifferencePtr = std::shared_ptr<const OpenedDifference>;

/// Rows added, removed and changed between two versions, the texts word by word. Virtual: only what is visible is read.
class DifferenceModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Kind, Before, After, Text, ColumnCount };
    using RowKind = pipeline::RowDifference::Kind;

    explicit DifferenceModel(QObject* parent = nullptr);
    void setDifference(DifferencePtr difference);
    /// Only rows of one kind; nothing = all.
    void setFilter(std::optional<RowKind> kind);
    void setWhole(bool isWhole);
    bool isWhole() const { return m_isWhole; }
    RowKind kindAt(int line) const;
    const widgets::DiffText& textAt(int line) const;
    void refresh();

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(ColumnCount); }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const pipeline::RowDifference& rowAt(int line) const;
    DifferencePtr m_difference;
    std::vector<std::size_t> m_shown;
    std::optional<RowKind> m_filter;
    bool m_isWhole = false;
    mutable QCache<int, widgets::DiffText> m_texts {500};
};

}
