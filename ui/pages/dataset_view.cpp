// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset_view.h"

#include "pipeline/dataset_jobs.h"
#include "pipeline/dataset_lookup.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QHeaderView>
#include <QPainter>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyledItemDelegate>

namespace attune::pages {

using bridge::toQString;

namespace {

/// Cells of the row table: hairlines, the number in the mono face, text elided.
class RowDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, option.state & QStyle::State_Active ? t.selection : t.accentWeak);
        else if (option.state & QStyle::State_MouseOver)
            painter->fillRect(option.rect, t.hover);
        style::drawHairline(painter, option.rect.bottomLeft(), option.rect.bottomRight(), t.border);
        const bool isNumber = index.column() == 0;
        painter->setFont(isNumber ? style::monoCaption() : style::body());
        painter->setPen(isNumber ? t.text2 : t.text);
        const QRect rect = option.rect.adjusted(8, 0, -8, 0);
        painter->drawText(rect, Qt::AlignVCenter | (isNumber ? Qt::AlignRight : Qt::AlignLeft), painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, rect.width()));
    }
};

struct Opened {
    importer::DatasetPtr data;
    std::vector<store::DatasetRow> versions;
};

}

DatasetView::DatasetView(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_model(new models::DatasetModel(this))
{
    auto* layout = widgets::column();
    setLayout(layout);
    m_header = new widgets::PageHeader({});
    m_header->setPlace(tr("Datasets"));
    m_header->setHairline(false);
    m_facts = widgets::captionLabel({});
    m_header->addFact(m_facts);
    auto* dedupe = widgets::button(tr("Drop exact duplicates"));
    m_header->addAction(dedupe);
    auto* train = widgets::button(tr("Train on this"), widgets::ButtonRole::Primary);
    train->setObjectName(QStringLiteral("train-on-this"));
    m_header->addAction(train);
    layout->addWidget(m_header);
    m_tabs = new QTabBar;
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    auto* tabRow = widgets::row();
    tabRow->setContentsMargins(16, 0, 16, 0);
    tabRow->addWidget(m_tabs);
    tabRow->addStretch(1);
    layout->addLayout(tabRow);
    layout->addWidget(new widgets::Hairline);
    m_stack = new QStackedWidget;
    layout->addWidget(m_stack, 1);
    m_tabs->addTab(tr("Rows"));
    m_stack->addWidget(buildRows());
    m_tabs->addTab(tr("History"));
    auto* history = new QWidget;
    m_history = widgets::column(style::kSpace2, style::kSpace4);
    history->setLayout(m_history);
    m_stack->addWidget(history);
    m_tabs->addTab(tr("Duplicates"));
    m_stack->addWidget(new widgets::EmptyState(QStringLiteral("duplicates"),
        tr("Review by cluster comes with the data studio. Exact duplicates can be dropped with the button above; every drop makes a new version, the file stays as it is.")));
    connect(m_tabs, &QTabBar::currentChanged, m_stack, &QStackedWidget::setCurrentIndex);
    connect(m_header, &widgets::PageHeader::backRequested, this, &DatasetView::backRequested);
    connect(train, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train, QStringLiteral("data:") + m_name); });
    connect(dedupe, &QPushButton::clicked, this, [this] {
        const std::string name = bridge::toStd(m_name), workspace = m_context.workspace.stdPath();
        auto report = std::make_shared<pipeline::DedupeReport>();
        m_context.jobs.start(tr("Duplicates in %1").arg(m_name),
            [=](const JobContext& job) -> Status {
                ATTUNE_TRY(auto store, store::Store::open(workspace));
                ATTUNE_TRY(*report, pipeline::dedupeDataset(*store, name, {}, {}, false, job));
                return {};
            },
            this,
            [this, report](const Status& status) {
                m_context.navigator.toast(status ? tr("%1 of %2 rows were duplicates and are left out of the new version.").arg(report->rowsIn - report->rowsOut).arg(bridge::grouped(report->rowsIn))
                                                 : toQString(status.error().message));
                show(m_name);
            });
    });
}

QWidget* DatasetView::buildRows()
{
    auto* splitter = new QSplitter(Qt::Horizontal);
    m_table = new QTableView;
    m_table->setModel(m_model);
    m_table->setItemDelegate(new RowDelegate(m_table));
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setMouseTracking(true);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->viewport()->setAutoFillBackground(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setMinimumSectionSize(style::rowHeight());
    m_table->viewport()->installEventFilter(this);
    m_table->verticalHeader()->setDefaultSectionSize(style::rowHeight());
    m_table->horizontalHeader()->setFixedHeight(style::rowHeight());
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setAccessibleName(tr("Rows of the dataset"));
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) { showRow(index.row()); });
    splitter->addWidget(m_table);
    auto* side = new widgets::PlaneWidget(widgets::Plane::Surface);
    auto* column = widgets::column();
    side->setLayout(column);
    auto* head = widgets::row(style::kSpace1);
    head->setContentsMargins(12, 6, 8, 6);
    m_rowTitle = widgets::headingLabel(tr("Row"));
    head->addWidget(m_rowTitle);
    head->addStretch(1);
    auto* previous = widgets::iconButton(QStringLiteral("left"), tr("Previous row"));
    auto* next = widgets::iconButton(QStringLiteral("right"), tr("Next row"));
    head->addWidget(previous);
    head->addWidget(next);
    column->addLayout(head);
    m_record = new widgets::RecordView;
    column->addWidget(m_record, 1);
    splitter->addWidget(side);
    splitter->setStretchFactor(0, 1);
    splitter->setSizes({800, style::scaled(340)});
    connect(previous, &QToolButton::clicked, this, [this] { m_table->selectRow(std::max(0, m_row - 1)); });
    connect(next, &QToolButton::clicked, this, [this] { m_table->selectRow(std::min(m_model->rowCount() - 1, m_row + 1)); });
    return splitter;
}

void DatasetView::show(const QString& name)
{
    m_name = name;
    m_header->setTitle(name);
    const std::string text = bridge::toStd(name);
    m_context.workspace.query<Opened>(this,
        [text](store::Store& store) -> Result<Opened> {
            Opened opened;
            ATTUNE_TRY(opened.data, pipeline::openDataset(store, text, JobContext {}));
            ATTUNE_TRY(opened.versions, store.datasetVersions(text));
            return opened;
        },
        [this](Result<Opened> opened) {
            if (!opened) {
                m_model->setDataset(nullptr);
                m_facts->setText(toQString(opened.error().message));
                m_record->setMessage(toQString(opened.error().hint));
                return;
            }
            m_facts->setText(tr("%1 rows, version %2").arg(bridge::grouped(opened->data->rows())).arg(opened->versions.empty() ? 1 : opened->versions.back().version));
            m_model->setDataset(opened->data);
            fitColumns();
            if (m_model->rowCount() > 0)
                m_table->selectRow(0);
            while (auto* item = m_history->takeAt(0)) {
                delete item->widget();
                delete item;
            }
            for (const auto& version : opened->versions) {
                auto* line = new QWidget;
                auto* inner = widgets::row();
                line->setLayout(inner);
                inner->addWidget(widgets::monoLabel(tr("v%1").arg(version.version)));
                inner->addWidget(widgets::bodyLabel(tr("%1 rows").arg(bridge::grouped(version.rows))));
                inner->addWidget(widgets::captionLabel(bridge::when(toQString(version.created))));
                inner->addStretch(1);
                m_history->addWidget(line);
            }
            m_history->addStretch(1);
        });
}

void DatasetView::fitColumns()
{
    const int columns = m_model->columnCount();
    if (columns < 2)
        return;
    m_table->setColumnWidth(0, 64);
    const int left = std::max(140 * (columns - 1), m_table->viewport()->width() - 64);
    for (int i = 1; i < columns; ++i)
        m_table->setColumnWidth(i, left / (columns - 1));
}

bool DatasetView::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize)
        fitColumns();
    return QWidget::eventFilter(watched, event);
}

void DatasetView::showRow(int row)
{
    m_row = row;
    m_rowTitle->setText(tr("Row %1").arg(bridge::grouped(row)));
    if (!m_model->dataset() || row < 0)
        return;
    const auto record = m_model->dataset()->record(row);
    if (record)
        m_record->setRecord(*record);
    else
        m_record->setMessage(toQString(record.error().message + " " + record.error().hint));
}

}
