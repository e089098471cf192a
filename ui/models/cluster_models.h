// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/review.h"
#include "widgets/diff_text.h"

#include <QAbstractTableModel>
#include <QCache>

#include <functional>

namespace attune::models {

using TokenCounter = std::function<std::int64_t(std::string_view)>;

/// The clusters of a review in an order, for the list at left.
class ClusterListModel final : public QAbstractListModel
{
    Q_OBJECT
public:
    enum class Order { Size, Similarity, Unreviewed };
    enum Role { IndexRole = Qt::UserRole + 1, RowsRole, SimilarityRole, ReviewedRole };

    explicit ClusterListModel(Review* review, QObject* parent = nullptr);
    void setRows(std::shared_ptr<const ReviewRows> rows);
    void setOrder(Order order);
    Order order() const { return m_order; }
    /// The place of a cluster of the review in the list; -1.
    int placeOf(int cluster) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    void sort();
    Review* m_review;
    std::shared_ptr<const ReviewRows> m_rows;
    std::vector<int> m_places;  ///< place -> cluster
    Order m_order = Order::Size;
    mutable QCache<int, QString> m_texts {4000};
};

/// One cluster's rows beside its keeper, for the table at right; the keeper is the first line.
class ClusterRowsModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Mark, Number, Text, Similarity, Tokens, ColumnCount };

    explicit ClusterRowsModel(Review* review, QObject* parent = nullptr);
    void setRows(std::shared_ptr<const ReviewRows> rows);
    void setCounter(TokenCounter counter);
    /// Words for the sides that rows may be on ("train", "eval"), told by the row; empty = one side.
    void setSide(std::function<QString(std::int64_t row)> side);
    void setCluster(int cluster);
    int cluster() const { return m_cluster; }
    void setShown(bool areDeltas, bool areWhole);
    bool isWhole() const { return m_isWhole; }

    /// Which row of the cluster stands on a line.
    std::size_t memberAt(int line) const { return m_order[static_cast<std::size_t>(line)]; }
    bool isKeeper(int line) const;
    bool isDropped(int line) const;
    const widgets::DiffText& textAt(int line) const;
    void refresh();

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(ColumnCount); }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::int64_t tokensAt(int line) const;
    QString word(int line) const;
    Review* m_review;
    std::shared_ptr<const ReviewRows> m_rows;
    TokenCounter m_counter;
    std::function<QString(std::int64_t)> m_side;
    int m_cluster = -1;
    std::vector<std::size_t> m_order;
    bool m_areDeltas = true, m_isWhole = false;
    QString m_keeperText;
    mutable QCache<int, widgets::DiffText> m_texts {500};
    mutable QHash<int, std::int64_t> m_tokens;
};

}
