// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster_models.h"
#include "widgets/basics.h"

class QListView;

namespace attune::pages {

/// The clusters of a review at left: mark, rows, the keeper's text, similarity; with a menu for the order.
class ClusterList : public QWidget
{
    Q_OBJECT
public:
    explicit ClusterList(models::Review* review, QWidget* parent = nullptr);
    void setRows(std::shared_ptr<const models::ReviewRows> rows);
    void setTitle(const QString& title, const QString& caption);
    /// The shown cluster of the review; -1.
    int current() const;
    void setCurrent(int cluster);
    /// The one `by` places further down, -1 at the ends.
    int neighbour(int by) const;
    int places() const;
    int placeOf(int cluster) const;

signals:
    void currentChanged(int cluster);

private:
    void chooseOrder();
    models::ClusterListModel* m_model = nullptr;
    QListView* m_view = nullptr;
    widgets::Label *m_title = nullptr, *m_caption = nullptr;
    QToolButton* m_order = nullptr;
};

}
