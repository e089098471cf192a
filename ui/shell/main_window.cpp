// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/main_window.h"

#include "shell/command_palette.h"
#include "shell/main_menu.h"
#include "shell/notifier.h"
#include "shell/sidebar.h"
#include "shell/status_bar.h"
#include "shell/toast.h"
#include "style/theme.h"
#include "widgets/basics.h"

#include <QApplication>
#include <QBoxLayout>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QUrl>

#include <algorithm>
#include <cstdlib>

namespace attune::shell {

MainWindow::MainWindow(const QString& workspace, QSettings& settings)
    : m_settings(settings)
    , m_workspace(workspace)
    , m_context {m_workspace, m_jobs, *this, m_settings}
{
    setObjectName(QStringLiteral("main-window"));
    setAcceptDrops(true);
    setMinimumSize(1024, 600);
    auto* central = new QWidget;
    auto* outer = widgets::column();
    central->setLayout(outer);
    auto* middle = widgets::row(0);
    m_sidebar = new Sidebar;
    m_stack = new QStackedWidget;
    middle->addWidget(m_sidebar);
    middle->addWidget(m_stack, 1);
    outer->addLayout(middle, 1);
    m_status = new StatusBar(m_context);
    outer->addWidget(m_status);
    setCentralWidget(central);
    buildMenu();
    new Notifier(m_context, this);
    connect(m_sidebar, &Sidebar::opened, this, [this](PageId id) { open(id); });
    connect(&m_jobs, &bridge::JobController::events, this, &MainWindow::updateRunLine);
    connect(&m_jobs, &bridge::JobController::jobsChanged, this, &MainWindow::updateBadges);
    connect(&m_workspace, &bridge::Workspace::changed, this, &MainWindow::showOtherRun);
    m_sidebar->setFolded(settings.value(QStringLiteral("window/folded")).toBool());
    if (!restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray()))
        resize(1280, 800);
    open(PageId::Home);
    showOtherRun();
}

MainWindow::~MainWindow()
{
    m_isFinishing = true;
    m_jobs.cancelAll();
}

Page* MainWindow::page(PageId id)
{
    auto& page = m_pages[static_cast<std::size_t>(id)];
    if (!page) {
        page = pageTable()[static_cast<int>(id)].make(m_context);
        page->setObjectName(QStringLiteral("page-") + QLatin1String(pageTable()[static_cast<int>(id)].icon));
        m_stack->addWidget(page);
        connect(page, &Page::titleChanged, this, &MainWindow::updateTitle);
    }
    return page;
}

void MainWindow::open(PageId id, const QString& object)
{
    rememberPlace();
    // Dialogs and files are no places to come back to.
    const bool isPlace = !object.startsWith(QLatin1String("choose:")) && !object.startsWith(QLatin1String("add:"));
    // The same place twice in a row is one.
    if (m_at < 0 || m_history[m_at].first != id || (!object.isEmpty() && m_history[m_at].second != object)) {
        m_history.resize(m_at + 1);
        m_history.append({id, isPlace ? object : QString()});
        m_at = m_history.size() - 1;
    }
    show(id, object);
}

void MainWindow::show(PageId id, const QString& object)
{
    Page* shown = page(id);
    m_current = id;
    m_stack->setCurrentWidget(shown);
    shown->setFocus(Qt::OtherFocusReason);
    m_sidebar->setCurrent(id);
    shown->activate(object);
    updateTitle();
}

/// A page may have moved on by itself since it was opened; one comes back to where one left.
void MainWindow::rememberPlace()
{
    if (m_at < 0)
        return;
    if (const QString place = page(m_history[m_at].first)->place(); !place.isEmpty())
        m_history[m_at].second = place;
}

void MainWindow::go(int by)
{
    if (m_at + by < 0 || m_at + by >= m_history.size())
        return;
    rememberPlace();
    m_at += by;
    show(m_history[m_at].first, m_history[m_at].second);
}

void MainWindow::buildMenu()
{
    WindowActions actions;
    actions.back = [this] { go(-1); };
    actions.forward = [this] { go(1); };
    actions.canGoBack = [this] { return m_at > 0; };
    actions.canGoForward = [this] { return m_at + 1 < m_history.size(); };
    actions.foldSidebar = [this] { m_sidebar->setFolded(!m_sidebar->isFolded()); };
    actions.quit = [this] { close(); };
    actions.palette = [this] {
        m_menu->update();
        m_palette->open();
        m_menu->enableShortcuts();
    };
    actions.currentRun = [this] {
        const QString shown = page(m_current)->currentRun();
        return shown.isEmpty() ? m_jobs.trainingRun() : shown;
    };
    actions.isRunLive = [this] { return page(m_current)->currentRun().isEmpty() ? !m_jobs.trainingRun().isEmpty() : page(m_current)->isCurrentRunLive(); };
    actions.perform = [this](const QString& command) {
        const QString run = page(m_current)->currentRun().isEmpty() ? m_jobs.trainingRun() : page(m_current)->currentRun();
        if (m_current != PageId::Runs || page(m_current)->currentRun() != run)
            open(PageId::Runs, run);
        page(PageId::Runs)->perform(command);
    };
    actions.shownId = [this] { return m_current; };
    actions.shownPage = [this] { return page(m_current); };
    m_menu = new MainMenu(m_context, menuBar(), this, std::move(actions));
    m_palette = new CommandPalette(m_context, menuBar(), this);
}

void MainWindow::toast(const QString& text, const std::function<void()>& undo)
{
    if (m_toast)
        m_toast->deleteLater();
    auto* made = new Toast(text, undo, m_stack);
    m_toast = made;
    connect(made, &QObject::destroyed, this, [this, made] {
        if (m_toast == made)
            m_toast = nullptr;
    });
}

void MainWindow::openFiles(const QStringList& files)
{
    QStringList tables;
    for (const auto& file : files) {
        const QFileInfo info(file);
        const QString suffix = info.suffix().toLower();
        if (suffix == QLatin1String("gguf") || (info.isDir() && QFileInfo::exists(file + QStringLiteral("/config.json"))))
            open(PageId::Models, QStringLiteral("add:") + info.absoluteFilePath());
        else if (suffix == QLatin1String("yaml") || suffix == QLatin1String("yml"))
            open(PageId::Train, QStringLiteral("recipe:") + info.absoluteFilePath());
        else
            tables.append(info.absoluteFilePath());
    }
    if (!tables.isEmpty())
        open(PageId::Datasets, QStringLiteral("add:") + tables.join(QLatin1Char('\n')));
    showAgain();
}

void MainWindow::updateTitle()
{
    const QString object = page(m_current)->objectTitle();
    const QString place = Sidebar::tr(pageTable()[static_cast<int>(m_current)].name);
    setWindowTitle(QStringLiteral("%1 — Attune").arg(object.isEmpty() ? place : object));
}

QString MainWindow::leftWords(double seconds)
{
    return tr("about %1 left").arg(bridge::roughTime(seconds));
}

void MainWindow::updateRunLine(const std::vector<pipeline::Event>& events)
{
    for (const auto& event : events) {
        if (const auto* started = std::get_if<pipeline::RunStarted>(&event)) {
            m_run = bridge::toQString(started->run);
            m_stepsTotal = started->stepsTotal;
            m_status->setRun(m_run, 0, {});
        } else if (const auto* step = std::get_if<pipeline::StepDone>(&event)) {
            const double share = m_stepsTotal ? static_cast<double>(step->step) / static_cast<double>(m_stepsTotal) : 0;
            const double left = static_cast<double>(m_stepsTotal - step->step) * step->seconds;
            m_status->setRun(m_run, share, leftWords(left));
        } else if (std::holds_alternative<pipeline::RunFinished>(event)) {
            m_run.clear();
            m_status->setRun({}, 0, {});
        }
    }
}

/// A run of another process, as the history has it; one that trains here says more often where it is.
void MainWindow::showOtherRun()
{
    m_workspace.query<std::vector<store::RunRow>>(this, [](store::Store& store) { return store.runs(); }, [this](Result<std::vector<store::RunRow>> rows) {
        if (!rows || m_jobs.isTraining())
            return;
        const auto isRunning = [](const store::RunRow& row) { return row.status == store::RunStatus::Running; };
        m_otherRuns = static_cast<int>(std::count_if(rows->begin(), rows->end(), isRunning));
        const auto run = std::find_if(rows->begin(), rows->end(), isRunning);
        if (run == rows->end()) {
            m_status->setRun({}, 0, {});
        } else {
            const double done = static_cast<double>(std::max<std::int64_t>(1, run->stepsDone)), total = static_cast<double>(std::max<std::int64_t>(1, run->stepsTotal));
            m_status->setRun(bridge::toQString(run->id), static_cast<double>(run->stepsDone) / total, run->stepsDone > 0 ? leftWords((total - done) * run->seconds / done) : QString());
        }
        updateBadges();
    });
}

void MainWindow::updateBadges()
{
    const int runs = m_jobs.waiting() + (m_jobs.isTraining() ? 1 : m_otherRuns);
    m_sidebar->setBadge(PageId::Runs, runs > 0 ? QString::number(runs) : QString());
    if (m_isBackground && !m_jobs.isTraining() && m_jobs.waiting() == 0)
        QMetaObject::invokeMethod(this, &MainWindow::finish, Qt::QueuedConnection);
    if (!m_jobs.isTraining() && !m_run.isEmpty()) {
        m_run.clear();
        m_status->setRun({}, 0, {});
    }
    int failed = 0;
    for (const auto& job : m_jobs.jobs())
        failed += job.state == bridge::JobState::Failed;
    m_sidebar->setBadge(PageId::Activity, failed ? QString::number(failed) : QString(), true);
}

void MainWindow::finish()
{
    m_isFinishing = true;
    m_jobs.cancelAll();
    // A step that takes longer is given up: its run resumes from the last checkpoint, and whatever was
    // written is whole, because files are renamed into place and rows are committed.
    if (!m_jobs.waitForAll(11000))
        std::_Exit(0);
    close();
}

/// What to do with a run that trains here: true closes now.
bool MainWindow::askAboutRun()
{
    QMessageBox box(QMessageBox::Question, tr("Attune"), tr("%1 is training in this window.").arg(m_jobs.trainingRun().isEmpty() ? tr("A run") : m_jobs.trainingRun()), QMessageBox::NoButton, this);
    box.setInformativeText(tr("It can go on in the background: Attune then ends with the run, and opening it again shows this window. Or it saves a checkpoint and stops; it can be resumed later."));
    auto* background = box.addButton(tr("Train on in the background"), QMessageBox::AcceptRole);
    auto* stop = box.addButton(tr("Save and close"), QMessageBox::DestructiveRole);
    auto* stay = box.addButton(tr("Keep the window"), QMessageBox::RejectRole);
    box.setDefaultButton(background);
    box.setEscapeButton(stay);
    box.exec();
    if (box.clickedButton() == background) {
        m_isBackground = true;
        QApplication::setQuitOnLastWindowClosed(false);
        hide();
    }
    return box.clickedButton() == stop;
}

void MainWindow::showAgain()
{
    m_isBackground = false;
    show();
    raise();
    activateWindow();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    m_settings.setValue(QStringLiteral("window/folded"), m_sidebar->isFolded());
    if (!m_isFinishing && m_jobs.isTraining() && !askAboutRun()) {
        event->ignore();
        return;
    }
    m_isFinishing = true;
    m_jobs.cancelAll();
    m_jobs.waitForAll(14000);
    event->accept();
    QApplication::quit();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    QStringList files;
    for (const auto& url : event->mimeData()->urls())
        if (url.isLocalFile())
            files.append(url.toLocalFile());
    if (!files.isEmpty())
        openFiles(files);
}

}
