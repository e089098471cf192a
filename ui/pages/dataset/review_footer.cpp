// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/review_footer.h"

#include "bridge/text.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QPainter>

namespace attune::pages {

/// A thin bar of the reviewed share.
class ReviewFooter::Bar final : public QWidget
{
public:
    Bar() { setFixedSize(120, 6); }
    void setShare(double share)
    {
        m_share = share;
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        style::drawBox(&painter, rect(), style::tokens().hover, QColor(), 3);
        if (m_share > 0)
            style::drawBox(&painter, QRect(0, 0, std::max(3, static_cast<int>(m_share * width())), height()), style::tokens().accent, QColor(), m_share * width() < 6 ? 1 : 3);
    }

private:
    double m_share = 0;
};

ReviewFooter::ReviewFooter(models::Review* review, QWidget* parent)
    : QWidget(parent)
    , m_review(review)
{
    auto* row = widgets::row(10);
    row->setContentsMargins(16, 0, 16, 0);
    setLayout(row);
    setFixedHeight(style::scaled(52));
    m_reviewed = widgets::bodyLabel({});
    m_reviewed->setObjectName(QStringLiteral("reviewed"));
    m_bar = new Bar;
    m_marked = widgets::captionLabel({});
    m_accept = widgets::button({});
    m_accept->setObjectName(QStringLiteral("accept-suggestions"));
    m_apply = widgets::button(tr("Apply as a step"), widgets::ButtonRole::Primary);
    m_apply->setObjectName(QStringLiteral("apply-review"));
    row->addWidget(m_reviewed);
    row->addWidget(m_bar);
    row->addWidget(m_marked);
    row->addStretch(1);
    row->addWidget(m_accept);
    row->addWidget(m_apply);
    connect(m_accept, &QPushButton::clicked, this, [this] { m_review->accept(m_similarity); });
    connect(m_apply, &QPushButton::clicked, this, &ReviewFooter::applyWanted);
    connect(review, &models::Review::changed, this, &ReviewFooter::refresh);
    connect(review, &models::Review::reset, this, &ReviewFooter::refresh);
    refresh();
}

void ReviewFooter::setAcceptable(double similarity)
{
    m_similarity = similarity;
    refresh();
}

void ReviewFooter::setBusy(bool isBusy)
{
    m_isBusy = isBusy;
    refresh();
}

void ReviewFooter::refresh()
{
    const auto reviewed = m_review->reviewed();
    const auto acceptable = m_review->acceptable(m_similarity);
    m_reviewed->setText(m_review->size() ? tr("Reviewed %1 of %2").arg(bridge::grouped(reviewed.clusters), bridge::grouped(m_review->size())) : QString());
    m_bar->setShare(m_review->size() ? static_cast<double>(reviewed.clusters) / m_review->size() : 0);
    m_bar->setVisible(m_review->size() > 0);
    m_marked->setText(reviewed.rows > 0 ? tr("%n row(s) marked to drop so far", nullptr, static_cast<int>(reviewed.rows)) : QString());
    const QString least = bridge::decimal(m_similarity, 2);
    const QString what = tr("%n cluster(s)", nullptr, static_cast<int>(acceptable.clusters)) + tr(", −%n row(s)", nullptr, static_cast<int>(acceptable.rows));
    m_accept->setText(acceptable.clusters > 0 ? tr("Accept suggestions ≥ %1: %2").arg(least, what) : tr("Accept suggestions ≥ %1").arg(least));
    m_accept->setEnabled(acceptable.clusters > 0 && !m_isBusy);
    m_accept->setToolTip(acceptable.clusters > 0 ? tr("Marks these clusters as reviewed; every row that goes is at least so similar to the row that stays")
                                                 : tr("No cluster that is not reviewed yet has only such rows to drop"));
    m_apply->setProperty("role", m_review->size() > 0 ? QStringLiteral("primary") : QString());  // before that it is Find
    m_apply->update();
    m_apply->setEnabled(reviewed.rows > 0 && !m_isBusy);
    m_apply->setToolTip(reviewed.rows > 0 ? tr("Makes one step and one new version; the file stays as it is, and it can be undone") : tr("Review or accept clusters first: nothing is dropped unseen"));
}

}
