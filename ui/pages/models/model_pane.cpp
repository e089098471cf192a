// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/models/model_pane.h"

#include "style/fonts.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QFocusEvent>
#include <QGridLayout>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;
using widgets::Tone;

namespace {
constexpr int kFactsWidth = 330;

QScrollArea* scrolled(QWidget* content)
{
    auto* area = new QScrollArea;
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return area;
}
}

ModelPane::ModelPane(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    auto* layout = widgets::column(style::kSpace2);
    layout->setContentsMargins(16, 10, 16, 10);
    setLayout(layout);
    layout->addLayout(buildHead());
    layout->addWidget(buildGone());
    auto* body = widgets::row(style::kSpace4);
    body->addWidget(buildFacts());
    body->addWidget(buildTabs(), 1);
    m_body = new QWidget;
    m_body->setLayout(body);
    layout->addWidget(m_body, 1);
}

QWidget* ModelPane::buildGone()
{
    m_gone = new QWidget;
    auto* column = widgets::column(style::kSpace2);
    m_goneText = widgets::wrappedLabel({}, Tone::Danger);
    m_goneText->setObjectName(QStringLiteral("model-gone"));
    m_goneText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_goneText);
    column->addWidget(widgets::wrappedLabel(tr("Put it back, or say where it is now: runs, questions and exports that need it go on from there.")));
    auto* buttons = widgets::row();
    auto* locate = widgets::button(tr("Locate file…"));
    locate->setObjectName(QStringLiteral("locate-model"));
    auto* remove = widgets::button(tr("Remove from list"));
    remove->setObjectName(QStringLiteral("remove-gone"));
    buttons->addWidget(locate);
    buttons->addWidget(remove);
    buttons->addStretch(1);
    column->addLayout(buttons);
    column->addStretch(1);
    m_gone->setLayout(column);
    connect(locate, &QPushButton::clicked, this, [this] { emit locateRequested(m_line.id); });
    connect(remove, &QPushButton::clicked, this, [this] { emit removeRequested(m_line.id); });
    return m_gone;
}

ModelPane::~ModelPane()
{
    saveNotes();
}

QLayout* ModelPane::buildHead()
{
    auto* head = widgets::row();
    m_title = new widgets::ElidedLabel;
    m_title->setFont(style::body(style::Weight::SemiBold));
    m_verdict = new widgets::ElidedLabel;
    head->addWidget(m_title, 2);
    head->addWidget(m_verdict, 3);
    m_add = widgets::button(tr("Add to the list"));
    m_add->setObjectName(QStringLiteral("add-found"));
    m_train = widgets::button(tr("Train"));
    m_train->setObjectName(QStringLiteral("train-on-model"));
    m_chat = widgets::button(tr("Try out"));
    m_verify = widgets::button(tr("Verify files"));
    m_verify->setObjectName(QStringLiteral("verify-model"));
    m_remove = widgets::button(tr("Remove"), widgets::ButtonRole::Ghost);
    m_remove->setToolTip(tr("Takes the name off the list; the files stay where they are."));
    for (auto* one : {m_add, m_train, m_chat, m_verify, m_remove})
        head->addWidget(one);
    connect(m_add, &QPushButton::clicked, this, [this] { emit addRequested(m_line.id); });
    connect(m_train, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train, QStringLiteral("model:") + m_line.id); });
    connect(m_chat, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::TryOut, m_line.id); });
    connect(m_verify, &QPushButton::clicked, this, &ModelPane::verify);
    connect(m_remove, &QPushButton::clicked, this, [this] { emit removeRequested(m_line.id); });
    return head;
}

QWidget* ModelPane::buildFacts()
{
    auto* facts = new widgets::PlaneWidget(widgets::Plane::Window);
    auto* grid = new QGridLayout;
    grid->setContentsMargins(0, 4, 4, 0);
    grid->setVerticalSpacing(4);
    grid->setColumnMinimumWidth(0, style::scaled(96));
    grid->setColumnStretch(1, 1);
    const QStringList names {tr("Architecture"), tr("Parameters"), tr("Layers"), tr("Heads"), tr("Hidden size"), tr("Vocabulary"), tr("Context"), tr("Tokenizer"), tr("Licence"), tr("Path")};
    for (int i = 0; i < names.size(); ++i) {
        grid->addWidget(widgets::bodyLabel(names[i], Tone::Secondary), i, 0);
        m_facts.append(new widgets::ElidedLabel);
        grid->addWidget(m_facts.last(), i, 1);
    }
    m_facts.last()->setTextInteractionFlags(Qt::TextSelectableByMouse);
    grid->setRowStretch(static_cast<int>(names.size()), 1);
    facts->setLayout(grid);
    auto* area = scrolled(facts);
    area->setFixedWidth(style::scaled(kFactsWidth));
    return area;
}

QWidget* ModelPane::buildTabs()
{
    auto* whole = new QWidget;
    auto* layout = widgets::column(style::kSpace1);
    whole->setLayout(layout);
    m_tabs = new QTabBar;
    m_tabs->setAccessibleName(tr("About the model"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    for (const auto& name : {tr("Memory"), tr("Chat template"), tr("Files"), tr("Notes")})
        m_tabs->addTab(name);
    layout->addWidget(m_tabs);
    m_stack = new QStackedWidget;
    m_memory = new widgets::PlaneWidget(widgets::Plane::Window);
    auto* memory = widgets::column(style::kSpace2);
    memory->setContentsMargins(0, 4, 0, 0);
    m_memoryGrid = new QGridLayout;
    m_memoryGrid->setVerticalSpacing(4);
    m_memoryGrid->setHorizontalSpacing(style::kSpace6);
    memory->addLayout(m_memoryGrid);
    m_memoryNote = widgets::wrappedLabel({});
    memory->addWidget(m_memoryNote);
    memory->addStretch(1);
    m_memory->setLayout(memory);
    m_stack->addWidget(scrolled(m_memory));
    m_template = new QPlainTextEdit;
    m_template->setReadOnly(true);
    m_template->setFont(style::mono());
    m_template->setAccessibleName(tr("A conversation as the chat template writes it"));
    m_stack->addWidget(m_template);
    m_files = new widgets::Table({{tr("File"), 220}, {tr("Size"), 90, true}, {tr("SHA-256"), 0, false, true}});
    m_files->setAccessibleName(tr("Files"));
    m_stack->addWidget(m_files);
    m_notes = new QPlainTextEdit;
    m_notes->setObjectName(QStringLiteral("model-notes"));
    m_notes->setPlaceholderText(tr("What is good to know about this model"));
    m_notes->setAccessibleName(tr("Notes"));
    m_stack->addWidget(m_notes);
    layout->addWidget(m_stack, 1);
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        saveNotes();
        m_stack->setCurrentIndex(index);
    });
    return whole;
}

void ModelPane::show(const ModelLine& line)
{
    const bool isOther = line.id != m_line.id;
    if (isOther)
        saveNotes();
    m_line = line;
    using Level = pipeline::TrainVerdict::Level;
    m_title->setText(line.name);
    m_verdict->setText(toQString(line.verdict.text));
    m_verdict->setTone(line.verdict.level == Level::Yes ? Tone::Success : line.verdict.level == Level::Tight ? Tone::Warning : Tone::Secondary);
    m_add->setVisible(line.isFound);
    m_add->setEnabled(line.found.problem.empty());
    for (auto* one : {m_chat, m_verify, m_remove})
        one->setVisible(!line.isFound && !line.isGone);
    m_train->setVisible(!line.isGone);
    m_verdict->setVisible(!line.isGone);
    m_gone->setVisible(line.isGone);
    m_body->setVisible(!line.isGone);
    m_goneText->setText(tr("The file is missing. It was at %1.").arg(toQString(line.row.path)));
    m_train->setEnabled(line.parameters > 0 && !line.verdict.text.starts_with("no: This") && line.verdict.level != Level::No);
    m_train->setToolTip(m_train->isEnabled() ? QString() : toQString(line.verdict.text));
    if (isOther) {
        const QSignalBlocker quiet(m_notes);
        m_notes->setPlainText(toQString(line.row.info.is_object() ? line.row.info.value("notes", std::string()) : std::string()));
        m_notes->setEnabled(!line.isFound);
        m_notes->document()->setModified(false);
    }
    store::ModelRow row = line.row;
    if (line.isFound) {
        row = {line.found.name, line.found.path, {}, {}, Json::object()};
    }
    m_job.start<pipeline::ModelDetails>(this, m_context.workspace.stdPath(), [row](store::Store& store, const JobContext& job) { return pipeline::modelDetails(store, row, job); },
        [this](Result<pipeline::ModelDetails> details) { showDetails(details); });
}

void ModelPane::showDetails(const Result<pipeline::ModelDetails>& details)
{
    if (!details) {
        for (auto* fact : m_facts)
            fact->setText(QStringLiteral("–"));
        m_facts.last()->setText(m_line.isFound ? m_line.id : toQString(m_line.row.path));
        m_verdict->setText(toQString(details.error().message));
        m_verdict->setTone(Tone::Danger);
        m_template->setPlainText({});
        m_files->setRows({});
        return showMemory({});
    }
    const auto& spec = details->source.spec;
    const auto number = [](std::int64_t value) { return value > 0 ? bridge::grouped(value) : QStringLiteral("–"); };
    const QString heads = spec.kvHeads > 0 && spec.kvHeads != spec.heads ? tr("%1, %2 for keys and values").arg(spec.heads).arg(spec.kvHeads) : number(spec.heads);
    const QStringList values {toQString(spec.architecture), bridge::parameters(static_cast<double>(details->source.parameters)), number(spec.layers), heads, number(spec.hiddenSize),
        number(spec.vocabSize), tr("%1 tokens").arg(number(spec.contextLength)), toQString(details->source.tokenizer), details->licence.empty() ? tr("not named in the files") : toQString(details->licence),
        toQString(details->source.path)};
    for (int i = 0; i < m_facts.size(); ++i)
        m_facts[i]->setText(values[i]);
    m_template->setPlainText(!details->templateText.empty() ? toQString(details->templateText)
            : details->templateProblem.empty()              ? tr("This model has no chat template. Train with ChatML, which the exported model then carries, or on plain text.")
                                                            : toQString(details->templateProblem));
    showFiles(details->files);
    showMemory(*details);
}

void ModelPane::showMemory(const pipeline::ModelDetails& details)
{
    while (auto* item = m_memoryGrid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (details.memory.empty())
        return m_memoryNote->setText(details.source.reason.empty() ? QString() : toQString(details.source.reason));
    QStringList methods;
    int row = 0;
    std::int64_t context = 0;
    m_memoryGrid->addWidget(widgets::captionLabel(tr("Context")), 0, 0);
    for (const auto& cell : details.memory) {
        const QString method = toQString(cell.method);
        if (!methods.contains(method)) {
            methods.append(method);
            m_memoryGrid->addWidget(widgets::captionLabel(bridge::translated(cell.method)), 0, static_cast<int>(methods.size()), Qt::AlignRight);
        }
        if (cell.context != context) {
            context = cell.context;
            m_memoryGrid->addWidget(widgets::monoLabel(bridge::grouped(context)), ++row, 0);
        }
        auto* value = widgets::monoLabel(cell.bytes > 0 ? bridge::gib(static_cast<double>(cell.bytes)) : QStringLiteral("–"), cell.fits ? Tone::Text : cell.bytes > 0 ? Tone::Danger : Tone::Secondary);
        if (!cell.fits && cell.bytes > 0)
            value->setToolTip(tr("More than is available"));
        m_memoryGrid->addWidget(value, row, static_cast<int>(methods.indexOf(method)) + 1, Qt::AlignRight);
    }
    m_memoryGrid->setColumnStretch(static_cast<int>(methods.size()) + 1, 1);
    m_memoryNote->setText(tr("About, in GiB, for one row of that many tokens at a time; %1 GiB are available. Red does not fit.").arg(bridge::gib(static_cast<double>(details.availableBytes))));
}

void ModelPane::showFiles(const std::vector<pipeline::ModelFile>& files)
{
    QList<widgets::TableRow> rows;
    for (const auto& file : files) {
        widgets::Cell hash {!file.problem.empty() ? toQString(file.problem) : file.sha256.empty() ? tr("not verified yet") : toQString(file.sha256), {},
            !file.problem.empty() ? Tone::Danger : file.sha256.empty() ? Tone::Secondary : Tone::Text};
        rows.append({toQString(file.name), {{toQString(file.name)}, {bridge::size(static_cast<double>(file.bytes)), static_cast<double>(file.bytes)}, hash}});
    }
    m_files->setRows(rows);
}

void ModelPane::verify()
{
    if (m_verifyJob != 0)
        return m_context.jobs.cancel(m_verifyJob);
    m_tabs->setCurrentIndex(2);
    m_verify->setText(tr("Stop verifying"));
    const std::string name = toStd(m_line.id), workspace = m_context.workspace.stdPath();
    auto files = std::make_shared<std::vector<pipeline::ModelFile>>();
    m_verifyJob = m_context.jobs.start(tr("Verifying %1").arg(m_line.id),
        [=](const JobContext& job) -> Status {
            ATTUNE_TRY(const auto store, store::Store::open(workspace));
            ATTUNE_TRY(*files, pipeline::verifyModel(*store, name, job));
            return {};
        },
        this,
        [this, files, name](const Status& status) {
            m_verifyJob = 0;
            m_verify->setText(tr("Verify files"));
            if (!status)
                return m_context.navigator.toast(toQString(status.error().message));
            const auto bad = std::count_if(files->begin(), files->end(), [](const auto& file) { return !file.problem.empty(); });
            m_context.navigator.toast(bad == 0 ? tr("All %1 files of %2 are as they were.").arg(files->size()).arg(toQString(name)) : tr("%1 files of %2 are not what they were.").arg(bad).arg(toQString(name)));
            if (toStd(m_line.id) == name)
                showFiles(*files);
        });
}

/// Notes are kept when one leaves them; nothing asks.
void ModelPane::saveNotes()
{
    if (m_line.isFound || m_line.id.isEmpty() || !m_notes->document()->isModified())
        return;
    m_notes->document()->setModified(false);
    const std::string name = toStd(m_line.id), text = toStd(m_notes->toPlainText());
    m_context.workspace.write([name, text](store::Store& store) -> Status {
        ATTUNE_TRY(auto row, store.model(name));
        if (!row)
            return {};
        row->info["notes"] = text;
        return store.putModel(*row);
    });
}

void ModelPane::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), style::tokens().window);
    style::drawHairline(&painter, {0, 0}, {width(), 0}, style::tokens().border);
}

}
