// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/export_page.h"

#include "base/file.h"
#include "families/model_source.h"
#include "pages/pages.h"
#include "pipeline/checkpoints.h"
#include "pipeline/model_lookup.h"
#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/text_view.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QGridLayout>
#include <QPainter>
#include <QScrollArea>
#include <QUrl>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

namespace {

struct Destination {
    const char* target;
    const char* icon;
    const char* name;
    const char* sentence;
    bool hasType;
    const char* suffix;
};
constexpr Destination kDestinations[] = {
    {"gguf", "terminal", "llama.cpp, LM Studio, Jan", "One GGUF file with the adapter merged in. Runs anywhere.", true, ".gguf"},
    {"ollama", "tryout", "Ollama", "GGUF and Modelfile with the right template; the command to create it is shown.", false, ""},
    {"gguf-lora", "link", "llama.cpp, small LoRA file", "Only the adapter as GGUF, for a base GGUF that you already have.", false, ".gguf"},
    {"peft", "model", "Hugging Face adapter (PEFT)", "adapter_model.safetensors and adapter_config.json.", false, ""},
    {"merged", "folder", "Full model, safetensors", "Merged weights with tokenizer, for vLLM or further training.", false, ""},
};
constexpr struct { const char* type; const char* good; } kTypes[] = {{"Q4_K_M", "small, close to 16-bit"}, {"Q5_K_M", "a little closer"}, {"Q6_K", "close"}, {"Q8_0", "nearly the same answers as 16-bit"}, {"F16", "reference, no loss"}};

/// A choice of the list: radio mark, icon, name and sentence; the whole row is the target.
class DestinationRow final : public QAbstractButton
{
public:
    explicit DestinationRow(const Destination& d)
        : m_icon(QLatin1String(d.icon))
        , m_name(ExportPage::tr(d.name))
        , m_sentence(ExportPage::tr(d.sentence))
    {
        setCheckable(true);
        setAutoExclusive(true);
        setFixedHeight(style::scaled(48));
        setAttribute(Qt::WA_Hover);
        setAccessibleName(m_name);
        setAccessibleDescription(m_sentence);
        setObjectName(QStringLiteral("target-") + QLatin1String(d.target));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        painter.fillRect(rect(), isChecked() ? t.accentWeak : underMouse() ? t.hover : t.surface);
        style::drawHairline(&painter, rect().bottomLeft(), rect().bottomRight(), t.border);
        const QRect mark(14, height() / 2 - 8, 16, 16);
        style::drawBox(&painter, mark, t.surface, isChecked() ? t.accent : t.borderStrong, 8);
        if (isChecked()) {
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(Qt::NoPen);
            painter.setBrush(t.accent);
            painter.drawEllipse(QRectF(mark).center(), 4, 4);
        }
        painter.drawPixmap(46, height() / 2 - 8, style::iconPixmap(m_icon, 16, isChecked() ? t.accent : t.text2, devicePixelRatioF()));
        painter.setFont(style::body(style::Weight::Medium));
        painter.setPen(t.text);
        painter.drawText(QRect(74, 6, width() - 84, 20), Qt::AlignVCenter, m_name);
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        painter.drawText(QRect(74, 25, width() - 84, 18), Qt::AlignVCenter, painter.fontMetrics().elidedText(m_sentence, Qt::ElideRight, width() - 84));
        if (hasFocus())
            style::drawBox(&painter, rect().adjusted(1, 1, -1, -2), QColor(), t.accent, style::kRadius, 2.0);
    }

private:
    QString m_icon, m_name, m_sentence;
};

/// A measure against its limit: label, value, words, and a bar with a mark.
class Measure final : public QWidget
{
public:
    Measure(const QString& name, const QString& value, const QString& limit, double share, double mark)
        : m_name(name), m_value(value), m_limit(limit), m_share(share), m_mark(mark)
    {
        setFixedHeight(46);
        setAccessibleName(QStringLiteral("%1 %2 %3").arg(name, value, limit));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        QPainter painter(this);
        painter.setFont(style::body());
        painter.setPen(t.text);
        painter.drawText(QRect(0, 4, width(), 20), Qt::AlignVCenter, m_name);
        painter.setFont(style::caption());
        painter.setPen(t.text2);
        const int w = painter.fontMetrics().horizontalAdvance(m_limit);
        painter.drawText(QRect(0, 4, width(), 20), Qt::AlignVCenter | Qt::AlignRight, m_limit);
        painter.setFont(style::mono(style::Weight::SemiBold));
        painter.setPen(t.text);
        painter.drawText(QRect(0, 4, width() - w - 6, 20), Qt::AlignVCenter | Qt::AlignRight, m_value);
        style::drawBox(&painter, QRect(0, 29, width(), 6), t.hover, QColor(), 3);
        style::drawBox(&painter, QRect(0, 29, std::max(3, static_cast<int>(width() * std::clamp(m_share, 0.0, 1.0))), 6), t.success, QColor(), 3);
        painter.fillRect(QRect(static_cast<int>((width() - 2) * m_mark), 26, 2, 12), t.text);
    }

private:
    QString m_name, m_value, m_limit;
    double m_share, m_mark;
};

}

ExportPage::ExportPage(shell::Context& context)
    : Page(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    auto* header = new widgets::PageHeader(tr("Export"));
    header->addFact(widgets::bodyLabel(tr("What"), Tone::Secondary));
    m_run = new QComboBox;
    m_run->setMinimumWidth(220);
    m_run->setAccessibleName(tr("Run to export"));
    header->addFact(m_run);
    m_checkpoint = new widgets::SegmentedControl({tr("Last"), tr("Best")});
    m_checkpoint->setAccessibleName(tr("Checkpoint"));
    header->addFact(m_checkpoint);
    layout->addWidget(header);
    auto* body = widgets::row(style::kSpace4);
    body->setContentsMargins(16, 12, 16, 12);
    auto* side = widgets::column(style::kSpace2);
    auto* choices = new widgets::PlaneWidget(widgets::Plane::Surface);
    auto* left = widgets::column(style::kSpace2);
    choices->setLayout(left);
    auto* targets = new widgets::Panel(tr("Use it in"));
    for (const auto& destination : kDestinations) {
        auto* line = new DestinationRow(destination);
        m_targets.append(line);
        targets->body()->addWidget(line);
        connect(line, &QAbstractButton::toggled, this, [this] { showTarget(); });
    }
    left->addWidget(targets);
    m_types = new widgets::Panel(tr("Precision"));
    m_typeTable = new widgets::Table({{tr("Type"), 110, false, true}, {tr("Good for"), 0}});
    m_typeTable->setAccessibleName(tr("Precision of the file"));
    m_typeTable->setSortingEnabled(false);
    QList<widgets::TableRow> rows;
    for (const auto& type : kTypes)
        rows.append({QLatin1String(type.type), {{QLatin1String(type.type)}, {tr(type.good), {}, Tone::Secondary}}});
    m_typeTable->setRows(rows);
    m_typeTable->setFixedHeight(style::rowHeight() * 6 + 4);
    m_types->body()->addWidget(m_typeTable);
    left->addWidget(m_types);
    auto* grid = new QGridLayout;
    grid->setColumnMinimumWidth(0, 104);
    grid->setVerticalSpacing(6);
    m_name = new QLineEdit;
    m_name->setFixedWidth(220);
    m_name->setAccessibleName(tr("Name of the file or folder"));
    m_suffix = widgets::monoLabel({}, Tone::Secondary);
    m_folder = new QLineEdit(context.workspace.path() + QStringLiteral("/exports"));
    m_folder->setFixedWidth(220);
    m_folder->setAccessibleName(tr("Folder"));
    auto* change = widgets::button(tr("Change…"));
    m_verify = new QCheckBox(tr("Load it and compare with the run"));
    m_verify->setChecked(true);
    grid->addWidget(widgets::bodyLabel(tr("Name"), Tone::Secondary), 0, 0);
    grid->addWidget(m_name, 0, 1);
    grid->addWidget(m_suffix, 0, 2);
    grid->addWidget(widgets::bodyLabel(tr("Folder"), Tone::Secondary), 1, 0);
    grid->addWidget(m_folder, 1, 1);
    grid->addWidget(change, 1, 2);
    grid->addWidget(widgets::bodyLabel(tr("After that"), Tone::Secondary), 2, 0);
    grid->addWidget(m_verify, 2, 1, 1, 2);
    grid->setColumnStretch(3, 1);
    left->addLayout(grid);
    left->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(choices);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    side->addWidget(scroll, 1);
    auto* foot = widgets::row();
    m_note = widgets::captionLabel({});
    foot->addWidget(m_note);
    foot->addStretch(1);
    m_export = widgets::button(tr("Export"), widgets::ButtonRole::Primary);
    m_export->setObjectName(QStringLiteral("export-now"));
    foot->addWidget(m_export);
    side->addLayout(foot);
    body->addLayout(side, 3);
    m_result = new widgets::Panel;
    m_result->setMinimumWidth(style::scaled(300));
    m_result->setMaximumWidth(style::scaled(400));
    m_resultColumn = widgets::column(style::kSpace2, style::kSpace4);
    m_result->body()->addLayout(m_resultColumn);
    body->addWidget(m_result, 2);
    layout->addLayout(body, 1);
    connect(change, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getExistingDirectory(this, tr("Folder for exports"), m_folder->text());
        if (!path.isEmpty())
            m_folder->setText(path);
    });
    connect(m_export, &QPushButton::clicked, this, &ExportPage::start);
    connect(m_run, &QComboBox::currentIndexChanged, this, [this] { showTarget(); });
    connect(m_typeTable, &widgets::Table::selectionMoved, this, [this] { showName(); });
    connect(&context.workspace, &bridge::Workspace::changed, this, [this] { loadRuns({}); });
    m_typeTable->selectId(QStringLiteral("Q8_0"));
    m_targets.first()->setChecked(true);
    showWaiting(tr("The result of an export is shown here: size, hash, how close its answers are to the run's, and the command to use it."));
}

void ExportPage::activate(const QString& object)
{
    loadRuns(object);
}

void ExportPage::loadRuns(const QString& wanted)
{
    m_context.workspace.query<std::vector<store::RunRow>>(this, [](store::Store& store) { return store.runs(); },
        [this, wanted](Result<std::vector<store::RunRow>> runs) {
            if (!runs)
                return;
            const QString current = wanted.isEmpty() ? m_run->currentData().toString() : wanted;
            m_runs.clear();
            for (auto& run : *runs)
                if (run.stepsDone > 0)
                    m_runs.push_back(std::move(run));
            const QSignalBlocker blocker(m_run);
            m_run->clear();
            for (const auto& run : m_runs)
                m_run->addItem(toQString(run.id), toQString(run.id));
            m_run->setCurrentIndex(std::max(0, m_run->findData(current)));
            showTarget();
        });
}

int ExportPage::target() const
{
    for (int i = 0; i < m_targets.size(); ++i)
        if (m_targets[i]->isChecked())
            return i;
    return 0;
}

const store::RunRow* ExportPage::run() const
{
    const int index = m_run->currentIndex();
    return index >= 0 && index < static_cast<int>(m_runs.size()) ? &m_runs[static_cast<std::size_t>(index)] : nullptr;
}

void ExportPage::showTarget()
{
    const auto& d = kDestinations[target()];
    m_types->setVisible(d.hasType);
    m_suffix->setText(QLatin1String(d.suffix));
    const auto* chosen = run();
    m_checkpoint->setEnabled(chosen && chosen->bestStep > 0);
    m_export->setEnabled(chosen && m_job == 0);
    m_note->setText(chosen ? tr("%1 GiB free").arg(bridge::gib(static_cast<double>(freeDiskBytes(m_context.workspace.stdPath())), 0))
                           : tr("No run has finished a step yet: train one first."));
    showName();
}

void ExportPage::showName()
{
    const auto* chosen = run();
    if (!chosen)
        return;
    const auto& d = kDestinations[target()];
    m_name->setText(toQString(chosen->id) + (d.hasType ? QLatin1Char('-') + m_typeTable->currentId() : std::string_view(d.target) == "gguf-lora" ? QStringLiteral("-lora") : QStringLiteral("-") + QLatin1String(d.target)));
}

void ExportPage::clearResult()
{
    while (auto* item = m_resultColumn->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

void ExportPage::showWaiting(const QString& text)
{
    clearResult();
    m_result->setTitle(tr("Result"));
    m_resultColumn->addWidget(widgets::wrappedLabel(text));
    m_resultColumn->addStretch(1);
}

void ExportPage::start()
{
    const auto* chosen = run();
    if (!chosen)
        return;
    const auto& d = kDestinations[target()];
    const QString out = m_folder->text() + QLatin1Char('/') + m_name->text() + QLatin1String(d.suffix);
    const std::string type = d.hasType ? bridge::toStd(m_typeTable->currentId()) : std::string_view(d.target) == "ollama" ? "auto" : "f16", targetId = d.target, path = bridge::toStd(out);
    const std::string folder = bridge::toStd(m_folder->text()), workspace = m_context.workspace.stdPath(), which = m_checkpoint->currentIndex() == 1 ? "best" : "last";
    const bool verify = m_verify->isChecked();
    const store::RunRow row = *chosen;
    auto report = std::make_shared<pipeline::ExportReport>();
    m_export->setEnabled(false);
    showWaiting(tr("Exporting %1 …").arg(out));
    m_job = m_context.jobs.start(tr("Exporting %1").arg(toQString(row.id)),
        [=](const JobContext& job) -> Status {
            ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
            pipeline::ExportRequest request;
            request.target = targetId;
            request.out = path;
            request.type = type;
            request.verify = verify;
            request.run = row.id;
            ATTUNE_TRY(request.recipe, pipeline::Recipe::read(row.recipe));
            ATTUNE_TRY(request.base, families::openModel(request.recipe.text("model.base")));
            ATTUNE_TRY(auto checkpoint, pipeline::findCheckpoint(row.folder, which, row.bestStep));
            request.checkpoint = checkpoint.folder;
            ATTUNE_TRY(auto* engine, pipeline::openEngine());
            ATTUNE_TRY(*report, engine->exportRun(request, job));
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            return store->putExport(row.id, report->toJson());
        },
        this, [this, report, targetId](const Status& status) {
            m_job = 0;
            m_export->setEnabled(true);
            m_export->setText(tr("Export again"));
            if (status)
                showReport(*report, targetId);
            else
                showWaiting(toQString(status.error().message + "\n\n" + status.error().hint));
        });
}

void ExportPage::showReport(const pipeline::ExportReport& report, const std::string& targetId)
{
    clearResult();
    m_result->setTitle(report.verified ? tr("Exported and checked") : tr("Exported"));
    const QString path = toQString(report.path);
    auto* facts = new QWidget;
    auto* grid = new QGridLayout(facts);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setColumnMinimumWidth(0, 84);
    grid->setColumnStretch(1, 1);
    const QList<QPair<QString, QString>> lines {{tr("File"), QFileInfo(path).fileName()}, {tr("Size"), bridge::size(static_cast<double>(report.bytes))},
        {tr("SHA-256"), toQString(report.sha256).left(8) + QStringLiteral("…") + toQString(report.sha256).right(8)}};
    for (int i = 0; i < lines.size(); ++i) {
        grid->addWidget(widgets::bodyLabel(lines[i].first, Tone::Secondary), i, 0);
        grid->addWidget(i == 0 ? widgets::bodyLabel(lines[i].second) : widgets::monoLabel(lines[i].second), i, 1);
    }
    m_resultColumn->addWidget(facts);
    if (report.verified && report.verification.tokens > 0) {
        m_resultColumn->addWidget(widgets::headingLabel(tr("Does llama.cpp run it as meant?")));
        m_resultColumn->addWidget(new Measure(tr("Same top token"), QStringLiteral("%1 %").arg(100 * report.verification.top1Agreement, 0, 'f', 1), tr("at least 97 %"), report.verification.top1Agreement, 0.97));
        m_resultColumn->addWidget(new Measure(tr("Mean KL divergence"), QString::number(report.verification.meanKl, 'f', 4), tr("nats, at most 0.02"), report.verification.meanKl / 0.02, 1.0));
    }
    if (report.hasParity) {
        m_resultColumn->addWidget(widgets::headingLabel(tr("Same answers as the run?")));
        m_resultColumn->addWidget(widgets::wrappedLabel(tr("%1: mean KL %2 nats, same top token at %3 % of %4 positions").arg(toQString(report.parity.word)).arg(report.parity.meanKl, 0, 'f', 4)
            .arg(100 * report.parity.top1Agreement, 0, 'f', 1).arg(report.parity.tokens), Tone::Text));
    }
    m_resultColumn->addStretch(1);
    const QString command = targetId == "gguf" ? QStringLiteral("llama-cli -cnv -m %1").arg(path)
        : targetId == "gguf-lora"              ? QStringLiteral("llama-cli -cnv -m BASE.gguf --lora %1").arg(path)
        : targetId == "ollama"                 ? QStringLiteral("ollama create %1 -f %2/Modelfile").arg(m_name->text().toLower(), path)
        : targetId == "peft"                   ? QStringLiteral("PeftModel.from_pretrained(base, \"%1\")").arg(path)
                                               : QStringLiteral("vllm serve %1").arg(path);
    auto* text = widgets::textView();
    text->setPlainText(command);
    text->setFixedHeight(72);
    text->setProperty("field", true);
    m_resultColumn->addWidget(text);
    auto* buttons = new QWidget;
    auto* inner = widgets::row();
    buttons->setLayout(inner);
    auto* copy = widgets::button(tr("Copy"), widgets::ButtonRole::Secondary, QStringLiteral("copy"));
    auto* open = widgets::button(tr("Open folder"));
    inner->addWidget(copy);
    inner->addWidget(open);
    inner->addStretch(1);
    m_resultColumn->addWidget(buttons);
    connect(copy, &QPushButton::clicked, this, [command] { QApplication::clipboard()->setText(command); });
    connect(open, &QPushButton::clicked, this, [path] { QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(path).absolutePath())); });
}

shell::Page* makeExport(shell::Context& context)
{
    return new ExportPage(context);
}

}
