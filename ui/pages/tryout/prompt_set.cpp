// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/prompt_set.h"

#include "base/file.h"
#include "pipeline/dataset_lookup.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "widgets/panel.h"
#include "widgets/diff_label.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QScrollArea>
#include <QSpinBox>

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;

PromptSetView::PromptSetView(shell::Context& context, std::shared_ptr<ChatPool> pool, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_pool(std::move(pool))
{
    auto* layout = widgets::column();
    setLayout(layout);
    layout->addWidget(buildBar());
    layout->addWidget(new widgets::Hairline);
    m_tablePlace = widgets::column();
    layout->addLayout(m_tablePlace, 3);
    layout->addWidget(new widgets::Hairline);
    auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
    m_detail = widgets::row(0);
    content->setLayout(m_detail);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(scroll, 2);
    m_timer.setInterval(400);
    connect(&m_timer, &QTimer::timeout, this, &PromptSetView::takeAnswers);
}

QWidget* PromptSetView::buildBar()
{
    auto* bar = new QWidget;
    auto* line = widgets::row(style::kSpace2);
    line->setContentsMargins(14, 8, 14, 8);
    bar->setLayout(line);
    auto* back = widgets::iconButton(QStringLiteral("left"), tr("Back to the conversation"));
    line->addWidget(back);
    line->addWidget(widgets::headingLabel(tr("Prompt set")));
    m_source = new QComboBox;
    m_source->setObjectName(QStringLiteral("prompt-source"));
    m_source->setAccessibleName(tr("Where the prompts come from"));
    m_source->setMinimumWidth(style::scaled(170));
    line->addWidget(m_source);
    m_count = new QSpinBox;
    m_count->setObjectName(QStringLiteral("prompt-count"));
    m_count->setRange(1, 1000);
    m_count->setValue(20);
    m_count->setSuffix(tr(" prompts"));
    m_count->setAccessibleName(tr("How many prompts"));
    line->addWidget(m_count);
    m_run = widgets::button(tr("Run"), widgets::ButtonRole::Primary, QStringLiteral("play"));
    m_run->setObjectName(QStringLiteral("prompt-run"));
    line->addWidget(m_run);
    m_note = widgets::captionLabel({});
    line->addWidget(m_note);
    line->addStretch(1);
    m_csv = widgets::button(tr("Export CSV…"));
    line->addWidget(m_csv);
    connect(back, &QToolButton::clicked, this, &PromptSetView::closed);
    connect(m_run, &QPushButton::clicked, this, [this] { m_job ? m_context.jobs.cancel(m_job) : start(); });
    connect(m_csv, &QPushButton::clicked, this, &PromptSetView::exportCsv);
    connect(m_source, &QComboBox::activated, this, [this](int index) {
        if (index != m_source->count() - 1)
            return;
        const QString path = QFileDialog::getOpenFileName(this, tr("Prompts"), {}, tr("Texts and data (*.txt *.jsonl *.json *.csv *.tsv);;All files (*)"));
        if (path.isEmpty())
            return m_source->setCurrentIndex(0);
        m_source->insertItem(0, QFileInfo(path).fileName(), path);
        m_source->setCurrentIndex(0);
    });
    return bar;
}

void PromptSetView::open(const QList<ChatChoice>& choices, const QList<double>& strengths, const QString& system, const pipeline::GenerateRequest& request)
{
    m_choices = choices;
    m_strengths = strengths;
    m_system = system;
    m_request = request;
    if (m_job == 0) {
        m_prompts.clear();
        fill();
    }
    loadSources();
}

void PromptSetView::loadSources()
{
    m_context.workspace.query<std::vector<store::DatasetRow>>(this, [](store::Store& store) { return store.datasets(); }, [this](Result<std::vector<store::DatasetRow>> datasets) {
        const QString before = m_source->currentData().toString();
        m_source->clear();
        if (datasets)
            for (const auto& dataset : *datasets)
                m_source->addItem(toQString(dataset.name), toQString(dataset.name));
        m_source->addItem(style::icon(QStringLiteral("folder")), tr("File…"), QString());
        m_source->setCurrentIndex(std::max(0, m_source->findData(before)));
    });
}

/// Rows of a dataset up to their last answer, which is the reference; lines of a plain text.
Result<QList<PromptSetView::Prompt>> PromptSetView::read(const std::string& workspace, const std::string& source, int count, const JobContext& job)
{
    QList<Prompt> prompts;
    if (source.ends_with(".txt")) {
        ATTUNE_TRY(const auto text, readFile(source, 16u << 20));
        for (const auto& line : toQString(text).split(QLatin1Char('\n'), Qt::SkipEmptyParts))
            if (prompts.size() < count && !line.trimmed().isEmpty()) {
                Prompt prompt;
                prompt.messages.push_back({"user", toStd(line.trimmed()), {}});
                prompt.shown = line.trimmed();
                prompts.append(std::move(prompt));
            }
        return prompts;
    }
    ATTUNE_TRY(auto store, store::Store::open(workspace));
    ATTUNE_TRY(const auto data, pipeline::openDataset(*store, source, job));
    for (std::int64_t row = 0; row < data->rows() && prompts.size() < count; ++row) {
        ATTUNE_TRY(const auto record, data->record(row));
        Prompt prompt;
        prompt.messages = record.conversation();
        if (prompt.messages.empty() && !record.prompt.empty())
            prompt.messages = {{"user", record.prompt, {}}};
        if (prompt.messages.empty() && !record.text.empty())
            prompt.messages = {{"user", record.text, {}}};
        if (!prompt.messages.empty() && prompt.messages.back().role == "assistant") {
            prompt.reference = toQString(prompt.messages.back().content);
            prompt.messages.pop_back();
        } else if (!record.chosen.empty()) {
            prompt.reference = toQString(record.chosen);
        } else if (!record.label.empty()) {
            prompt.reference = toQString(record.label);
        }
        if (prompt.messages.empty())
            continue;
        prompt.shown = toQString(prompt.messages.back().content);
        prompts.append(std::move(prompt));
    }
    return prompts;
}

void PromptSetView::start()
{
    const std::string source = toStd(m_source->currentData().toString());
    if (source.empty()) {
        m_note->setText(tr("Choose a dataset or a file first."));
        return;
    }
    m_progress = std::make_shared<Progress>();
    m_prompts.clear();
    m_run->setText(tr("Stop"));
    m_job = m_context.jobs.start(tr("Prompt set from %1").arg(m_source->currentText()),
        [=, workspace = m_context.workspace.stdPath(), count = m_count->value(), pool = m_pool, choices = m_choices, strengths = m_strengths, system = toStd(m_system), request = m_request,
            progress = m_progress](const JobContext& job) -> Status {
            ATTUNE_TRY(auto prompts, read(workspace, source, count, job));
            if (prompts.isEmpty())
                return fail(ErrorCode::DatasetEmpty, source + " gives no prompts.", "Choose a dataset whose rows have a prompt.");
            {
                const std::lock_guard lock(progress->mutex);
                progress->prompts = prompts;
            }
            // Model by model: each is loaded once.
            for (qsizetype c = 0; c < choices.size(); ++c)
                for (qsizetype i = 0; i < prompts.size(); ++i) {
                    job.report("Answering", static_cast<std::uint64_t>(c * prompts.size() + i), static_cast<std::uint64_t>(choices.size() * prompts.size()));
                    auto one = request;
                    one.messages = prompts[i].messages;
                    if (!system.empty() && one.messages.front().role != "system")
                        one.messages.insert(one.messages.begin(), {"system", system, {}});
                    ATTUNE_TRY(const auto report, pool->ask(choices[c], strengths[c], one, job));
                    if (job.isCancelled())
                        return fail(ErrorCode::Cancelled, "The prompt set was stopped.");
                    const std::lock_guard lock(progress->mutex);
                    progress->prompts[i].answers.append(toQString(report.text));
                }
            return {};
        },
        this, [this](const Status& status) {
            m_timer.stop();
            m_job = 0;
            m_run->setText(tr("Run"));
            takeAnswers();
            if (!status && status.error().kind() != ErrorKind::Cancelled)
                m_note->setText(toQString(status.error().message + " " + status.error().hint));
        });
    m_timer.start();
    m_note->setText(tr("Reading the prompts…"));
}

void PromptSetView::takeAnswers()
{
    if (!m_progress)
        return;
    {
        const std::lock_guard lock(m_progress->mutex);
        m_prompts = m_progress->prompts;
    }
    fill();
}

void PromptSetView::fill()
{
    const bool hasReference = std::any_of(m_prompts.begin(), m_prompts.end(), [](const Prompt& p) { return !p.reference.isEmpty(); });
    QList<widgets::TableColumn> columns {{tr("#"), 44, true}, {tr("Prompt"), 0}};
    for (const auto& choice : m_choices)
        columns.append({choice.name, 0});
    if (hasReference)
        columns.append({tr("Reference"), 0});
    if (!m_table || m_table->model()->columnCount() != columns.size() || m_prompts.isEmpty()) {
        if (m_table) {
            m_tablePlace->removeWidget(m_table);
            m_table->deleteLater();
        }
        m_table = new widgets::Table(columns);
        m_table->setObjectName(QStringLiteral("prompt-table"));
        m_table->setAccessibleName(tr("Prompts and answers"));
        m_tablePlace->addWidget(m_table);
        connect(m_table, &widgets::Table::selectionMoved, this, &PromptSetView::showRow);
    }
    QList<widgets::TableRow> rows;
    QList<int> hits(m_choices.size(), 0);
    int answered = 0;
    for (qsizetype i = 0; i < m_prompts.size(); ++i) {
        const auto& prompt = m_prompts[i];
        widgets::TableRow row {QString::number(i), {{QString::number(i + 1), static_cast<int>(i)}, {prompt.shown.simplified()}}};
        for (qsizetype c = 0; c < m_choices.size(); ++c) {
            widgets::Cell cell {c < prompt.answers.size() ? prompt.answers[c].simplified() : QStringLiteral("…")};
            cell.isChanged = c > 0 && c < prompt.answers.size() && prompt.answers[c] != prompt.answers[0];
            row.cells.append(cell);
            hits[c] += c < prompt.answers.size() && !prompt.reference.isEmpty() && prompt.answers[c].simplified() == prompt.reference.simplified();
        }
        answered += static_cast<int>(prompt.answers.size());
        if (hasReference)
            row.cells.append({prompt.reference.simplified(), {}, widgets::Tone::Secondary});
        rows.append(row);
    }
    m_table->setRows(rows);
    m_csv->setEnabled(answered > 0);
    if (m_prompts.isEmpty()) {
        m_note->setText(tr("Every column answers the same prompts."));
        return;
    }
    QStringList words;
    for (qsizetype c = 0; c < m_choices.size(); ++c)
        words.append(QStringLiteral("%1 %2").arg(m_choices[c].name).arg(hits[c]));
    m_note->setText(tr("%1 of %2 answers").arg(answered).arg(m_prompts.size() * m_choices.size()) + (hasReference ? tr(", same as the reference: %1").arg(words.join(QStringLiteral(", "))) : QString()));
    if (m_table->currentId().isEmpty())
        m_table->selectId(QStringLiteral("0"));
}

void PromptSetView::showRow()
{
    while (auto* item = m_detail->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const auto index = m_table->currentId().toLongLong();
    if (m_table->currentId().isEmpty() || index >= m_prompts.size())
        return;
    const auto& prompt = m_prompts[index];
    const auto add = [this](const QString& head, widgets::DiffLabel* text) {
        auto* box = new QWidget;
        auto* inner = widgets::column(4, style::kSpace3);
        box->setLayout(inner);
        inner->addWidget(widgets::captionLabel(head));
        inner->addWidget(text);
        inner->addStretch(1);
        if (m_detail->count() > 0)
            m_detail->addWidget(new widgets::Hairline(Qt::Vertical));
        m_detail->addWidget(box, 1);
    };
    auto* question = new widgets::DiffLabel;
    question->setPlain(prompt.shown);
    add(tr("Prompt %1").arg(index + 1), question);
    for (qsizetype c = 0; c < prompt.answers.size() && c < m_choices.size(); ++c) {
        auto* text = new widgets::DiffLabel;
        if (prompt.answers.size() < 2)
            text->setPlain(prompt.answers[c]);
        else
            text->setTexts(prompt.answers[c == 0 ? 1 : 0], prompt.answers[c], c == 0 ? widgets::DiffStyle::Shared : widgets::DiffStyle::Different);
        add(m_choices[c].name, text);
    }
    if (prompt.reference.isEmpty())
        return;
    auto* reference = new widgets::DiffLabel;
    reference->setPlain(prompt.reference);
    add(tr("Reference"), reference);
}

void PromptSetView::exportCsv()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the answers"), QStringLiteral("answers.csv"), tr("CSV (*.csv)"));
    if (path.isEmpty())
        return;
    const auto quoted = [](QString text) { return QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"'); };
    QStringList head {quoted(QStringLiteral("prompt"))};
    for (const auto& choice : m_choices)
        head.append(quoted(choice.name));
    QString text = head.join(QLatin1Char(',')) + QStringLiteral(",\"reference\"\n");
    for (const auto& prompt : m_prompts) {
        QStringList line {quoted(prompt.shown)};
        for (qsizetype c = 0; c < m_choices.size(); ++c)
            line.append(quoted(prompt.answers.value(c)));
        text += line.join(QLatin1Char(',')) + QLatin1Char(',') + quoted(prompt.reference) + QLatin1Char('\n');
    }
    const auto status = writeFileAtomically(toStd(path), toStd(text));
    m_context.navigator.toast(status ? tr("%1 was written.").arg(path) : toQString(status.error().message));
}

}
