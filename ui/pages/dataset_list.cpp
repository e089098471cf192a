// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset_list.h"

#include "importer/import.h"
#include "pages/combine_dialog.h"
#include "pages/sample.h"
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_issues.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_shelf.h"
#include "pipeline/row_facts.h"
#include "style/icons.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QDir>
#include <QFileInfo>
#include <QLineEdit>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;

namespace {

void lookAtSource(const store::DatasetRow& row, ListedDataset& listed)
{
    const auto header = pipeline::importOf(row);
    if (!header)
        return;
    listed.imported = header->rows;
    if (header->sources.empty())
        return;
    const auto& source = header->sources.front();
    listed.source = toQString(source.path);
    if (header->sources.size() > 1)
        listed.source += DatasetList::tr(" and %n more", nullptr, static_cast<int>(header->sources.size()) - 1);
    const std::int64_t modified = importer::modifiedTime(source.path);
    listed.sourceState = modified == 0 ? DatasetList::tr("not there any more") : modified == source.modified ? DatasetList::tr("unchanged") : DatasetList::tr("changed since it was added");
}

Result<std::vector<ListedDataset>> listAll(store::Store& store)
{
    ATTUNE_TRY(const auto rows, store.datasets());
    ATTUNE_TRY(const auto runs, store.runs());
    ATTUNE_TRY(const auto archived, pipeline::archivedDatasets(store));
    ATTUNE_TRY(const auto trashed, pipeline::trashedDatasets(store));
    std::vector<ListedDataset> all;
    for (const auto& row : rows) {
        ListedDataset listed {row};
        listed.imported = row.rows;
        lookAtSource(row, listed);
        listed.steps = static_cast<int>(pipeline::stepsOf(row).value_or(std::vector<cleaner::Step>()).size());
        listed.tokens = pipeline::keptTokens(store, row).value_or(-1);
        if (const auto counts = pipeline::issueCounts(store, row); counts && *counts) {
            listed.issues = 0;
            for (const auto& [kind, count] : **counts) {
                listed.issues += count;
                const auto* known = pipeline::findIssueKind(kind);
                listed.personal += known && known->isPersonal ? count : 0;
            }
        }
        for (const auto& run : runs)
            if (run.dataset.substr(0, run.dataset.find_first_of("@:")) == row.name)
                listed.runs.append(toQString(run.id));
        listed.isArchived = archived.contains(row.name);
        all.push_back(std::move(listed));
    }
    for (const auto& one : trashed)
        if (!one.versions.empty()) {
            ListedDataset listed {one.versions.back()};
            listed.row.name = one.name;
            listed.imported = listed.row.rows;
            listed.isTrashed = true;
            all.push_back(std::move(listed));
        }
    return all;
}

/// "ShareGPT", "CSV": what the rows are like.
QString formatWords(const store::DatasetRow& row)
{
    static const QHash<QString, QString> styles {{QStringLiteral("messages"), DatasetList::tr("messages")}, {QStringLiteral("sharegpt"), QStringLiteral("ShareGPT")},
        {QStringLiteral("alpaca"), QStringLiteral("Alpaca")}, {QStringLiteral("preference"), DatasetList::tr("preference")}, {QStringLiteral("prompt-completion"), DatasetList::tr("prompt and answer")},
        {QStringLiteral("text-label"), DatasetList::tr("text and label")}, {QStringLiteral("text"), DatasetList::tr("text")}};
    const QString style = toQString(row.info.value("style", std::string()));
    return styles.value(style, style.isEmpty() ? DatasetList::tr("columns") : style);
}

widgets::TableRow lineOf(const ListedDataset& one)
{
    using widgets::Cell;
    using widgets::Tone;
    const Cell none {QStringLiteral("–"), -1, Tone::Secondary};
    widgets::TableRow line;
    line.id = toQString(one.row.name);
    line.isFaded = one.isArchived || one.isTrashed;
    Cell name {line.id + (one.isTrashed ? DatasetList::tr(" (in the trash)") : one.isArchived ? DatasetList::tr(" (archived)") : QString())};
    name.isStrong = !line.isFaded;
    const bool isWhole = one.imported == one.row.rows || one.imported == 0;
    Cell rows {isWhole ? bridge::grouped(one.row.rows) : QStringLiteral("%1 / %2").arg(bridge::grouped(one.row.rows), bridge::grouped(one.imported)), static_cast<qlonglong>(one.row.rows)};
    Cell issues = one.issues < 0 ? none : Cell {bridge::grouped(one.issues), static_cast<qlonglong>(one.issues), one.issues > 0 ? Tone::Warning : Tone::Text};
    if (one.personal > 0) {
        issues.text = DatasetList::tr("%1, %2 personal").arg(bridge::grouped(one.issues), bridge::grouped(one.personal));
    }
    Cell used = one.runs.isEmpty() ? none : Cell {one.runs.first() + (one.runs.size() > 1 ? QStringLiteral(" +%1").arg(one.runs.size() - 1) : QString())};
    line.cells = {name, {DatasetList::tr("v%1").arg(one.row.version), one.row.version}, rows,
        one.tokens < 0 ? none : Cell {bridge::parameters(static_cast<double>(one.tokens)), static_cast<qlonglong>(one.tokens)}, {formatWords(one.row)}, issues,
        {one.steps ? QString::number(one.steps) : QStringLiteral("–"), one.steps}, used, {bridge::when(toQString(one.row.created)), toQString(one.row.created), Tone::Secondary}};
    return line;
}

}

DatasetList::DatasetList(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    auto* header = new widgets::PageHeader(tr("Datasets"));
    m_count = widgets::captionLabel({});
    header->addFact(m_count);
    m_filter = new QLineEdit;
    m_filter->setProperty("find", true);
    m_filter->setPlaceholderText(tr("Filter datasets"));
    m_filter->setAccessibleName(tr("Filter datasets"));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    widgets::fitToPlaceholder(m_filter, 180);
    m_archived = new QCheckBox(tr("Show archived"));
    m_archived->setToolTip(tr("Archived datasets and those in the trash"));
    m_combine = widgets::button(tr("Combine…"));
    m_combine->setObjectName(QStringLiteral("combine-datasets"));
    m_add = widgets::button(tr("Add dataset…"), widgets::ButtonRole::Primary, QStringLiteral("add"));
    header->addAction(m_filter);
    header->addAction(m_archived);
    header->addAction(m_combine);
    header->addAction(m_add);
    layout->addWidget(header);
    m_table = new widgets::Table({{tr("Name"), 0}, {tr("Version"), 64, true}, {tr("Rows kept"), 128, true}, {tr("Tokens"), 66, true}, {tr("Format"), 130}, {tr("Issues"), 96, true}, {tr("Steps"), 52, true},
        {tr("Used in"), 116}, {tr("Changed"), 114}});
    m_table->setObjectName(QStringLiteral("datasets"));
    m_table->setAccessibleName(tr("Datasets"));
    m_table->setMultiSelection(true);
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_table);
    m_empty = new widgets::EmptyState(QStringLiteral("dataset"), {});
    connect(m_empty->setPrimary(tr("Add dataset…")), &QPushButton::clicked, this, &DatasetList::addWanted);
    if (!sharePath().empty())
        connect(m_empty->setLink(tr("Open the sample")), &QPushButton::clicked, this, &DatasetList::openTheSample);
    m_stack->addWidget(m_empty);
    layout->addWidget(m_stack, 1);
    m_strip = buildStrip();
    layout->addWidget(m_strip);
    connect(m_add, &QPushButton::clicked, this, &DatasetList::addWanted);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_table->setFilter(text);
        showCount();
    });
    connect(m_archived, &QCheckBox::toggled, this, [this] { fill(m_datasets); });
    connect(m_combine, &QPushButton::clicked, this, &DatasetList::combine);
    connect(m_table, &widgets::Table::opened, this, [this](const QString& name) {
        if (const auto* one = chosen(); one && !one->isTrashed)
            emit opened(name);
    });
    connect(m_table, &widgets::Table::selectionMoved, this, &DatasetList::showSelection);
    showSelection();
}

QWidget* DatasetList::buildStrip()
{
    auto* strip = new widgets::PlaneWidget(widgets::Plane::Window);
    strip->setFixedHeight(style::scaled(48));
    auto* row = widgets::row(8);
    row->setContentsMargins(16, 0, 16, 0);
    strip->setLayout(row);
    m_chosen = widgets::headingLabel({});
    m_source = new widgets::ElidedLabel;
    m_source->setTone(widgets::Tone::Secondary);
    m_source->setFont(m_count->font());
    row->addWidget(m_chosen);
    row->addWidget(m_source, 1);
    const auto made = [row](const QString& text, const char* name) {
        auto* button = widgets::button(text);
        button->setObjectName(QLatin1String(name));
        row->addWidget(button);
        return button;
    };
    m_open = made(tr("Open"), "open-dataset");
    m_train = made(tr("Train"), "train-dataset");
    m_archive = made(tr("Archive"), "archive-dataset");
    m_delete = made(tr("Delete"), "delete-dataset");
    m_restore = made(tr("Restore"), "restore-dataset");
    connect(m_open, &QPushButton::clicked, this, [this] { emit opened(m_table->currentId()); });
    connect(m_train, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train, QStringLiteral("data:") + m_table->currentId()); });
    connect(m_archive, &QPushButton::clicked, this, &DatasetList::archive);
    connect(m_delete, &QPushButton::clicked, this, &DatasetList::remove);
    connect(m_restore, &QPushButton::clicked, this, [this] { restore(m_table->currentId()); });
    return strip;
}

void DatasetList::refresh()
{
    m_context.workspace.query<std::vector<ListedDataset>>(this, listAll, [this](Result<std::vector<ListedDataset>> datasets) {
        if (datasets) {
            fill(*datasets);
            return;
        }
        m_empty->setSentence(toQString(datasets.error().message + " " + datasets.error().hint));
        m_stack->setCurrentWidget(m_empty);
    });
}

void DatasetList::fill(const std::vector<ListedDataset>& datasets)
{
    m_datasets = datasets;
    QList<widgets::TableRow> lines;
    for (const auto& one : m_datasets)
        if (m_archived->isChecked() || !(one.isArchived || one.isTrashed))
            lines.append(lineOf(one));
    m_table->setRows(lines);
    m_empty->setSentence(datasets.empty() ? tr("No datasets yet. Drop JSONL, JSON, CSV, Parquet, text or Markdown files anywhere in this window, or open the sample; the files themselves are never changed.")
                                          : tr("All datasets are archived or in the trash."));
    m_stack->setCurrentWidget(lines.isEmpty() ? static_cast<QWidget*>(m_empty) : m_table);
    m_add->setVisible(!lines.isEmpty());  // the empty page has the button itself
    showCount();
    showSelection();
}

void DatasetList::showCount()
{
    const auto all = m_table->model() ? m_table->shownRows() : 0;
    const auto total = std::count_if(m_datasets.begin(), m_datasets.end(), [this](const auto& one) { return m_archived->isChecked() || !(one.isArchived || one.isTrashed); });
    m_count->setText(total == 0 ? QString() : m_filter->text().isEmpty() ? bridge::grouped(total) : tr("%1 of %2").arg(all).arg(total));
}

const ListedDataset* DatasetList::chosen() const
{
    const QString id = m_table->currentId();
    for (const auto& one : m_datasets)
        if (toQString(one.row.name) == id)
            return &one;
    return nullptr;
}

void DatasetList::showSelection()
{
    const auto ids = m_table->selectedIds();
    const auto* one = ids.size() == 1 ? chosen() : nullptr;
    m_strip->setVisible(!ids.isEmpty());
    m_combine->setEnabled(ids.size() > 1 || m_datasets.size() > 1);
    m_combine->setToolTip(m_combine->isEnabled() ? tr("Makes one dataset of several; choose them with Ctrl or Shift") : tr("It takes two datasets or more to combine."));
    m_chosen->setText(one ? toQString(one->row.name) : tr("%n dataset(s) chosen", nullptr, static_cast<int>(ids.size())));
    m_source->setText(!one ? QString() : one->source.isEmpty() ? QString() : tr("source %1 (%2)").arg(QDir::toNativeSeparators(one->source), one->sourceState));
    for (QPushButton* button : {m_open, m_train, m_archive, m_delete})
        button->setVisible(one && !one->isTrashed);
    m_restore->setVisible(one && one->isTrashed);
    if (one)
        m_archive->setText(one->isArchived ? tr("Take out of the archive") : tr("Archive"));
}

void DatasetList::combine()
{
    QStringList names;
    for (const auto& one : m_datasets)
        if (!one.isTrashed && (m_table->selectedIds().size() < 2 || m_table->selectedIds().contains(toQString(one.row.name))))
            names.append(toQString(one.row.name));
    std::vector<store::DatasetRow> rows;
    for (const auto& one : m_datasets)
        if (names.contains(toQString(one.row.name)))
            rows.push_back(one.row);
    auto* dialog = new CombineDialog(m_context, rows, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &CombineDialog::made, this, &DatasetList::opened);
    dialog->open();
}

void DatasetList::shelve(const std::function<Status(store::Store&)>& work, const QString& done, const std::function<void()>& undo)
{
    m_context.workspace.query<bool>(this,
        [work](store::Store& store) -> Result<bool> {
            ATTUNE_RETURN_IF_ERROR(work(store));
            return true;
        },
        [this, done, undo](Result<bool> result) {
            m_context.navigator.toast(result ? done : toQString(result.error().message + " " + result.error().hint), result ? undo : std::function<void()>());
            m_context.workspace.announceChange();
        });
}

void DatasetList::archive()
{
    const auto* one = chosen();
    if (!one)
        return;
    const std::string name = one->row.name;
    const bool isArchived = !one->isArchived;
    shelve([name, isArchived](store::Store& store) { return pipeline::setArchived(store, name, isArchived); },
        isArchived ? tr("%1 was archived").arg(toQString(name)) : tr("%1 is listed again").arg(toQString(name)), [self = QPointer<DatasetList>(this), name, isArchived] {
            if (self)
                self->shelve([name, isArchived](store::Store& store) { return pipeline::setArchived(store, name, !isArchived); }, tr("Done"), {});
        });
}

void DatasetList::remove()
{
    const auto* one = chosen();
    if (!one)
        return;
    const std::string name = one->row.name;
    shelve([name](store::Store& store) { return pipeline::trashDataset(store, name); }, tr("%1 is in the trash; its source files stay where they are").arg(toQString(name)), [self = QPointer<DatasetList>(this), name] {
        if (self)
            self->restore(toQString(name));
    });
}

void DatasetList::openTheSample()
{
    m_context.jobs.start(tr("Opening the sample"), [workspace = m_context.workspace.stdPath()](const JobContext& job) { return openSample(workspace, job); }, this,
        [this](const Status& status) {
            m_context.workspace.announceChange();
            if (status)
                emit opened(QLatin1String(kSampleData));
            else
                m_context.navigator.toast(toQString(status.error().message + " " + status.error().hint));
        });
}

void DatasetList::restore(const QString& name)
{
    shelve([name = bridge::toStd(name)](store::Store& store) { return pipeline::restoreDataset(store, name); }, tr("%1 is back").arg(name), {});
}

}
