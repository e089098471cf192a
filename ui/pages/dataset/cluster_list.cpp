// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/cluster_list.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QActionGroup>
#include <QBoxLayout>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>

namespace attune::pages {

using models::ClusterListModel;

namespace {

class ClusterDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, style::scaled(30)}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        const bool isSelected = option.state & QStyle::State_Selected, isReviewed = index.data(ClusterListModel::ReviewedRole).toBool();
        if (isSelected)
            painter->fillRect(option.rect, t.selection);
        else if (option.state & QStyle::State_MouseOver)
            painter->fillRect(option.rect, t.hover);
        style::drawHairline(painter, option.rect.bottomLeft(), option.rect.bottomRight(), t.border);
        const QRect rect = option.rect.adjusted(12, 0, -12, 0);
        const style::Reading reading {rect, option.direction};
        if (isReviewed)
            painter->drawPixmap(reading.at({rect.x() - 2, rect.center().y() - 7, 16, 16}).topLeft(), style::iconPixmap(QStringLiteral("check"), 16, t.success, painter->device()->devicePixelRatioF()));
        const QColor ink = isReviewed && !isSelected ? t.text2 : t.text;
        painter->setFont(style::body());
        const QFontMetrics body(style::body()), mono(style::mono());
        const int rowsWidth = std::max(body.horizontalAdvance(QStringLiteral("888 rows")), body.horizontalAdvance(rowsText(index)));
        painter->setPen(isSelected ? t.text : t.text2);
        reading.draw(*painter, {rect.x() + 26, rect.y(), rowsWidth, rect.height()}, rowsText(index));
        const QString similarity = index.data(ClusterListModel::SimilarityRole).toString();
        const int similarityWidth = mono.horizontalAdvance(QStringLiteral("0.00"));
        painter->setPen(ink);
        const QRect text(rect.x() + 26 + rowsWidth + 12, rect.y(), rect.width() - 26 - rowsWidth - 12 - similarityWidth - 12, rect.height());
        reading.draw(*painter, text, body.elidedText(index.data().toString(), Qt::ElideRight, text.width()));
        painter->setFont(style::mono());
        reading.draw(*painter, rect, similarity, Qt::AlignRight);
    }

private:
    static QString rowsText(const QModelIndex& index) { return ClusterList::tr("%n row(s)", nullptr, index.data(ClusterListModel::RowsRole).toInt()); }
};

}

ClusterList::ClusterList(models::Review* review, QWidget* parent)
    : QWidget(parent)
    , m_model(new ClusterListModel(review, this))
{
    auto* layout = widgets::column();
    setLayout(layout);
    auto* head = new QWidget;
    head->setFixedHeight(style::scaled(36));
    auto* row = widgets::row(10);
    row->setContentsMargins(12, 0, 8, 0);
    head->setLayout(row);
    m_title = widgets::headingLabel({});
    m_caption = widgets::captionLabel({});
    row->addWidget(m_title);
    row->addWidget(m_caption);
    row->addStretch(1);
    m_order = widgets::iconButton(QStringLiteral("sort"), tr("Order of the clusters"));
    row->addWidget(m_order);
    layout->addWidget(head);
    layout->addWidget(new widgets::Hairline);
    m_view = new QListView;
    m_view->setObjectName(QStringLiteral("cluster-list"));
    m_view->setAccessibleName(tr("Clusters"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new ClusterDelegate(m_view));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setMouseTracking(true);
    m_view->setUniformItemSizes(true);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->viewport()->setAutoFillBackground(false);
    layout->addWidget(m_view, 1);
    connect(m_order, &QToolButton::clicked, this, &ClusterList::chooseOrder);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (index.isValid())
            emit currentChanged(index.data(ClusterListModel::IndexRole).toInt());
    });
}

void ClusterList::setRows(std::shared_ptr<const models::ReviewRows> rows)
{
    m_model->setRows(std::move(rows));
}

void ClusterList::setTitle(const QString& title, const QString& caption)
{
    m_title->setText(title);
    m_caption->setText(caption);
}

int ClusterList::current() const
{
    const auto index = m_view->currentIndex();
    return index.isValid() ? index.data(ClusterListModel::IndexRole).toInt() : -1;
}

void ClusterList::setCurrent(int cluster)
{
    const int place = m_model->placeOf(cluster);
    if (place >= 0)
        m_view->setCurrentIndex(m_model->index(place));
}

int ClusterList::neighbour(int by) const
{
    const int place = m_view->currentIndex().row() + by;
    return place < 0 || place >= m_model->rowCount() ? -1 : m_model->index(place).data(ClusterListModel::IndexRole).toInt();
}

int ClusterList::places() const
{
    return m_model->rowCount();
}

int ClusterList::placeOf(int cluster) const
{
    return m_model->placeOf(cluster);
}

void ClusterList::chooseOrder()
{
    QMenu menu(this);
    QActionGroup group(&menu);
    using Order = ClusterListModel::Order;
    for (const auto& [order, name] : {std::pair {Order::Size, tr("Largest first")}, {Order::Similarity, tr("Most similar first")}, {Order::Unreviewed, tr("Not reviewed first")}}) {
        auto* action = menu.addAction(name);
        action->setCheckable(true);
        action->setChecked(m_model->order() == order);
        group.addAction(action);
        connect(action, &QAction::triggered, this, [this, order = order] {
            const int shown = current();
            m_model->setOrder(order);
            setCurrent(shown);
        });
    }
    menu.exec(m_order->mapToGlobal(QPoint(0, m_order->height())));
}

}
