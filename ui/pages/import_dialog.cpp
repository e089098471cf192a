// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/import_dialog.h"

#include "base/names.h"
#include "importer/import.h"
#include "models/dataset_model.h"
#include "pipeline/dataset_jobs.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QHeaderView>
#include <QLineEdit>
#include <QListWidget>
#include <QTableWidget>

namespace attune::pages {

using bridge::toQString;
using importer::ColumnRole;

namespace {

constexpr ColumnRole kRoles[] {ColumnRole::Ignore, ColumnRole::System, ColumnRole::Prompt, ColumnRole::Input, ColumnRole::Completion, ColumnRole::Text, ColumnRole::Label,
    ColumnRole::Messages, ColumnRole::Chosen, ColumnRole::Rejected, ColumnRole::Tools};
constexpr int kShownRows = 8;

}

ImportDialog::ImportDialog(shell::Context& context, const QStringList& paths, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
{
    for (const auto& path : paths)
        m_paths.push_back(bridge::toStd(path));
    const QFileInfo first(paths.value(0));
    setObjectName(QStringLiteral("import"));
    setWindowTitle(paths.size() == 1 ? tr("Add dataset: %1").arg(first.fileName()) : tr("Add dataset: %n file(s)", nullptr, static_cast<int>(paths.size())));
    setSizeGripEnabled(true);
    resize(style::scaled(860), style::scaled(620));
    auto* layout = widgets::column(10, 16);
    setLayout(layout);
    m_sentence = widgets::headingLabel(tr("Reading…"));
    m_sentence->setWordWrap(true);
    layout->addWidget(m_sentence);
    layout->addLayout(buildFacts());
    m_table = new QTableWidget;
    m_table->setObjectName(QStringLiteral("import-rows"));
    m_table->setAccessibleName(tr("First rows and the roles of their columns"));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(style::rowHeight());
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    layout->addWidget(m_table, 4);
    auto* head = widgets::row(6);
    head->addWidget(widgets::headingLabel(tr("Preview as trained")));
    m_place = widgets::captionLabel({});
    head->addWidget(m_place);
    m_previous = widgets::iconButton(QStringLiteral("left"), tr("Previous row"));
    m_next = widgets::iconButton(QStringLiteral("right"), tr("Next row"));
    head->addWidget(m_previous);
    head->addWidget(m_next);
    head->addStretch(1);
    layout->addLayout(head);
    m_missing = widgets::bodyLabel({}, widgets::Tone::Warning);
    m_missing->hide();
    layout->addWidget(m_missing);
    m_view = new widgets::RecordView;
    layout->addWidget(m_view, 4);
    layout->addWidget(buildProblems());
    layout->addLayout(buildName());
    connect(m_previous, &QToolButton::clicked, this, [this] { showRecord(m_record - 1); });
    connect(m_next, &QToolButton::clicked, this, [this] { showRecord(m_record + 1); });
    connect(m_table, &QTableWidget::currentCellChanged, this, [this](int row) {
        if (row > 0)
            showRecord(row - 1);
    });
    m_name->setText(toQString(toName(bridge::toStd(first.isDir() ? first.fileName() : first.completeBaseName()))));
    ask();
}

void ImportDialog::replace(const QString& dataset)
{
    setWindowTitle(tr("Import again: %1").arg(dataset));
    m_replace->setChecked(true);
    m_name->setText(dataset);
}

QLayout* ImportDialog::buildFacts()
{
    auto* row = widgets::row(8);
    const auto caption = [row](const QString& text) {
        auto* label = widgets::bodyLabel(text, widgets::Tone::Secondary);
        row->addWidget(label);
        return label;
    };
    const auto combo = [this, row](const QString& name, const char* object) {
        auto* made = new QComboBox;
        made->setAccessibleName(name);
        made->setObjectName(QLatin1String(object));
        row->addWidget(made);
        connect(made, &QComboBox::activated, this, [this] {
            m_options.format = bridge::toStd(m_format->currentData().toString());
            m_options.delimiter = static_cast<char>(m_delimiter->currentData().toInt());
            m_options.header = bridge::toStd(m_header->currentData().toString());
            m_options.split = bridge::toStd(m_split->currentData().toString());
            m_options.roles.clear();  // other columns may come of it
            ask();
        });
        return made;
    };
    caption(tr("Format"));
    m_format = combo(tr("Format"), "import-format");
    m_format->addItem(tr("by content"), QString());
    for (const auto* source : importer::all())
        m_format->addItem(bridge::translated(source->displayName), toQString(source->id));
    m_csvOnly.append(caption(tr("apart by")));
    m_delimiter = combo(tr("Delimiter"), "import-delimiter");
    for (const auto& [name, sign] : {std::pair {tr("by content"), 0}, {tr("comma"), int(',')}, {tr("semicolon"), int(';')}, {tr("tab"), int('\t')}, {tr("vertical bar"), int('|')}})
        m_delimiter->addItem(name, sign);
    m_csvOnly.append(m_delimiter);
    m_csvOnly.append(caption(tr("first line")));
    m_header = combo(tr("First line"), "import-header");
    for (const auto& [name, value] : {std::pair {tr("by content"), QStringLiteral("auto")}, {tr("holds names"), QStringLiteral("yes")}, {tr("is a row"), QStringLiteral("no")}})
        m_header->addItem(name, value);
    m_csvOnly.append(m_header);
    m_textOnly.append(caption(tr("a row is")));
    m_split = combo(tr("What a row is"), "import-split");
    for (const auto& [name, value] : {std::pair {tr("a paragraph"), QStringLiteral("paragraph")}, {tr("a line"), QStringLiteral("line")}, {tr("a document"), QStringLiteral("document")}})
        m_split->addItem(name, value);
    m_textOnly.append(m_split);
    row->addSpacing(8);
    m_encoding = caption({});
    row->addSpacing(8);
    m_size = caption({});
    m_size->setObjectName(QStringLiteral("import-size"));
    row->addStretch(1);
    for (auto* widget : m_csvOnly + m_textOnly)
        widget->hide();
    return row;
}

QWidget* ImportDialog::buildProblems()
{
    m_problemRow = new QWidget;
    auto* column = widgets::column(4);
    m_problemRow->setLayout(column);
    auto* row = widgets::row(8);
    auto* icon = new QLabel;
    icon->setPixmap(style::iconPixmap(QStringLiteral("warning"), 16, style::tokens().warning, devicePixelRatioF()));
    m_problem = widgets::bodyLabel({});
    m_lines = widgets::smallButton(tr("Show lines"));
    m_lines->setObjectName(QStringLiteral("show-lines"));
    row->addWidget(icon);
    row->addWidget(m_problem);
    row->addWidget(m_lines);
    row->addStretch(1);
    column->addLayout(row);
    m_problems = new QListWidget;
    m_problems->setObjectName(QStringLiteral("import-problems"));
    m_problems->setAccessibleName(tr("Lines that cannot be read"));
    m_problems->setFixedHeight(style::scaled(96));
    m_problems->hide();
    column->addWidget(m_problems);
    m_problemRow->hide();
    connect(m_lines, &QPushButton::clicked, this, [this] {
        m_problems->setVisible(!m_problems->isVisible());
        m_lines->setText(m_problems->isVisible() ? tr("Hide lines") : tr("Show lines"));
    });
    return m_problemRow;
}

QLayout* ImportDialog::buildName()
{
    auto* row = widgets::row(8);
    auto* label = widgets::bodyLabel(tr("&Name"));
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("import-name"));
    m_name->setAccessibleName(tr("Name of the dataset"));
    m_name->setFixedWidth(style::scaled(220));
    label->setBuddy(m_name);
    m_replace = new QCheckBox(tr("as a new version"));
    m_replace->setObjectName(QStringLiteral("import-replace"));
    m_replace->hide();
    m_nameProblem = widgets::bodyLabel({}, widgets::Tone::Danger);
    row->addWidget(label);
    row->addWidget(m_name);
    row->addWidget(m_replace);
    row->addWidget(m_nameProblem);
    row->addStretch(1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_add = buttons->addButton(tr("Add rows"), QDialogButtonBox::AcceptRole);
    m_add->setObjectName(QStringLiteral("add-rows"));
    m_add->setProperty("role", QStringLiteral("primary"));
    m_add->setDefault(true);
    m_add->setEnabled(false);
    row->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &ImportDialog::add);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_name, &QLineEdit::textChanged, this, &ImportDialog::checkTheName);
    connect(m_replace, &QCheckBox::toggled, this, [this] { checkTheName(); });
    return row;
}

void ImportDialog::ask()
{
    const int request = ++m_request;
    bridge::compute<Result<ImportPreview>>(this, [paths = m_paths, options = m_options] { return previewFiles(paths, options); }, [this, request](Result<ImportPreview> preview) {
        if (request == m_request)
            take(std::move(preview));
    });
}

void ImportDialog::take(Result<ImportPreview> preview)
{
    m_hasPreview = preview.has_value();
    if (!preview) {
        m_sentence->setText(toQString(preview.error().message));
        m_sentence->setTone(widgets::Tone::Danger);
        m_view->setMessage(toQString(preview.error().hint));
        m_table->setRowCount(0);
        m_table->setColumnCount(0);
        m_place->clear();
        m_problemRow->hide();
        checkTheName();
        return;
    }
    m_preview = std::move(*preview);
    m_sentence->setTone(widgets::Tone::Text);
    // What the command line advises, the line above the preview says in the dialog's words.
    const QString advice = QStringLiteral("; give the roles with --map");
    m_sentence->setText(toQString(m_preview.first.roles.sentence).remove(advice));
    m_records = m_preview.first.records;
    fillOptions();
    fillTable();
    showRecord(0);
    showProblems();
    showMissing();
    checkTheName();
}

void ImportDialog::fillOptions()
{
    const auto& first = m_preview.first;
    m_format->setItemText(0, tr("%1 (by content)").arg(toQString(first.formatName)));
    for (auto* widget : m_csvOnly)
        widget->setVisible(first.format == "csv");
    for (auto* widget : m_textOnly)
        widget->setVisible(first.format == "text" || first.format == "markdown");
    m_encoding->setText(toQString(first.encoding) + (first.compression.empty() ? QString() : QStringLiteral(", ") + toQString(first.compression)));
    const QString files = m_preview.files.size() > 1 ? tr("%n file(s), ", nullptr, static_cast<int>(m_preview.files.size())) : QString();
    const QString rows = m_preview.rows == 1 ? tr("1 row") : tr("%1 rows").arg(bridge::grouped(m_preview.rows));
    m_size->setText(files + (m_preview.isWhole ? tr("%1, %2") : tr("about %1, %2")).arg(rows, bridge::size(static_cast<double>(m_preview.bytes))));
    m_add->setText((m_preview.isWhole ? tr("Add %1") : tr("Add about %1")).arg(rows));
}

void ImportDialog::fillTable()
{
    const auto& first = m_preview.first;
    const auto columns = static_cast<int>(first.columns.size());
    const int rows = std::min(kShownRows, static_cast<int>(first.values.size()));
    m_roles.clear();
    m_table->clear();
    m_table->setColumnCount(columns);
    m_table->setRowCount(rows + 1);
    QStringList names;
    for (int c = 0; c < columns; ++c) {
        const auto& column = first.columns[static_cast<std::size_t>(c)];
        names.append(QStringLiteral("%1 · %2").arg(toQString(column.name), toQString(column.type)));
        auto* combo = new QComboBox;
        combo->setObjectName(QStringLiteral("role-") + toQString(column.name));
        combo->setAccessibleName(tr("Role of %1").arg(toQString(column.name)));
        for (const auto role : kRoles)
            combo->addItem(roleWords(role), static_cast<int>(role));
        combo->setCurrentIndex(combo->findData(static_cast<int>(column.role)));
        connect(combo, &QComboBox::activated, this, &ImportDialog::rolesChanged);
        m_table->setCellWidget(0, c, combo);
        m_roles.append(combo);
        for (int r = 0; r < rows; ++r) {
            const auto& values = first.values[static_cast<std::size_t>(r)];
            auto* item = new QTableWidgetItem(values.contains(column.name) ? models::cellText(values[column.name]) : QStringLiteral("–"));
            item->setToolTip(item->text());
            m_table->setItem(r + 1, c, item);
        }
    }
    m_table->setHorizontalHeaderLabels(names);
    m_table->setRowHeight(0, style::controlHeight() + 4);
    fitTable();
}

void ImportDialog::fitTable()
{
    const int columns = m_table->columnCount();
    if (columns == 0)
        return;
    const int share = std::max(style::scaled(150), (m_table->viewport()->width() - 12) / columns);
    for (int c = 0; c < columns; ++c)
        m_table->setColumnWidth(c, share);
}

void ImportDialog::resizeEvent(QResizeEvent* event)
{
    QDialog::resizeEvent(event);
    fitTable();
}

void ImportDialog::rolesChanged()
{
    auto& columns = m_preview.first.columns;
    m_options.roles.clear();
    auto* changed = qobject_cast<QComboBox*>(sender());
    for (int c = 0; c < m_roles.size(); ++c) {
        // A role is one column's: who gives it to another one takes it from the first.
        if (changed && m_roles[c] != changed && m_roles[c]->currentData() == changed->currentData())
            m_roles[c]->setCurrentIndex(0);
        auto& column = columns[static_cast<std::size_t>(c)];
        column.role = static_cast<ColumnRole>(m_roles[c]->currentData().toInt());
        if (column.role != ColumnRole::Ignore)
            m_options.roles[std::string(importer::roleName(column.role))] = column.name;
    }
    if (auto records = importer::recordsWith(m_preview.first, columns))
        m_records = std::move(*records);
    m_sentence->setText(tr("As you set it."));
    showRecord(m_record);
    showMissing();
}

void ImportDialog::showRecord(int row)
{
    const int count = std::min(static_cast<int>(m_records.size()), kShownRows);
    m_record = std::clamp(row, 0, std::max(0, count - 1));
    m_previous->setEnabled(m_record > 0);
    m_next->setEnabled(m_record + 1 < count);
    m_place->setText(count ? tr("row %1 of %2").arg(m_record + 1).arg(count) : QString());
    if (count)
        m_view->setRecord(m_records[static_cast<std::size_t>(m_record)]);
}

void ImportDialog::showProblems()
{
    m_problems->clear();
    m_problemRow->setVisible(m_preview.skipped > 0);
    if (m_preview.skipped == 0)
        return;
    QStringList lines;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, m_preview.problems.size()); ++i)
        lines.append(bridge::grouped(m_preview.problems[i].line));
    const QString more = m_preview.skipped > lines.size() ? QStringLiteral(", …") : QString();
    m_problem->setText(tr("%n line(s) left out that cannot be read: %1%2", nullptr, static_cast<int>(m_preview.skipped)).arg(lines.join(QStringLiteral(", ")), more));
    for (const auto& problem : m_preview.problems)
        m_problems->addItem((problem.file.empty() ? QString() : QFileInfo(toQString(problem.file)).fileName() + QStringLiteral(", "))
            + tr("line %1: %2").arg(bridge::grouped(problem.line), toQString(problem.message)));
}

void ImportDialog::showMissing()
{
    bool hasAnswer = false, hasPrompt = false, hasAny = false;
    for (const auto& column : m_preview.first.columns) {
        hasAny |= column.role != ColumnRole::Ignore;
        hasPrompt |= column.role == ColumnRole::Prompt;
        hasAnswer |= column.role == ColumnRole::Completion || column.role == ColumnRole::Messages || column.role == ColumnRole::Text || column.role == ColumnRole::Chosen || column.role == ColumnRole::Label;
    }
    m_missing->setVisible(!hasAny || (hasPrompt && !hasAnswer));
    m_missing->setText(hasAny ? tr("No column is marked as the answer. Training needs one; choose it above its column.") : tr("No column has a role. Training needs a text, or a prompt and its answer; choose them above the columns."));
}

void ImportDialog::checkTheName()
{
    const std::string name = bridge::toStd(m_name->text());
    const auto status = checkName(name, "dataset");
    m_nameProblem->setText(status ? QString() : toQString(status.error().message));
    m_add->setEnabled(false);
    m_replace->setVisible(m_replace->isVisible() && status);
    if (!status)
        return;
    m_context.workspace.query<std::optional<store::DatasetRow>>(this, [name](store::Store& store) { return store.dataset(name); }, [this, name](Result<std::optional<store::DatasetRow>> row) {
        if (bridge::toStd(m_name->text()) != name)
            return;
        m_isTaken = row && *row;
        m_replace->setVisible(m_isTaken);
        m_nameProblem->setText(m_isTaken && !m_replace->isChecked() ? tr("There is already a dataset of that name.") : QString());
        m_add->setEnabled(m_hasPreview && !m_isAdding && (!m_isTaken || m_replace->isChecked()));
    });
}

void ImportDialog::add()
{
    if (!m_add->isEnabled())
        return;
    const std::string name = bridge::toStd(m_name->text()), workspace = m_context.workspace.stdPath();
    const bool isReplace = m_isTaken && m_replace->isChecked();
    auto rows = std::make_shared<std::int64_t>(0);
    m_isAdding = true;
    m_add->setEnabled(false);
    m_add->setText(tr("Adding…"));
    m_context.jobs.start(tr("Adding %1").arg(m_name->text()),
        [=, paths = m_paths, options = m_options](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            ATTUNE_TRY(const auto report, pipeline::importDataset(*store, paths, name, options, isReplace, job));
            *rows = report.header.rows;
            return {};
        },
        this,
        [this, name, rows](const Status& status) {
            m_isAdding = false;
            m_context.workspace.announceChange();
            if (status) {
                emit added(toQString(name), *rows);
                accept();
                return;
            }
            fillOptions();
            m_nameProblem->setText(toQString(status.error().message + " " + status.error().hint));
            m_add->setEnabled(true);
        });
}

}
