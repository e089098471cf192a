// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_view.h"

#include "bridge/text.h"
#include "pages/run/run_menu.h"
#include "pages/run_actions.h"
#include "pages/setting_words.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QMenu>
#include <QMessageBox>
#include <QTime>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;

RunView::RunView(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    auto* layout = widgets::column();
    setLayout(layout);
    buildHeader(layout);
    buildTabs(layout);
    connect(&context.workspace, &bridge::Workspace::changed, this, &RunView::refresh);
}

void RunView::buildHeader(QBoxLayout* layout)
{
    m_header = new widgets::PageHeader({});
    m_header->setPlace(tr("Runs"));
    m_header->setHairline(false);
    m_chip = new widgets::StatusChip;
    m_lineage = new widgets::ElidedLabel;
    m_lineage->setTone(widgets::Tone::Secondary);
    m_lineage->setFont(style::caption());
    m_lineage->setMinimumWidth(90);
    m_lineage->setSizePolicy(QSizePolicy::MinimumExpanding, QSizePolicy::Preferred);
    m_header->addFact(m_chip);
    m_header->addFact(m_lineage);
    m_primary = widgets::button(tr("Pause"), widgets::ButtonRole::Primary, QStringLiteral("pause"));
    m_sample = widgets::button(tr("Sample now"));
    m_save = widgets::button(tr("Save checkpoint"));
    m_stop = widgets::button(tr("Stop…"), widgets::ButtonRole::Danger, QStringLiteral("stop"));
    m_stop->setToolTip(tr("Stop the run (Ctrl+.)"));
    m_more = widgets::iconButton(QStringLiteral("more"), tr("More actions"));
    for (auto* b : {m_primary, m_sample, m_save, m_stop})
        m_header->addAction(b);
    m_header->addAction(m_more);
    layout->addWidget(m_header);
    connect(m_header, &widgets::PageHeader::backRequested, this, &RunView::backRequested);
    connect(m_primary, &QPushButton::clicked, this, &RunView::pressPrimary);
    connect(m_sample, &QPushButton::clicked, this, [this] { post(store::RunCommand::Sample, tr("The run answers its prompts after this step.")); });
    connect(m_save, &QPushButton::clicked, this, [this] { post(store::RunCommand::Save, tr("A checkpoint is saved after this step.")); });
    connect(m_stop, &QPushButton::clicked, this, &RunView::confirmStop);
    connect(m_more, &QToolButton::clicked, this, [this] {
        QMenu menu(this);
        fillRunMenu(menu, m_context, m_data.row, this);
        menu.exec(m_more->mapToGlobal(QPoint(0, m_more->height())));
    });
    auto* block = widgets::column(style::kSpace1);
    block->setContentsMargins(16, 0, 16, 0);
    m_progress = new widgets::ProgressHeader;
    block->addWidget(m_progress);
    m_messages = new RunMessages(m_context);
    block->addWidget(m_messages);
    layout->addLayout(block);
    connect(m_messages, &RunMessages::resumeRequested, this, [this] { resumeRunHere(m_context, m_id, this); });
    connect(m_messages, &RunMessages::stopAndUseRequested, this, &RunView::stopAndUse);
    connect(m_messages, &RunMessages::logRequested, this, [this] { openTab(QStringLiteral("log")); });
}

void RunView::buildTabs(QBoxLayout* layout)
{
    m_tabLine = new plots::TabLine(tr("Parts of the run"));
    m_tabs = m_tabLine->tabs();
    m_tabs->setObjectName(QStringLiteral("run-tabs"));
    layout->addWidget(m_tabLine);
    layout->addWidget(new widgets::Hairline);
    m_stack = new QStackedWidget;
    layout->addWidget(m_stack, 1);
    for (const auto& info : runTabs()) {
        m_tabs->addTab(tr(info.name));
        m_made.append(nullptr);
    }
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        auto* shown = tab(index);
        m_stack->setCurrentWidget(shown);
        showControls();
        if (!m_data.row.id.empty())
            shown->show(m_data);
    });
    m_stack->setCurrentWidget(tab(0));
    showTabs();
}

/// A tab is made when it is first opened.
RunTab* RunView::tab(int index)
{
    auto& made = m_made[index];
    if (made)
        return made;
    made = runTabs()[static_cast<std::size_t>(index)].make(m_context);
    m_stack->addWidget(made);
    if (auto* controls = made->controls())
        m_tabLine->addControls(controls);
    showControls();
    return made;
}

void RunView::showControls()
{
    auto* shown = m_made.value(m_tabs->currentIndex());
    m_tabLine->showControls(shown ? shown->controls() : nullptr);
}

void RunView::openTab(const QString& key)
{
    for (int i = 0; i < m_tabs->count(); ++i)
        if (key == QLatin1String(runTabs()[static_cast<std::size_t>(i)].key))
            m_tabs->setCurrentIndex(i);
}

QString RunView::title() const
{
    if (m_data.row.status != store::RunStatus::Running || m_data.row.stepsTotal <= 0 || m_data.row.id.empty())
        return m_id;
    return tr("%1 % – %2").arg(100 * m_data.row.stepsDone / m_data.row.stepsTotal).arg(m_id);
}

void RunView::show(const QString& run)
{
    if (m_id != run) {
        m_id = run;
        m_data = {};
        m_messages->clear();
        m_header->setTitle(run);
        setKnown(false);
        for (auto* made : m_made)
            if (made)
                made->clear();
    }
    refresh();
}

/// What says something of the run, which is not known before it is read.
void RunView::setKnown(bool isKnown)
{
    for (QWidget* widget : {static_cast<QWidget*>(m_chip), static_cast<QWidget*>(m_lineage), static_cast<QWidget*>(m_progress), static_cast<QWidget*>(m_more)})
        widget->setVisible(isKnown);
    if (!isKnown)
        for (auto* button : {m_primary, m_sample, m_save, m_stop})
            button->hide();
}

void RunView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

void RunView::refresh()
{
    if (m_id.isEmpty() || !isVisible())
        return;
    if (m_isAsking) {
        m_askAgain = true;
        return;
    }
    m_isAsking = true;
    const std::string id = bridge::toStd(m_id);
    m_context.workspace.query<RunNews>(this,
        [id, metric = m_data.lastMetric, event = m_data.lastEvent](store::Store& store) { return RunData::ask(store, id, metric, event); },
        [this, id](Result<RunNews> news) {
            m_isAsking = false;
            if (bridge::toStd(m_id) == id)
                news ? take(std::move(*news)) : lose(news.error());
            if (std::exchange(m_askAgain, false))
                refresh();
        });
}

/// A run that cannot be read: where it is gone (another program deleted it), the list of those that are there is next.
void RunView::lose(const Error& error)
{
    m_context.navigator.toast(toQString(error.message + " " + error.hint));
    if (error.code != ErrorCode::RunMissing)
        return;
    show({});
    emit backRequested();
}

void RunView::take(RunNews news)
{
    // A resume takes rows away behind its checkpoint and counts on: what is here is asked for anew.
    const bool isRewound = news.row.stepsDone < m_data.row.stepsDone;
    m_data.take(std::move(news));
    if (isRewound) {
        m_data = {};
        m_askAgain = true;
        return;
    }
    setKnown(true);
    showHeader();
    showProgress();
    showTabs();
    m_messages->show(m_data);
    m_made[m_tabs->currentIndex()]->show(m_data);
    discardIfAsked();
    emit titleChanged();
}

void RunView::showHeader()
{
    const auto& row = m_data.row;
    const bool live = m_data.isLive();
    m_header->setTitle(m_id);
    m_chip->setStatus(toQString(store::statusName(row.status)));
    m_lineage->setText(QStringLiteral("%1, %2, %3").arg(bridge::datasetName(row.dataset), bridge::modelName(row.model), choiceName("method.type", row.method)));
    const auto set = [this](const QString& text, const QString& icon) {
        m_primary->setText(text);
        m_primary->setIcon(style::icon(icon, style::IconColour::OnAccent));
    };
    if (row.status == store::RunStatus::Running)
        set(tr("Pause"), QStringLiteral("pause"));
    else
        set(tr("Resume"), QStringLiteral("play"));
    // A finished run's next steps stand in its green bar; one that broke has Resume there.
    m_primary->setVisible(live);
    m_primary->setEnabled(row.status != store::RunStatus::Queued);
    m_sample->setVisible(live);
    m_save->setVisible(live);
    m_stop->setVisible(live);
}

QList<QPair<QString, QString>> RunView::facts() const
{
    const auto& row = m_data.row;
    const auto total = std::max<std::int64_t>(1, row.stepsTotal);
    QList<QPair<QString, QString>> facts;
    facts.append({tr("Step"), tr("%1 of %2 (%3 %)").arg(grouped(row.stepsDone), grouped(row.stepsTotal)).arg(100 * row.stepsDone / total)});
    if (m_data.recipe && m_data.epoch() > 0 && m_data.recipe->integer("training.max_steps") <= 0)
        facts.append({tr("Epoch"), tr("%1 of %2").arg(bridge::decimal(m_data.epoch(), 2), bridge::significant(m_data.recipe->number("training.epochs"), 4))});
    facts.append({m_data.isLive() ? tr("Elapsed") : tr("Took"), bridge::duration(row.seconds)});
    if (row.status == store::RunStatus::Running) {
        const auto left = secondsLeft(m_data);
        if (!left)
            facts.append({{}, tr("estimating the time left…")});
        else
            facts.append({tr("about"), tr("%1 left, ready around %2").arg(bridge::roughTime(*left), QTime::currentTime().addSecs(static_cast<int>(*left)).toString(QStringLiteral("HH:mm")))});
    }
    if (row.tokensPerSecond > 0)
        facts.append({{}, tr("%1 tokens/s").arg(grouped(qRound64(row.tokensPerSecond)))});
    if (row.trainLoss)
        facts.append({tr("Loss"), bridge::decimal(*row.trainLoss, 3)});
    const auto& evals = m_data.series(QStringLiteral("eval/loss"));
    if (const auto best = row.bestStep > 0 ? evals.placeOf(row.bestStep, plots::XAxis::Step) : std::nullopt) {
        const auto points = evals.points(plots::XAxis::Step);
        facts.append({tr("Best eval"), tr("%1 at step %2").arg(bridge::decimal(points.y[points.x.indexOf(*best)], 3), grouped(row.bestStep))});
    } else if (row.evalLoss) {
        facts.append({tr("Eval loss"), bridge::decimal(*row.evalLoss, 3)});
    }
    return facts;
}

void RunView::showProgress()
{
    const auto& row = m_data.row;
    const double total = static_cast<double>(std::max<std::int64_t>(1, row.stepsTotal));
    m_progress->setProgress(static_cast<double>(row.stepsDone) / total);
    QList<double> marks;
    for (const auto* event : m_data.eventsOf("checkpoint"))
        marks.append(static_cast<double>(event->step) / total);
    m_progress->setMarks(marks, row.bestStep > 0 ? static_cast<double>(row.bestStep) / total : -1);
    m_progress->setFacts(facts());
}

void RunView::showTabs()
{
    const auto tabs = runTabs();
    for (int i = 0; i < m_tabs->count(); ++i) {
        const auto& isThere = tabs[static_cast<std::size_t>(i)].isThere;
        const bool isVisible = !isThere || isThere(m_data);
        // Qt 6.4 forgets that it has to lay out the tabs when one is told what it already is.
        if (m_tabs->isTabVisible(i) == isVisible)
            continue;
        m_tabs->setTabVisible(i, isVisible);
        m_tabLine->arrange();
    }
}

void RunView::post(store::RunCommand command, const QString& said)
{
    m_context.workspace.write([id = bridge::toStd(m_id), command](store::Store& store) { return store.postCommand(id, command); });
    m_context.navigator.toast(said);
}

void RunView::pressPrimary()
{
    if (m_data.row.status == store::RunStatus::Running)
        post(store::RunCommand::Pause, tr("The run pauses after this step."));
    else if (m_data.row.status == store::RunStatus::Paused)
        post(store::RunCommand::Resume, tr("The run goes on."));
    else
        resumeRunHere(m_context, m_id, this);
}

void RunView::perform(const QString& command)
{
    const auto status = m_data.row.status;
    if (command == QLatin1String("stop") && m_data.isLive())
        confirmStop();
    else if (command == QLatin1String("resume") && status == store::RunStatus::Paused)
        pressPrimary();
    else if (command == QLatin1String("resume") && !m_data.isLive() && status != store::RunStatus::Completed)
        resumeRunHere(m_context, m_id, this);
    else
        m_context.navigator.toast(tr("%1 is %2: there is nothing to do.").arg(m_id, widgets::StatusChip::word(toQString(store::statusName(status))).toLower()));
}

/// The step is remembered: Try out and Export propose it for this run.
void RunView::stopAndUse(qint64 step)
{
    m_context.workspace.write([id = bridge::toStd(m_id), step](store::Store& store) -> Status {
        ATTUNE_RETURN_IF_ERROR(store.putValue("use/" + id, step));
        return store.postCommand(id, store::RunCommand::Stop);
    });
    m_context.navigator.toast(tr("The run stops after this step; Try out and Export take step %1.").arg(grouped(step)));
}

void RunView::confirmStop()
{
    QMessageBox box(QMessageBox::Question, tr("Stop the run"), tr("Stop at step %1?").arg(grouped(m_data.row.stepsDone)), QMessageBox::NoButton, this);
    box.setInformativeText(tr("With a checkpoint the run can be tried out, exported or resumed. Without one it goes to the workspace's trash."));
    auto* keep = box.addButton(tr("Stop and keep checkpoint"), QMessageBox::AcceptRole);
    auto* discard = box.addButton(tr("Stop and discard"), QMessageBox::DestructiveRole);
    auto* stay = box.addButton(tr("Keep training"), QMessageBox::RejectRole);
    box.setDefaultButton(keep);
    box.setEscapeButton(stay);
    box.exec();
    if (box.clickedButton() == stay || (box.clickedButton() != keep && box.clickedButton() != discard))
        return;
    if (box.clickedButton() == discard)
        m_discard = m_id;
    post(store::RunCommand::Stop, tr("The run stops after this step."));
}

void RunView::discardIfAsked()
{
    if (m_discard != m_id || m_data.isLive())
        return;
    m_discard.clear();
    m_context.workspace.write([id = bridge::toStd(m_id)](store::Store& store) { return store.removeRun(id); });
    m_context.navigator.toast(tr("%1 was moved to the trash of the workspace.").arg(m_id));
    emit backRequested();
}

}
