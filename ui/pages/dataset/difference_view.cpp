// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/difference_view.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QEvent>
#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;
using models::DifferenceModel;

namespace {

class DifferenceDelegate final : public QStyledItemDelegate
{
public:
    DifferenceDelegate(const DifferenceModel* model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        style::drawRowGround(painter, option);
        style::drawHairline(painter, option.rect.bottomLeft(), option.rect.bottomRight(), t.border);
        QRect rect = option.rect.adjusted(8, 0, -8, 0);
        if (index.column() == DifferenceModel::Text) {
            widgets::paintDiff(painter, m_model->isWhole() ? rect.adjusted(0, 6, 0, -6) : rect, m_model->textAt(index.row()), style::body(), t.text, m_model->isWhole());
            return;
        }
        if (m_model->isWhole())
            rect.setHeight(style::scaled(34));
        const bool isKind = index.column() == DifferenceModel::Kind;
        const auto kind = m_model->kindAt(index.row());
        using RowKind = DifferenceModel::RowKind;
        painter->setFont(isKind ? style::body() : style::mono());
        painter->setPen(!isKind ? t.text2 : kind == RowKind::Added ? t.success : kind == RowKind::Removed ? t.danger : t.warning);
        const QString sign = kind == RowKind::Added ? QStringLiteral("+ ") : kind == RowKind::Removed ? QStringLiteral("− ") : QStringLiteral("~ ");
        painter->drawText(rect, Qt::AlignVCenter | (isKind ? Qt::AlignLeft : Qt::AlignRight), (isKind ? sign : QString()) + index.data().toString());
    }

private:
    const DifferenceModel* m_model;
};

}

DifferenceView::DifferenceView(QWidget* parent)
    : QWidget(parent)
    , m_model(new DifferenceModel(this))
{
    auto* layout = widgets::column();
    setLayout(layout);
    auto* head = new QWidget;
    head->setFixedHeight(style::scaled(44));
    auto* row = widgets::row(10);
    row->setContentsMargins(14, 0, 8, 0);
    head->setLayout(row);
    m_title = widgets::headingLabel({});
    m_facts = widgets::captionLabel({});
    m_facts->setObjectName(QStringLiteral("difference-facts"));
    m_filter = new widgets::SegmentedControl({tr("All"), tr("Added"), tr("Removed"), tr("Changed")});
    m_filter->setAccessibleName(tr("Rows that are shown"));
    m_whole = new QCheckBox(tr("Whole rows"));
    auto* close = widgets::iconButton(QStringLiteral("close"), tr("Close the comparison"));
    row->addWidget(m_title);
    row->addWidget(m_facts);
    row->addStretch(1);
    row->addWidget(m_filter);
    row->addWidget(m_whole);
    row->addWidget(close);
    layout->addWidget(head);
    m_columns = widgets::captionLabel({});
    m_columns->setContentsMargins(14, 0, 14, 6);
    layout->addWidget(m_columns);
    layout->addWidget(new widgets::Hairline);
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("difference"));
    m_table->setAccessibleName(tr("Rows that differ"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new DifferenceDelegate(m_model, m_table));
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setMouseTracking(true);
    m_table->setTabKeyNavigation(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->viewport()->setAutoFillBackground(false);
    m_table->viewport()->installEventFilter(this);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setMinimumSectionSize(style::rowHeight());
    m_table->verticalHeader()->setDefaultSectionSize(style::rowHeight());
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->horizontalHeader()->setFixedHeight(style::rowHeight());
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionsClickable(false);
    layout->addWidget(m_table, 1);
    connect(close, &QToolButton::clicked, this, &DifferenceView::closed);
    connect(m_whole, &QCheckBox::toggled, this, [this](bool isWhole) {
        m_model->setWhole(isWhole);
        fit();
    });
    connect(m_filter, &widgets::SegmentedControl::currentChanged, this, [this](int index) {
        using Kind = DifferenceModel::RowKind;
        m_model->setFilter(index == 0 ? std::nullopt : std::optional(index == 1 ? Kind::Added : index == 2 ? Kind::Removed : Kind::Changed));
        fit();
    });
}

void DifferenceView::say(const QString& text)
{
    m_model->setDifference(nullptr);
    m_title->setText(text);
    m_facts->clear();
    m_columns->hide();
}

void DifferenceView::setDifference(const models::DifferencePtr& opened)
{
    const auto& d = opened->difference;
    m_title->setText(tr("%1 → %2").arg(toQString(d.from), toQString(d.to)));
    m_facts->setText(d.added + d.removed + d.changed == 0 ? tr("no row differs, %1 are the same").arg(grouped(d.unchanged))
                                                          : tr("%1 added, %2 removed, %3 changed, %4 the same").arg(grouped(d.added), grouped(d.removed), grouped(d.changed), grouped(d.unchanged)));
    QStringList columns;
    const auto list = [&](const std::vector<std::string>& names, const QString& what) {
        QStringList words;
        for (const auto& name : names)
            words.append(toQString(name));
        if (!words.isEmpty())
            columns.append(what.arg(words.join(QStringLiteral(", "))));
    };
    list(d.columnsAdded, tr("columns added: %1"));
    list(d.columnsRemoved, tr("columns gone: %1"));
    list(d.rolesChanged, tr("other roles: %1"));
    m_columns->setText(columns.join(QStringLiteral("; ")));
    m_columns->setVisible(!columns.isEmpty());
    m_model->setDifference(opened);
    fit();
}

void DifferenceView::fit()
{
    const int number = QFontMetrics(style::mono()).horizontalAdvance(QStringLiteral("8 888 888")) + 20;
    m_table->setColumnWidth(DifferenceModel::Kind, style::scaled(96));
    m_table->setColumnWidth(DifferenceModel::Before, number);
    m_table->setColumnWidth(DifferenceModel::After, number);
    m_table->setColumnWidth(DifferenceModel::Text, std::max(120, m_table->viewport()->width() - style::scaled(96) - 2 * number));
    const int rows = m_model->rowCount();
    for (int row = 0; row < std::min(rows, 300); ++row)
        m_table->setRowHeight(row, m_model->isWhole() ? std::max(style::scaled(34), 14 + widgets::heightOf(m_model->textAt(row), style::body(), m_table->columnWidth(DifferenceModel::Text) - 16)) : style::rowHeight());
}

bool DifferenceView::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize)
        fit();
    else if (event->type() == QEvent::PaletteChange)
        m_model->refresh();
    return QWidget::eventFilter(watched, event);
}

}
