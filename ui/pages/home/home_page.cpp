// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/home/home_page.h"

#include "pages/home/run_card.h"
#include "pages/pages.h"
#include "pages/sample.h"
#include "style/icons.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QDir>
#include <QFileDialog>
#include <QGridLayout>
#include <QHeaderView>
#include <QScrollArea>
#include <QTimer>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

namespace {

QString shortPath(const QString& path)
{
    return path.startsWith(QDir::homePath()) ? QLatin1Char('~') + path.mid(QDir::homePath().size()) : path;
}

}

HomePage::HomePage(shell::Context& context)
    : Page(context)
{
    auto* outer = widgets::column();
    setLayout(outer);
    auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
    auto* layout = widgets::column(style::kSpace4);
    layout->setContentsMargins(24, 20, 24, 16);
    content->setLayout(layout);
    content->installEventFilter(this);
    auto* head = widgets::column(4);
    m_title = widgets::titleLabel(tr("Train a language model on your own text, on this computer"));
    m_sub = widgets::bodyLabel(tr("Nothing is uploaded. Data, models and runs stay in %1.").arg(shortPath(context.workspace.path())), Tone::Secondary);
    head->addWidget(m_title);
    head->addWidget(m_sub);
    layout->addLayout(head);
    auto* grid = new QGridLayout;  // both rows part at the same place
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(style::kSpace4);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    m_left = new QStackedWidget;
    m_left->addWidget(buildSample());
    m_left->addWidget(buildContinue());
    m_left->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    grid->addWidget(m_left, 0, 0);
    grid->addWidget(buildOwn(), 0, 1);
    grid->addWidget(buildComputer(), 1, 0);
    grid->addWidget(buildFits(), 1, 1);
    layout->addLayout(grid);
    layout->addWidget(buildRuns(), 1);
    layout->addWidget(buildModels(), 1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    outer->addWidget(scroll);
    connect(&context.workspace, &bridge::Workspace::changed, this, [this] { refresh(); });
}

void HomePage::activate(const QString& object)
{
    refresh();
    if (object == QLatin1String("check:"))
        check();
}

/// The checks start programs and count what fits: they come after the first picture of the content, not beside it.
bool HomePage::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Paint) {
        watched->removeEventFilter(this);
        QTimer::singleShot(0, this, [this] {
            if (!m_checksAsked)
                check();
        });
    }
    return Page::eventFilter(watched, event);
}

/// The window opens this page before it is shown itself.
void HomePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    refresh();
}

QWidget* HomePage::card(const QString& icon, const QString& title, const QString& text, const QString& fine, QHBoxLayout*& buttons, bool dashed)
{
    auto* panel = new widgets::Panel;
    panel->setDashed(dashed);
    auto* inner = widgets::column(style::kSpace2, style::kSpace4);
    auto* head = widgets::row();
    auto* mark = new QLabel;
    mark->setPixmap(style::icon(icon, style::IconColour::Accent).pixmap(20, 20));
    head->addWidget(mark);
    head->addWidget(widgets::headingLabel(title));
    head->addStretch(1);
    inner->addLayout(head);
    inner->addWidget(widgets::wrappedLabel(text, Tone::Text));
    inner->addWidget(widgets::wrappedLabel(fine));
    inner->addStretch(1);
    buttons = widgets::row();
    inner->addLayout(buttons);
    panel->body()->addLayout(inner);
    panel->setMinimumHeight(style::scaled(160));
    return panel;
}

QWidget* HomePage::buildSample()
{
    QHBoxLayout* buttons = nullptr;
    auto* made = card(QStringLiteral("star"), tr("Try it with the sample"), tr("400 school maths problems with worked answers (GSM8K), and the small model SmolLM2-135M-Instruct."),
        tr("The answers will be simple: the sample is for learning the program."), buttons, false);
    m_sample = widgets::button(tr("Open sample"), widgets::ButtonRole::Primary);
    m_sample->setObjectName(QStringLiteral("open-sample"));
    m_sample->setEnabled(!sharePath().empty());
    auto* clock = new QLabel;
    clock->setPixmap(style::icon(QStringLiteral("clock")).pixmap(16, 16));
    buttons->addWidget(m_sample);
    buttons->addWidget(clock);
    buttons->addWidget(widgets::captionLabel(sharePath().empty() ? tr("The sample is not installed beside the program.") : tr("About 3 minutes on two CPU cores")));
    buttons->addStretch(1);
    connect(m_sample, &QPushButton::clicked, this, &HomePage::openTheSample);
    return made;
}

QWidget* HomePage::buildContinue()
{
    return m_continue = new RunCard(m_context);
}

void HomePage::openTheSample()
{
    m_sample->setEnabled(false);
    m_context.jobs.start(tr("Opening the sample"), [workspace = m_context.workspace.stdPath()](const JobContext& job) { return openSample(workspace, job); }, this,
        [this](const Status& status) {
            m_sample->setEnabled(true);
            m_context.workspace.announceChange();
            if (status)
                m_context.navigator.open(shell::PageId::Train, QStringLiteral("data:") + QLatin1String(kSampleData));
            else
                m_context.navigator.toast(toQString(status.error().message + " " + status.error().hint));
        });
}

QWidget* HomePage::buildOwn()
{
    QHBoxLayout* buttons = nullptr;
    auto* made = card(QStringLiteral("download"), tr("Start with your data"), tr("Drop JSONL, CSV, Parquet, JSON, TXT or Markdown files here."),
        tr("Alpaca, ShareGPT, OpenAI messages, prompt and completion or plain text are recognised from the content. Original files are never changed."), buttons, true);
    m_files = widgets::button(tr("Choose files…"));
    m_files->setObjectName(QStringLiteral("choose-files"));
    auto* recipe = widgets::button(tr("Apply a recipe…"));
    buttons->addWidget(m_files);
    buttons->addWidget(recipe);
    buttons->addStretch(1);
    connect(m_files, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Datasets, QStringLiteral("choose:")); });
    connect(recipe, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getOpenFileName(this, tr("Apply a recipe"), {}, tr("Recipes (*.yaml *.yml *.json)"));
        if (!path.isEmpty())
            m_context.navigator.openFiles({path});
    });
    return made;
}

QWidget* HomePage::buildComputer()
{
    auto* panel = new widgets::Panel(tr("This computer"));
    auto* again = widgets::button(tr("Run full check"), widgets::ButtonRole::Ghost, QStringLiteral("reset"));
    panel->addAction(again);
    connect(again, &QPushButton::clicked, this, [this] { check(); });
    m_computer = new widgets::Table({{tr("What"), 120}, {tr("Found"), 0}, {tr("State"), 92}});
    m_computer->setAccessibleName(tr("This computer"));
    m_computer->setSortingEnabled(false);
    m_computer->horizontalHeader()->hide();
    m_computer->setFixedHeight(style::rowHeight() * 5 + 4);
    panel->body()->addWidget(m_computer);
    return panel;
}

QWidget* HomePage::buildFits()
{
    m_fitsPanel = new widgets::Panel(tr("What fits"));
    m_fitsPanel->setCaption(tr("about, in GiB, at 2 048 tokens and batch 1"));
    m_fits = new widgets::Table({{tr("Model size"), 0}, {tr("LoRA 4-bit"), 94, true}, {tr("LoRA 16-bit"), 98, true}, {tr("All weights"), 94, true}});
    m_fits->setAccessibleName(tr("What fits into memory"));
    m_fits->setSortingEnabled(false);
    m_fits->setSelectionMode(QAbstractItemView::NoSelection);
    m_fits->setFixedHeight(style::rowHeight() * 5 + 4);
    m_fitsPanel->body()->addWidget(m_fits);
    return m_fitsPanel;
}

QWidget* HomePage::buildModels()
{
    m_modelsPanel = new widgets::Panel(tr("Models"));
    auto* show = widgets::button(tr("Show models"), widgets::ButtonRole::Ghost);
    m_modelsPanel->addAction(show);
    connect(show, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Models); });
    m_models = new widgets::Table({{tr("Name"), 0}, {tr("Params"), 84, true}, {tr("Weights"), 90, false, true}, {tr("Size"), 92, true}, {tr("Train on it?"), 0}});
    m_models->setAccessibleName(tr("Models"));
    m_models->setMinimumHeight(style::rowHeight() * 3);
    m_modelsStack = new QStackedWidget;
    m_modelsStack->addWidget(m_models);
    auto* empty = new widgets::EmptyState(QStringLiteral("model"), tr("No model yet. The sample brings a small one; a GGUF file or a model folder can be dropped into this window."));
    m_modelsStack->addWidget(empty);
    m_modelsPanel->body()->addWidget(m_modelsStack);
    connect(m_models, &widgets::Table::opened, this, [this](const QString& id) { m_context.navigator.open(shell::PageId::Models, id); });
    return m_modelsPanel;
}

QWidget* HomePage::buildRuns()
{
    m_runsPanel = new widgets::Panel(tr("Recent runs"));
    auto* show = widgets::button(tr("Show runs"), widgets::ButtonRole::Ghost);
    m_runsPanel->addAction(show);
    connect(show, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Runs, QStringLiteral("list:")); });
    m_runs = new widgets::Table({{tr("Run"), 168}, {tr("Status"), 112}, {tr("Model"), 0}, {tr("Data"), 0}, {tr("Loss"), 72, true}, {tr("Last eval"), 84, true}, {tr("Started"), 124}});
    m_runs->setAccessibleName(tr("Recent runs"));
    m_runs->setMinimumHeight(style::rowHeight() * 4);
    m_runsPanel->body()->addWidget(m_runs);
    connect(m_runs, &widgets::Table::opened, this, [this](const QString& id) { m_context.navigator.open(shell::PageId::Runs, id); });
    m_runsPanel->hide();
    return m_runsPanel;
}

shell::Page* makeHome(shell::Context& context)
{
    return new HomePage(context);
}

}
