// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/runs/runs_list.h"

#include "bridge/text.h"
#include "pages/run/run_menu.h"
#include "pages/runs/runs_chart.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "widgets/chip.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QCoreApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;

namespace {

QString titleOf(const RunColumn& column)
{
    return QCoreApplication::translate("attune::pages::RunsPage", column.title);
}

QList<widgets::TableColumn> tableColumns()
{
    QList<widgets::TableColumn> columns;
    for (const auto& column : runColumns())
        columns.append({column.title[0] ? titleOf(column) : QStringLiteral("●"), column.width, column.isNumber});
    return columns;
}

}

RunsList::RunsList(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_shown(context.settings.value(QStringLiteral("runs/shown")).toStringList())
{
    auto* layout = widgets::column();
    setLayout(layout);
    auto* header = new widgets::PageHeader(tr("Runs"));
    m_count = widgets::captionLabel({});
    header->addFact(m_count);
    m_add = widgets::button(tr("New run"), widgets::ButtonRole::Primary, QStringLiteral("add"));
    header->addAction(m_add);
    connect(m_add, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train); });
    layout->addWidget(header);
    layout->addWidget(buildBar());
    layout->addWidget(new widgets::Hairline);
    m_table = new widgets::Table(tableColumns());
    m_table->setMultiSelection(true);
    m_table->setAccessibleName(tr("Runs"));
    m_table->setObjectName(QStringLiteral("runs-table"));
    const auto hidden = context.settings.value(QStringLiteral("runs/hidden"));
    for (int i = 0; i < static_cast<int>(runColumns().size()); ++i) {
        const auto& column = runColumns()[static_cast<std::size_t>(i)];
        m_table->setColumnVisible(i, hidden.isValid() ? !hidden.toStringList().contains(QLatin1String(column.key)) : column.isDefault);
    }
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_table);
    m_empty = new widgets::EmptyState(QStringLiteral("runs"), {});
    connect(m_empty->setPrimary(tr("New run")), &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train); });
    m_stack->addWidget(m_empty);
    m_chart = new RunsChart(context);
    m_split = new QSplitter(Qt::Vertical);
    m_split->addWidget(m_chart);
    m_split->addWidget(m_stack);
    m_split->setStretchFactor(0, 1);
    m_split->setStretchFactor(1, 2);
    m_split->setChildrenCollapsible(false);
    connect(m_split, &QSplitter::splitterMoved, this, [this] { m_isSplitByHand = true; });
    layout->addWidget(m_split, 1);
    layout->addWidget(buildBulk());
    connectTable();
}

QWidget* RunsList::buildBar()
{
    auto* bar = new QWidget;
    auto* line = widgets::row(style::kSpace2);
    line->setContentsMargins(16, 8, 16, 8);
    bar->setLayout(line);
    m_filter = new QLineEdit;
    m_filter->setObjectName(QStringLiteral("runs-filter"));
    m_filter->setProperty("find", true);
    m_filter->setPlaceholderText(tr("Filter: text, or loss < 1.2"));
    m_filter->setToolTip(tr("Text is looked for everywhere. A condition as “loss < 1.2”, “tag: prod” or “model ~ qwen” becomes a filter with Return."));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    widgets::fitToPlaceholder(m_filter, 230);
    m_filter->setAccessibleName(tr("Filter runs"));
    line->addWidget(m_filter);
    m_chips = widgets::row(6);
    line->addLayout(m_chips);
    line->addStretch(1);
    auto* label = widgets::bodyLabel(tr("&Group by"), widgets::Tone::Secondary);
    line->addWidget(label);
    m_group = new QComboBox;
    m_group->setObjectName(QStringLiteral("runs-group"));
    m_group->setAccessibleName(tr("Group by"));
    label->setBuddy(m_group);
    m_group->addItem(tr("none"), QString());
    for (const auto* key : runGroupKeys())
        m_group->addItem(titleOf(runColumns()[static_cast<std::size_t>(runColumnIndex(key))]).toLower(), QLatin1String(key));
    m_group->setCurrentIndex(std::max(0, m_group->findData(m_context.settings.value(QStringLiteral("runs/group")))));
    line->addWidget(m_group);
    m_columns = widgets::button(tr("Columns"), widgets::ButtonRole::Secondary, QStringLiteral("columns"));
    line->addWidget(m_columns);
    m_archived = widgets::button(tr("Archived"), widgets::ButtonRole::Ghost, QStringLiteral("archive"));
    m_archived->setCheckable(true);
    m_archived->setToolTip(tr("Show archived runs too"));
    line->addWidget(m_archived);
    connect(m_filter, &QLineEdit::textChanged, this, [this] { fill(); });
    connect(m_filter, &QLineEdit::returnPressed, this, &RunsList::takeFilter);
    connect(m_group, &QComboBox::currentIndexChanged, this, [this] {
        m_context.settings.setValue(QStringLiteral("runs/group"), m_group->currentData());
        fill();
    });
    connect(m_columns, &QPushButton::clicked, this, &RunsList::showColumnMenu);
    connect(m_archived, &QPushButton::toggled, this, [this] { fill(); });
    return bar;
}

QWidget* RunsList::buildBulk()
{
    m_bulk = new widgets::PlaneWidget(widgets::Plane::Window);
    m_bulk->setObjectName(QStringLiteral("runs-bulk"));
    auto* line = widgets::row(style::kSpace2);
    line->setContentsMargins(16, 6, 16, 6);
    m_bulk->setLayout(line);
    m_selected = widgets::bodyLabel({});
    line->addWidget(m_selected);
    line->addSpacing(style::kSpace2);
    m_compare = widgets::button(tr("Compare"), widgets::ButtonRole::Secondary, QStringLiteral("compare"));
    m_compare->setObjectName(QStringLiteral("runs-compare"));
    m_tag = widgets::button(tr("Tag…"), widgets::ButtonRole::Secondary, QStringLiteral("tag"));
    m_archive = widgets::button(tr("Archive"), widgets::ButtonRole::Secondary, QStringLiteral("archive"));
    auto* csv = widgets::button(tr("Export CSV…"), widgets::ButtonRole::Secondary, QStringLiteral("download"));
    m_actions = {m_compare, m_tag, m_archive, csv};
    m_bulk->setMinimumHeight(style::controlHeight() + 12);  // with and without buttons: rows do not move below the mouse
    for (auto* one : m_actions)
        line->addWidget(one);
    line->addStretch(1);
    connect(m_compare, &QPushButton::clicked, this, [this] { emit compareRequested(m_table->selectedIds()); });
    connect(m_tag, &QPushButton::clicked, this, &RunsList::tagSelected);
    connect(m_archive, &QPushButton::clicked, this, [this] {
        const auto runs = selected();
        archiveRuns(m_context, runs, !std::all_of(runs.begin(), runs.end(), [](const auto& run) { return run.isArchived; }));
    });
    connect(csv, &QPushButton::clicked, this, &RunsList::exportCsv);
    return m_bulk;
}

void RunsList::connectTable()
{
    connect(m_table, &widgets::Table::opened, this, &RunsList::opened);
    connect(m_table, &widgets::Table::selectionMoved, this, &RunsList::showBulk);
    connect(m_table, &widgets::Table::menuRequested, this, &RunsList::showMenu);
    connect(m_table, &widgets::Table::cellClicked, this, [this](const QString& id, int column) {
        if (column == 0)
            toggleShown(id);
    });
    auto* space = new QShortcut(QKeySequence(Qt::Key_Space), m_table);
    space->setContext(Qt::WidgetShortcut);
    connect(space, &QShortcut::activated, this, [this] {
        for (const auto& id : m_table->selectedIds())
            toggleShown(id);
    });
    auto* remove = new QShortcut(QKeySequence(Qt::Key_Delete), m_table);
    remove->setContext(Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, [this] {
        if (const auto runs = selected(); runs.size() == 1 && runs.front().status != store::RunStatus::Running)
            confirmRemoveRun(m_context, runs.front(), this);
        else if (!runs.empty())
            archiveRuns(m_context, runs, true);
    });
    showBulk();
}

void RunsList::refresh()
{
    if (!isVisible())
        return;
    if (m_isAsking) {
        m_askAgain = true;
        return;
    }
    m_isAsking = true;
    using Answer = std::vector<ListedRun>;
    m_context.workspace.query<Answer>(this, [reader = m_reader](store::Store& store) { return reader->read(store); },
        [this](Result<Answer> runs) {
            m_isAsking = false;
            if (runs) {
                m_runs = std::move(*runs);
                fill();
            } else {
                showEmpty(toQString(runs.error().message + " " + runs.error().hint));
            }
            if (std::exchange(m_askAgain, false))
                refresh();
        });
}

bool RunsList::passes(const ListedRun& run) const
{
    if (run.row.isArchived && !m_archived->isChecked())
        return false;
    for (const auto& condition : m_conditions)
        if (!condition.holds(run))
            return false;
    // A condition that is being typed works already.
    if (const auto typed = parseCondition(m_filter->text()))
        return typed->holds(run);
    return containsText(run, m_filter->text().trimmed());
}

widgets::TableRow RunsList::rowOf(const ListedRun& run) const
{
    widgets::TableRow row;
    row.id = toQString(run.row.id);
    row.isFaded = run.row.isArchived;
    for (const auto& column : runColumns())
        row.cells.append(column.cell(run));
    row.cells[0].isHollow = !m_shown.contains(row.id);
    return row;
}

/// Runs under headings that say how many they are and what came out at best.
QList<widgets::TableRow> RunsList::groupedRows(const std::vector<const ListedRun*>& runs) const
{
    const QString key = m_group->currentData().toString();
    const auto& column = runColumns()[static_cast<std::size_t>(runColumnIndex(key.toStdString()))];
    QStringList order;
    QHash<QString, QList<const ListedRun*>> groups;
    for (const auto* run : runs) {
        const QString value = column.cell(*run).text;
        if (!groups.contains(value))
            order.append(value);
        groups[value].append(run);
    }
    QList<widgets::TableRow> rows;
    for (const auto& value : order) {
        double sum = 0, best = 1e300;
        int measured = 0;
        for (const auto* run : groups[value])
            if (const auto loss = run->bestEval ? run->bestEval : run->row.evalLoss ? run->row.evalLoss : run->row.trainLoss) {
                sum += *loss, best = std::min(best, *loss);
                ++measured;
            }
        widgets::TableRow head;
        head.id = QStringLiteral("group:") + value;
        head.isSection = true;
        QString words = QStringLiteral("%1   %2").arg(value, tr("%n run(s)", nullptr, static_cast<int>(groups[value].size())));
        if (measured > 0)
            words += tr(", best loss %1, mean %2").arg(bridge::decimal(best, 3), bridge::decimal(sum / measured, 3));
        head.cells = {{words}};
        rows.append(head);
        for (const auto* run : groups[value])
            rows.append(rowOf(*run));
    }
    return rows;
}

void RunsList::showEmpty(const QString& sentence)
{
    m_empty->setSentence(sentence);
    m_stack->setCurrentWidget(m_empty);
}

/// Until somebody chooses, the chart has the newest runs.
void RunsList::chooseShown()
{
    constexpr int kNewest = 3;
    if (!m_shown.isEmpty() || m_context.settings.contains(QStringLiteral("runs/shown")))
        return;
    for (const auto& run : m_runs)
        if (m_shown.size() < kNewest && !run.row.isArchived && run.row.stepsDone > 0)
            m_shown.append(toQString(run.row.id));
}

void RunsList::fill()
{
    chooseShown();
    std::vector<const ListedRun*> shown;
    qsizetype archived = 0;
    for (const auto& run : m_runs) {
        archived += run.row.isArchived;
        if (passes(run))
            shown.push_back(&run);
    }
    const bool isGrouped = !m_group->currentData().toString().isEmpty();
    if (m_table->isSortingEnabled() == isGrouped) {
        m_table->setSortingEnabled(!isGrouped);
        m_table->sortBy(-1, Qt::AscendingOrder);
    }
    QList<widgets::TableRow> rows;
    if (isGrouped)
        rows = groupedRows(shown);
    else
        for (const auto* run : shown)
            rows.append(rowOf(*run));
    m_table->setRows(rows);
    if (m_runs.empty())
        showEmpty(tr("No run yet. A run fine-tunes a model on a dataset; its curves, samples and files stay here."));
    else if (shown.empty() && archived == static_cast<qsizetype>(m_runs.size()))
        showEmpty(tr("All %n run(s) are archived. “Archived” shows them.", nullptr, static_cast<int>(archived)));
    else if (shown.empty())
        showEmpty(tr("No run matches the filter. %n run(s) are there.", nullptr, static_cast<int>(m_runs.size())));
    else
        m_stack->setCurrentWidget(m_table);
    m_add->setVisible(!m_runs.empty());  // an empty page has that button in its middle
    m_count->setText(m_runs.empty() ? QString() : shown.size() == m_runs.size() ? QString::number(shown.size()) : tr("%1 of %2").arg(shown.size()).arg(m_runs.size()));
    QStringList present;
    for (const auto* run : shown)
        if (m_shown.contains(toQString(run->row.id)))
            present.append(toQString(run->row.id));
    m_chart->setRuns(present);
    showBulk();
    shareHeight();
}

/// The table takes two thirds at most and no more than its rows need: the rest is the chart's.
void RunsList::shareHeight()
{
    if (m_isSplitByHand || m_stack->currentWidget() != m_table)
        return;
    const int all = m_split->height() - m_split->handleWidth();
    const int rows = m_table->horizontalHeader()->height() + (m_table->model()->rowCount() + 1) * style::rowHeight();
    const int table = std::min(rows, 2 * all / 3);
    m_split->setSizes({all - table, table});
}

void RunsList::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    shareHeight();
}

void RunsList::takeFilter()
{
    const auto condition = parseCondition(m_filter->text());
    if (!condition)
        return;
    m_conditions.append(*condition);
    m_filter->clear();
    showChips();
    fill();
}

void RunsList::showChips()
{
    while (auto* item = m_chips->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (qsizetype i = 0; i < m_conditions.size(); ++i) {
        auto* chip = new widgets::FilterChip(m_conditions[i].words());
        m_chips->addWidget(chip);
        connect(chip, &widgets::FilterChip::removed, this, [this, i] {
            m_conditions.removeAt(i);
            m_filter->setFocus(Qt::OtherFocusReason);  // the button that had it goes
            showChips();
            fill();
        });
    }
}

void RunsList::showBulk()
{
    const auto runs = selected();
    m_bulk->setVisible(m_stack->currentWidget() == m_table && !m_runs.empty());
    for (auto* one : m_actions)
        one->setVisible(!runs.empty());
    m_selected->setTone(runs.empty() ? widgets::Tone::Secondary : widgets::Tone::Text);
    m_selected->setText(tr("Select runs to compare, tag, archive or export them; a click on the dot puts a run into the chart."));
    if (runs.empty())
        return;
    const int count = static_cast<int>(runs.size());
    m_selected->setText(tr("%n selected", nullptr, count));
    m_compare->setText(tr("Compare %1").arg(count));
    m_compare->setEnabled(count >= 2);
    m_compare->setToolTip(count >= 2 ? QString() : tr("Select two or more runs with Ctrl or Shift."));
    const bool areArchived = std::all_of(runs.begin(), runs.end(), [](const auto& run) { return run.isArchived; });
    m_archive->setText(areArchived ? tr("Take out of the archive") : tr("Archive"));
}

std::vector<store::RunRow> RunsList::selected() const
{
    const auto ids = m_table->selectedIds();
    std::vector<store::RunRow> runs;
    for (const auto& run : m_runs)
        if (ids.contains(toQString(run.row.id)))
            runs.push_back(run.row);
    return runs;
}

void RunsList::toggleShown(const QString& run)
{
    if (run.startsWith(QLatin1String("group:")))
        return;
    if (!m_shown.removeOne(run))
        m_shown.append(run);
    m_context.settings.setValue(QStringLiteral("runs/shown"), m_shown);
    fill();
}

}
