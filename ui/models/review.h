// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/clusters.h"
#include "importer/dataset.h"

#include <QObject>
#include <QString>

#include <functional>
#include <vector>

namespace attune::models {

/// The rows that clusters are of: a version's, and behind them those of another dataset when two are compared.
/// Immutable; any thread.
class ReviewRows final : public cleaner::RowSource
{
public:
    explicit ReviewRows(importer::DatasetPtr rows, importer::DatasetPtr others = nullptr);
    std::int64_t rows() const override { return m_border + (m_others ? m_others->rows() : 0); }
    const std::vector<cleaner::Column>& columns() const override { return m_rows->columns(); }
    Status read(std::int64_t row, cleaner::Row& out) const override;

    const importer::DatasetPtr& data() const { return m_rows; }
    const importer::DatasetPtr& others() const { return m_others; }
    bool isOther(std::int64_t row) const { return row >= m_border; }
    /// The number that the row has in its own dataset.
    std::int64_t number(std::int64_t row) const { return isOther(row) ? row - m_border : row; }
    /// The text that rows are compared by; what went wrong in its place. At most so many bytes.
    std::string text(std::int64_t row, std::size_t most) const;

private:
    importer::DatasetPtr m_rows, m_others;
    std::int64_t m_border = 0;
    std::vector<std::size_t> m_texts, m_otherTexts;
};

/// What a person has decided about clusters so far. Nothing is dropped that was not looked at or accepted; every
/// decision can be taken back. UI thread.
class Review final : public QObject
{
    Q_OBJECT
public:
    struct Decision {
        bool isReviewed = false, isNotDuplicates = false;
        std::vector<bool> drops;
    };
    /// All there is, to come back to.
    struct State {
        std::vector<cleaner::Cluster> clusters;
        std::vector<Decision> decisions;
    };
    explicit Review(QObject* parent = nullptr) : QObject(parent) {}
    /// Decisions about clusters with the same rows are kept.
    void setClusters(std::vector<cleaner::Cluster> clusters);
    void clear();
    State state() const { return {m_clusters, m_decisions}; }
    void setState(State state);

    int size() const { return static_cast<int>(m_clusters.size()); }
    const cleaner::Cluster& cluster(int index) const { return m_clusters[static_cast<std::size_t>(index)]; }
    bool isReviewed(int index) const { return m_decisions[static_cast<std::size_t>(index)].isReviewed; }
    bool isNotDuplicates(int index) const { return m_decisions[static_cast<std::size_t>(index)].isNotDuplicates; }
    /// Whether a row (its place in the cluster) goes.
    bool drops(int index, std::size_t row) const { return m_decisions[static_cast<std::size_t>(index)].drops[row]; }
    std::int64_t dropsOf(int index) const;

    void setDrop(int index, std::size_t row, bool isDropped);
    void setKeeper(int index, const cleaner::Cluster& measured);
    void setNotDuplicates(int index);
    void setReviewed(int index);
    /// Takes the last decision back; returns the cluster it was about, -1 if there is none. before is called for
    /// each cluster while it still is as decided.
    int undo(const std::function<void(int index)>& before = {});
    bool canUndo() const { return !m_past.empty(); }

    struct Sum {
        int clusters = 0;
        std::int64_t rows = 0;
    };
    Sum all() const;       ///< clusters that propose something, and what they would drop
    Sum reviewed() const;  ///< clusters looked at, and what they drop
    /// Clusters not looked at yet all of whose proposals are at least so similar to their keeper.
    Sum acceptable(double similarity) const;
    void accept(double similarity);
    /// Rows of reviewed clusters that go, ascending.
    std::vector<std::int64_t> dropped() const;

signals:
    void changed(int index);  ///< one cluster
    void reset();             ///< many, or all anew

private:
    struct Former {
        int index = 0;
        cleaner::Cluster cluster;
        Decision decision;
    };
    bool isAcceptable(int index, double similarity) const;
    void remember(int index);
    std::vector<cleaner::Cluster> m_clusters;
    std::vector<Decision> m_decisions;
    std::vector<std::vector<Former>> m_past;
};

}
