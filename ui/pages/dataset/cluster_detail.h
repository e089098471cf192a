// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster_models.h"
#include "widgets/basics.h"

class QCheckBox;
class QTableView;

namespace attune::pages {

/// One cluster: its keeper and the rows beside it, word by word, with a box for each that goes. K D A N U and the
/// arrows work on it; arrows run over into the next cluster.
class ClusterDetail : public QWidget
{
    Q_OBJECT
public:
    explicit ClusterDetail(models::Review* review, QWidget* parent = nullptr);
    void setRows(std::shared_ptr<const models::ReviewRows> rows, std::function<QString(std::int64_t)> side);
    void setCounter(models::TokenCounter counter);
    void setCluster(int cluster, const QString& title);
    /// Where the keys work.
    void focusRows();

signals:
    void nextWanted(int by);
    void keeperWanted(int cluster, int row);  ///< place in the cluster
    void notDuplicatesWanted(int cluster);
    void undoWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* buildHead();
    void buildTable();
    void showFacts();
    void fit();
    bool key(int key);
    bool moveLine(int by);
    void drop(int line, bool isDropped);
    int line() const;

    models::Review* m_review;
    models::ClusterRowsModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    widgets::Label *m_title = nullptr, *m_facts = nullptr;
    QCheckBox *m_deltas = nullptr, *m_whole = nullptr;
    QString m_name;
    bool m_hasSides = false;
};

}
