// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/export/export_page.h"

#include "bridge/text.h"
#include "base/file.h"
#include "pages/export/result_card.h"
#include "pages/pages.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QCoreApplication>
#include <QDir>
#include <QDirIterator>
#include <QFileDialog>
#include <QGridLayout>
#include <QMenu>
#include <QPainter>
#include <QScrollArea>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

namespace {

QString lmStudioFolder()
{
    const QString folder = QDir::homePath() + QStringLiteral("/.lmstudio/models");
    return QFileInfo(folder).isDir() ? folder : QString();
}

}

ExportPage::ExportPage(shell::Context& context)
    : Page(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    buildHeader(layout);
    auto* body = widgets::row(style::kSpace4);
    body->setContentsMargins(16, 12, 16, 12);
    auto* side = widgets::column(style::kSpace2);
    auto* scroll = new QScrollArea;
    scroll->setWidget(buildChoices());
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    side->addWidget(scroll, 1);
    side->addLayout(buildFoot());
    body->addLayout(side, 3);
    m_result = new ResultCard;
    m_result->setMinimumWidth(style::scaled(300));
    m_result->setMaximumWidth(style::scaled(404));
    body->addWidget(m_result, 2);
    layout->addLayout(body, 1);
    connect(m_result, &ResultCard::cancelRequested, this, [this] { m_context.jobs.cancel(m_job); });
    connect(m_result, &ResultCard::tryOutRequested, this, [this](const QString& path) {
        const std::string_view target = destination().target;
        const auto* chosen = run();
        if ((target == "peft" || target == "gguf-lora") && chosen)
            m_context.navigator.open(shell::PageId::TryOut, QStringLiteral("adapter:%1|%2").arg(path, toQString(chosen->model)));
        else
            m_context.navigator.open(shell::PageId::TryOut, QStringLiteral("file:") + path);
    });
    connect(&context.workspace, &bridge::Workspace::changed, this, [this] {
        if (isVisible() && m_job == 0)
            loadRuns({});
    });
    connect(&context.jobs, &bridge::JobController::jobsChanged, this, [this] {
        if (m_job == 0)
            return;
        for (const auto& job : m_context.jobs.jobs())
            if (job.id == m_job && job.state == bridge::JobState::Running)
                m_result->showProgress(job.phase.isEmpty() ? tr("Starting") : job.phase, job.total > 0 ? static_cast<double>(job.done) / static_cast<double>(job.total) : -1);
    });
    m_typeTable->selectId(QStringLiteral("Q4_K_M"));
    m_targets.first()->setChecked(true);
    m_result->showHint(tr("After the export its size, its hash, how close its answers are to the run's, and the command to use it stand here."));
    showState();
}

void ExportPage::buildHeader(QBoxLayout* layout)
{
    auto* header = new widgets::PageHeader(tr("Export"));
    header->addFact(widgets::bodyLabel(tr("What"), Tone::Secondary));
    m_run = new QComboBox;
    m_run->setObjectName(QStringLiteral("export-run"));
    m_run->setMinimumWidth(style::scaled(170));
    m_run->setAccessibleName(tr("Run to export"));
    header->addFact(m_run);
    m_checkpoint = new widgets::SegmentedControl({tr("Best"), tr("Last"), tr("Other…")});
    m_checkpoint->setObjectName(QStringLiteral("export-checkpoint"));
    m_checkpoint->setAccessibleName(tr("Checkpoint"));
    header->addFact(m_checkpoint);
    auto* terminal = widgets::iconButton(QStringLiteral("terminal"), tr("Copy as command"));
    header->addAction(terminal);
    layout->addWidget(header);
    connect(terminal, &QToolButton::clicked, this, &ExportPage::copyCommand);
    connect(m_run, &QComboBox::currentIndexChanged, this, [this] {
        m_isNameTyped = false;
        m_wantedStep = m_otherStep = 0;
        loadFacts();
    });
    connect(m_checkpoint, &widgets::SegmentedControl::currentChanged, this, [this](int index) { index == 2 ? chooseOther() : showSizes(); });
}

QWidget* ExportPage::buildChoices()
{
    auto* choices = new widgets::PlaneWidget(widgets::Plane::Surface);
    auto* left = widgets::column(style::kSpace2);
    choices->setLayout(left);
    auto* targets = new widgets::Panel(tr("Use it in"));
    for (const auto& one : destinations()) {
        auto* line = new DestinationRow(one);
        m_targets.append(line);
        targets->body()->addWidget(line);
        connect(line, &QAbstractButton::toggled, this, [this](bool on) {
            if (!on)
                return;
            m_isNameTyped = false;
            showSizes();
        });
    }
    left->addWidget(targets);
    m_types = new widgets::Panel;
    m_typeTable = new widgets::Table({{tr("Type"), 80, false, true}, {tr("Size"), 80, true}, {tr("Bits per weight"), 112, true}, {tr("Good for"), 0}});
    m_typeTable->setObjectName(QStringLiteral("export-types"));
    m_typeTable->setAccessibleName(tr("Bits of the weights"));
    m_typeTable->setSortingEnabled(false);
    m_typeTable->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_typeTable->setFixedHeight(style::rowHeight() * 6 + 4);
    QList<widgets::TableRow> rows;
    for (const auto& one : exportTypes())
        rows.append({QLatin1String(one.type), {{QLatin1String(one.type)}, {}, {}, {tr(one.good)}}});
    m_typeTable->setRows(rows);
    m_types->body()->addWidget(m_typeTable);
    connect(m_typeTable, &widgets::Table::selectionMoved, this, [this] {
        showName();
        showState();
    });
    left->addWidget(m_types);
    left->addLayout(buildNames());
    left->addStretch(1);
    return choices;
}

QLayout* ExportPage::buildNames()
{
    auto* grid = new QGridLayout;
    grid->setColumnMinimumWidth(0, style::scaled(104));
    grid->setVerticalSpacing(6);
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("export-name"));
    m_name->setMinimumWidth(style::scaled(200));
    m_name->setAccessibleName(tr("Name of the file or folder"));
    m_suffix = widgets::monoLabel({}, Tone::Secondary);
    m_folder = new QLineEdit(m_context.settings.value(QStringLiteral("export/folder"), m_context.workspace.path() + QStringLiteral("/exports")).toString());
    m_folder->setObjectName(QStringLiteral("export-folder"));
    m_folder->setAccessibleName(tr("Folder"));
    auto* change = widgets::button(tr("Change…"));
    m_verify = new QCheckBox(tr("Load it and compare with the run"));
    m_verify->setChecked(true);
    m_lmStudio = new QCheckBox(tr("Place in LM Studio (hard link)"));
    m_lmStudio->setEnabled(!lmStudioFolder().isEmpty());
    m_lmStudio->setToolTip(m_lmStudio->isEnabled() ? tr("The file appears in LM Studio without being copied.") : tr("LM Studio was not found: it keeps its models in ~/.lmstudio/models."));
    const auto label = [grid](const QString& text, QWidget* buddy, int line) {
        auto* made = widgets::bodyLabel(text);
        made->setBuddy(buddy);
        grid->addWidget(made, line, 0);
    };
    label(tr("&Name"), m_name, 0);
    grid->addWidget(m_name, 0, 1);
    grid->addWidget(m_suffix, 0, 2);
    label(tr("&Folder"), m_folder, 1);
    grid->addWidget(m_folder, 1, 1);
    grid->addWidget(change, 1, 2);
    grid->addWidget(widgets::bodyLabel(tr("After that")), 2, 0);
    // One under the other: side by side they are wider than a small window has room for.
    grid->addWidget(m_verify, 2, 1, 1, 3);
    grid->addWidget(m_lmStudio, 3, 1, 1, 3);
    grid->setColumnStretch(1, 3);
    grid->setColumnStretch(3, 2);
    connect(m_name, &QLineEdit::textEdited, this, [this] {
        m_isNameTyped = true;
        showState();
    });
    connect(m_folder, &QLineEdit::textChanged, this, [this] { showState(); });
    connect(change, &QPushButton::clicked, this, [this] {
        if (const QString path = QFileDialog::getExistingDirectory(this, tr("Folder for exports"), m_folder->text()); !path.isEmpty())
            m_folder->setText(path);
    });
    return grid;
}

QLayout* ExportPage::buildFoot()
{
    auto* foot = widgets::row();
    m_noteIcon = new QLabel;
    m_note = widgets::bodyLabel({}, Tone::Secondary);
    m_note->setObjectName(QStringLiteral("export-note"));
    m_note->setWordWrap(true);
    foot->addWidget(m_noteIcon);
    foot->addWidget(m_note, 1);
    m_train = widgets::button(tr("New run"));
    m_train->hide();
    foot->addWidget(m_train);
    connect(m_train, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train); });
    m_export = widgets::button(tr("Export"), widgets::ButtonRole::Primary);
    m_export->setObjectName(QStringLiteral("export-now"));
    foot->addWidget(m_export);
    connect(m_export, &QPushButton::clicked, this, &ExportPage::start);
    return foot;
}

void ExportPage::activate(const QString& object)
{
    m_wantedStep = object.section(QLatin1Char('#'), 1).toLongLong();
    loadRuns(object.section(QLatin1Char('#'), 0, 0));
}

QString ExportPage::place() const
{
    return m_run->currentData().toString();
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
            {
                const QSignalBlocker blocker(m_run);
                m_run->clear();
                for (const auto& run : m_runs)
                    m_run->addItem(style::runMarkPixmap(run.colour, devicePixelRatioF()), toQString(run.id), toQString(run.id));
                m_run->setCurrentIndex(m_runs.empty() ? -1 : std::max(0, m_run->findData(current)));
            }
            loadFacts();
        });
}

const Destination& ExportPage::destination() const
{
    for (qsizetype i = 0; i < m_targets.size(); ++i)
        if (m_targets[i]->isChecked())
            return destinations()[static_cast<std::size_t>(i)];
    return destinations()[0];
}

const ExportType& ExportPage::type() const
{
    for (const auto& one : exportTypes())
        if (m_typeTable->currentId() == QLatin1String(one.type))
            return one;
    return exportTypes()[0];
}

const store::RunRow* ExportPage::run() const
{
    const int index = m_run->currentIndex();
    return index >= 0 && index < static_cast<int>(m_runs.size()) ? &m_runs[static_cast<std::size_t>(index)] : nullptr;
}

/// The base model and the checkpoints are looked at on the worker: a large model's header takes a while.
void ExportPage::loadFacts()
{
    const auto* chosen = run();
    if (!chosen) {
        m_facts = {};
        showSizes();
        return;
    }
    m_context.workspace.query<Facts>(this,
        [row = *chosen](store::Store& store) -> Result<Facts> {
            Facts facts;
            facts.checkpoints = pipeline::checkpointsOf(row.folder);
            ATTUNE_TRY(const auto wanted, store.value("use/" + row.id));
            facts.wanted = wanted.is_number() ? wanted.get<std::int64_t>() : 0;
            ATTUNE_TRY(const auto exports, store.exports(row.id));
            if (!exports.empty())
                facts.last = exports.back();
            if (const auto recipe = pipeline::Recipe::read(row.folder + "/recipe.yaml"); recipe)
                if (auto base = families::openModel(recipe->text("model.base")); base)
                    facts.base = std::move(*base);
            if (!facts.checkpoints.empty()) {
                QDirIterator it(toQString(facts.checkpoints.back().weights()), QDir::Files, QDirIterator::Subdirectories);
                while (it.hasNext())
                    facts.adapterBytes += static_cast<double>(QFileInfo(it.next()).size());
            }
            return facts;
        },
        [this, id = toQString(chosen->id)](Result<Facts> facts) {
            if (facts && run() && toQString(run()->id) == id)
                takeFacts(std::move(*facts));
        });
}

void ExportPage::takeFacts(Facts facts)
{
    const auto* chosen = run();
    const QString id = toQString(chosen->id);
    const bool isOther = std::exchange(m_factsOf, id) != id;
    m_facts = std::move(facts);
    const auto has = [this](std::int64_t step) { return std::any_of(m_facts.checkpoints.begin(), m_facts.checkpoints.end(), [step](const auto& c) { return c.step == step; }); };
    const std::int64_t last = m_facts.checkpoints.empty() ? chosen->stepsDone : m_facts.checkpoints.back().step;
    const bool hasBest = chosen->bestStep > 0 && has(chosen->bestStep);
    if (m_wantedStep == 0 && m_facts.wanted > 0 && isOther)
        m_wantedStep = m_facts.wanted;
    m_checkpoint->setWords({hasBest ? tr("Best, step %1").arg(bridge::grouped(chosen->bestStep)) : tr("Best"), tr("Last, step %1").arg(bridge::grouped(last)),
        m_otherStep > 0 ? tr("Step %1").arg(bridge::grouped(m_otherStep)) : tr("Other…")});
    m_checkpoint->setEnabled(!m_facts.checkpoints.empty());
    if (m_wantedStep > 0 && has(m_wantedStep)) {
        const QSignalBlocker blocker(m_checkpoint);
        m_otherStep = m_wantedStep == chosen->bestStep || m_wantedStep == last ? 0 : m_wantedStep;
        m_checkpoint->setCurrentIndex(m_wantedStep == chosen->bestStep ? 0 : m_wantedStep == last ? 1 : 2);
        m_wantedStep = 0;
    } else if (isOther) {
        const QSignalBlocker blocker(m_checkpoint);
        m_checkpoint->setCurrentIndex(hasBest ? 0 : 1);
    }
    if (!hasBest && m_checkpoint->currentIndex() == 0)
        m_checkpoint->setCurrentIndex(1);
    if (isOther && m_job == 0) {
        if (m_facts.last)
            m_result->showReport(*m_facts.last);
        else
            m_result->showHint(tr("After the export its size, its hash, how close its answers are to the run's, and the command to use it stand here."));
    }
    showSizes();
}

std::int64_t ExportPage::step() const
{
    const auto* chosen = run();
    if (!chosen || m_facts.checkpoints.empty())
        return 0;
    const int index = m_checkpoint->currentIndex();
    return index == 0 ? chosen->bestStep : index == 2 && m_otherStep > 0 ? m_otherStep : m_facts.checkpoints.back().step;
}

void ExportPage::chooseOther()
{
    QMenu menu(this);
    for (auto it = m_facts.checkpoints.rbegin(); it != m_facts.checkpoints.rend(); ++it)
        menu.addAction(tr("Step %1").arg(bridge::grouped(it->step)), this, [this, step = it->step] { m_otherStep = step; });
    menu.exec(m_checkpoint->mapToGlobal(QPoint(0, m_checkpoint->height())));
    const auto* chosen = run();
    if (m_otherStep == 0 || !chosen) {
        m_checkpoint->setCurrentIndex(1);
        return;
    }
    takeFacts(Facts(m_facts));
}

void ExportPage::showSizes()
{
    const auto& to = destination();
    m_types->setVisible(to.hasType);
    QList<widgets::TableRow> rows;
    for (const auto& one : exportTypes()) {
        widgets::Cell size {QStringLiteral("–")}, bits {QStringLiteral("–")};
        if (m_facts.base && m_facts.base->parameters > 0) {
            const auto about = exportSize(destinations()[0], one, *m_facts.base, m_facts.adapterBytes);
            size.text = bridge::size(about.result);
            bits.text = bridge::decimal(about.bitsPerWeight, 1);
        }
        const bool hasBlocks = !m_facts.base || m_facts.base->spec.hiddenSize % 256 == 0;
        QString good = tr(one.good);
        if (!hasBlocks && std::string_view(one.type) == "Q6_K")
            good += tr("; some tensors at 8 bits");
        rows.append({QLatin1String(one.type), {{QLatin1String(one.type)}, size, bits, {good}}});
    }
    m_typeTable->setRows(rows);
    for (qsizetype i = 0; i < m_targets.size(); ++i) {
        const auto about = m_facts.base ? exportSize(destinations()[static_cast<std::size_t>(i)], type(), *m_facts.base, m_facts.adapterBytes) : ExportSize {};
        m_targets[i]->setSize(about.result > 0 ? bridge::size(about.result) : QString());
    }
    showName();
    showState();
}

void ExportPage::showName()
{
    const auto& to = destination();
    m_suffix->setText(QLatin1String(to.suffix));
    if (const auto* chosen = run(); chosen && !m_isNameTyped)
        m_name->setText(toQString(chosen->id) + (to.hasType ? QLatin1Char('-') + QLatin1String(type().type) : std::string_view(to.target) == "gguf-lora" ? QStringLiteral("-lora") : QStringLiteral("-") + QLatin1String(to.target)));
    for (qsizetype i = 0; i < m_targets.size() && m_facts.base; ++i)
        if (destinations()[static_cast<std::size_t>(i)].hasType)
            m_targets[i]->setSize(bridge::size(exportSize(destinations()[static_cast<std::size_t>(i)], type(), *m_facts.base, 0).result));
}

QString ExportPage::outPath() const
{
    QString folder = m_folder->text().trimmed();
    if (folder.startsWith(QLatin1String("~/")))
        folder = QDir::homePath() + folder.mid(1);
    return folder + QLatin1Char('/') + m_name->text().trimmed() + QLatin1String(destination().suffix);
}

/// Why nothing can be exported now, in words; empty when it can.
QString ExportPage::reasonAgainst() const
{
    if (m_runs.empty())
        return tr("No run has finished a step yet: train one first.");
    if (!run())
        return tr("Choose a run.");
    if (m_factsOf == toQString(run()->id) && m_facts.checkpoints.empty())
        return tr("This run has no checkpoint: resume it, or save one while it trains.");
    if (m_name->text().trimmed().isEmpty() || m_name->text().contains(QLatin1Char('/')))
        return tr("Give the file a name without a slash.");
    if (m_folder->text().trimmed().isEmpty())
        return tr("Choose a folder.");
    return {};
}

void ExportPage::showState()
{
    const QString reason = reasonAgainst();
    m_train->setVisible(m_runs.empty());
    QString note = reason, icon = QStringLiteral("info");
    if (reason.isEmpty() && m_facts.base) {
        const double needs = exportSize(destination(), type(), *m_facts.base, m_facts.adapterBytes).working;
        const double free = static_cast<double>(freeDiskBytes(bridge::toStd(outPath())));
        icon = needs > free ? QStringLiteral("warning") : QStringLiteral("disk");
        note = tr("needs about %1 while working, %2 free").arg(bridge::size(needs), bridge::size(free));
    }
    m_noteIcon->setPixmap(style::icon(icon, icon == QLatin1String("warning") ? style::IconColour::Warning : style::IconColour::Text2).pixmap(16, 16));
    m_note->setText(note);
    m_export->setEnabled(reason.isEmpty() && m_job == 0);
    m_export->setToolTip(reason);
    const bool isGguf = std::string_view(destination().target) == "gguf";
    m_lmStudio->setVisible(isGguf);
}

shell::Page* makeExport(shell::Context& context)
{
    return new ExportPage(context);
}

}
