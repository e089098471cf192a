// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/review.h"
#include "widgets/basics.h"

namespace attune::pages {

/// How far a review is and what can be done with it: "Reviewed 2 of 412", accept, apply.
class ReviewFooter : public QWidget
{
    Q_OBJECT
public:
    explicit ReviewFooter(models::Review* review, QWidget* parent = nullptr);
    /// Proposals at least so similar can be accepted at once.
    void setAcceptable(double similarity);
    void setBusy(bool isBusy);
    void refresh();

signals:
    void applyWanted();

private:
    class Bar;
    models::Review* m_review;
    double m_similarity = 0.95;
    bool m_isBusy = false;
    widgets::Label *m_reviewed = nullptr, *m_marked = nullptr;
    Bar* m_bar = nullptr;
    QPushButton *m_accept = nullptr, *m_apply = nullptr;
};

}
