// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/issue_list.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QPainter>
#include <QStyledItemDelegate>

namespace attune::pages {

namespace {

enum Role { KindRole = Qt::UserRole + 1, CountRole };

class IssueDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override { return {180, style::scaled(index.data(KindRole).toString().isEmpty() ? 34 : 30)}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        const QRect rect = option.rect.adjusted(12, 0, -12, 0);
        if (index.data(KindRole).toString().isEmpty()) {
            painter->setFont(style::body(style::Weight::SemiBold));
            painter->setPen(t.text);
            painter->drawText(rect.adjusted(0, 6, 0, 0), style::textFlags(index.data().toString(), option.direction), index.data().toString());
            return;
        }
        style::drawRowGround(painter, option);
        const qint64 count = index.data(CountRole).toLongLong();
        painter->setFont(style::mono());
        painter->setPen(count > 0 ? t.warning : t.text2);
        const QString number = count > 0 ? bridge::grouped(count) : QStringLiteral("–");
        painter->drawText(rect, style::textFlags(number, option.direction, Qt::AlignRight), number);
        const int wide = painter->fontMetrics().horizontalAdvance(number) + 10;
        painter->setFont(style::body());
        painter->setPen(count > 0 ? t.text : t.text2);
        style::Reading {rect, option.direction}.draw(*painter, rect.adjusted(8, 0, -wide, 0), painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, rect.width() - wide - 8));
    }
};

}

IssueList::IssueList(QWidget* parent)
    : QListView(parent)
{
    setObjectName(QStringLiteral("issue-kinds"));
    setModel(&m_model);
    setItemDelegate(new IssueDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setEditTriggers(NoEditTriggers);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Kinds of issues"));
    viewport()->setAutoFillBackground(false);
    connect(selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (index.isValid())
            emit kindChanged(index.data(KindRole).toString());
    });
}

void IssueList::setLines(const QList<Line>& lines)
{
    const QString before = current();
    QString first, kept;
    {
        const QSignalBlocker blocker(selectionModel());
        m_model.clear();
        for (const auto& line : lines) {
            auto* item = new QStandardItem(line.label);
            item->setData(line.kind, KindRole);
            item->setData(line.count, CountRole);
            item->setData(line.kind.isEmpty() ? line.label : tr("%1: %n row(s)", nullptr, static_cast<int>(line.count)).arg(line.label), Qt::AccessibleTextRole);
            item->setFlags(line.kind.isEmpty() ? Qt::NoItemFlags : Qt::ItemIsEnabled | Qt::ItemIsSelectable);
            m_model.appendRow(item);
            if (first.isEmpty() && line.count > 0)
                first = line.kind;
            if (line.kind == before && line.count > 0)
                kept = line.kind;
        }
    }
    setCurrent(!kept.isEmpty() ? kept : first);
    if (kept.isEmpty() && first.isEmpty())
        emit kindChanged({});
}

QString IssueList::current() const
{
    return currentIndex().isValid() ? currentIndex().data(KindRole).toString() : QString();
}

void IssueList::setCurrent(const QString& kind)
{
    for (int i = 0; i < m_model.rowCount() && !kind.isEmpty(); ++i)
        if (m_model.item(i)->data(KindRole).toString() == kind) {
            const bool isSame = currentIndex().row() == i;
            setCurrentIndex(m_model.index(i, 0));
            if (isSame)
                emit kindChanged(kind);
        }
}

}
