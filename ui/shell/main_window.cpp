// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/main_window.h"

#include "shell/sidebar.h"
#include "shell/status_bar.h"
#include "shell/toast.h"
#include "style/theme.h"
#include "widgets/basics.h"

#include <QApplication>
#include <QBoxLayout>
#include <QCloseEvent>
#include <QDesktopServices>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QUrl>

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
    buildMenus();
    connect(m_sidebar, &Sidebar::opened, this, [this](PageId id) { open(id); });
    connect(&m_jobs, &bridge::JobController::events, this, &MainWindow::updateRunLine);
    connect(&m_jobs, &bridge::JobController::jobsChanged, this, &MainWindow::updateBadges);
    m_sidebar->setFolded(settings.value(QStringLiteral("window/folded")).toBool());
    if (!restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray()))
        resize(1280, 800);
    open(PageId::Home);
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
    Page* shown = page(id);
    m_current = id;
    m_stack->setCurrentWidget(shown);
    shown->setFocus(Qt::OtherFocusReason);
    m_sidebar->setCurrent(id);
    shown->activate(object);
    updateTitle();
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
    for (const auto& file : files) {
        const QFileInfo info(file);
        const QString suffix = info.suffix().toLower();
        if (suffix == QLatin1String("gguf") || (info.isDir() && QFileInfo::exists(file + QStringLiteral("/config.json"))))
            open(PageId::Models, QStringLiteral("add:") + info.absoluteFilePath());
        else if (suffix == QLatin1String("yaml") || suffix == QLatin1String("yml"))
            open(PageId::Train, QStringLiteral("recipe:") + info.absoluteFilePath());
        else
            open(PageId::Datasets, QStringLiteral("add:") + info.absoluteFilePath());
    }
    raise();
    activateWindow();
}

QAction* MainWindow::action(QMenu* menu, const QString& text, const QKeySequence& key, const std::function<void()>& run)
{
    auto* made = menu->addAction(text);
    made->setShortcut(key);
    connect(made, &QAction::triggered, this, run);
    return made;
}

void MainWindow::buildMenus()
{
    auto* file = menuBar()->addMenu(tr("&File"));
    action(file, tr("&Add data…"), QKeySequence::Open, [this] {
        const auto files = QFileDialog::getOpenFileNames(this, tr("Add data"), {}, tr("Data (*.jsonl *.json *.csv *.tsv *.txt *.md *.gz *.zst);;All files (*)"));
        if (!files.isEmpty())
            openFiles(files);
    });
    action(file, tr("Add &model…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O), [this] {
        const auto path = QFileDialog::getOpenFileName(this, tr("Add a model"), {}, tr("GGUF models (*.gguf);;All files (*)"));
        if (!path.isEmpty())
            openFiles({path});
    });
    action(file, tr("Open &recipe…"), {}, [this] {
        const auto path = QFileDialog::getOpenFileName(this, tr("Open a recipe"), {}, tr("Recipes (*.yaml *.yml *.json)"));
        if (!path.isEmpty())
            open(PageId::Train, QStringLiteral("recipe:") + path);
    });
    file->addSeparator();
    action(file, tr("Open &workspace folder"), {}, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_workspace.path())); });
    file->addSeparator();
    action(file, tr("&Quit"), QKeySequence::Quit, [this] { close(); });

    auto* edit = menuBar()->addMenu(tr("&Edit"));
    const auto toFocus = [](const char* slot) { return [slot] { if (auto* w = QApplication::focusWidget()) QMetaObject::invokeMethod(w, slot); }; };
    action(edit, tr("&Undo"), QKeySequence::Undo, toFocus("undo"));
    action(edit, tr("Cu&t"), QKeySequence::Cut, toFocus("cut"));
    action(edit, tr("&Copy"), QKeySequence::Copy, toFocus("copy"));
    action(edit, tr("&Paste"), QKeySequence::Paste, toFocus("paste"));
    action(edit, tr("Select &all"), QKeySequence::SelectAll, toFocus("selectAll"));

    auto* view = menuBar()->addMenu(tr("&View"));
    for (int i = 0; i < kPageCount; ++i) {
        const auto& info = pageTable()[i];
        if (info.id == PageId::Activity)
            view->addSeparator();
        action(view, Sidebar::tr(info.name), QKeySequence(QLatin1String(info.key)), [this, id = info.id] { open(id); });
    }
    view->addSeparator();
    action(view, tr("&Fold the sidebar"), QKeySequence(Qt::CTRL | Qt::Key_B), [this] { m_sidebar->setFolded(!m_sidebar->isFolded()); });
    auto* look = view->addMenu(tr("&Appearance"));
    for (const auto& [name, theme] : {std::pair {tr("As the &system"), style::Theme::System}, {tr("&Light"), style::Theme::Light}, {tr("&Dark"), style::Theme::Dark}})
        action(look, name, {}, [this, theme] {
            style::applyTheme(theme);
            m_settings.setValue(QStringLiteral("appearance/theme"), style::themeName(theme));
        });

    auto* data = menuBar()->addMenu(tr("&Data"));
    action(data, tr("All &datasets"), {}, [this] { open(PageId::Datasets, QStringLiteral("list:")); });
    auto* run = menuBar()->addMenu(tr("&Run"));
    action(run, tr("&New run"), QKeySequence::New, [this] { open(PageId::Train); });
    action(run, tr("&All runs"), {}, [this] { open(PageId::Runs, QStringLiteral("list:")); });
    action(run, tr("&Stop the run that trains here"), {}, [this] {
        const QString id = m_jobs.trainingRun();
        if (id.isEmpty())
            toast(tr("No run trains in this window."));
        else
            m_workspace.write([id = bridge::toStd(id)](store::Store& store) { return store.postCommand(id, store::RunCommand::Stop); });
    });
    auto* tools = menuBar()->addMenu(tr("&Tools"));
    action(tools, tr("&Try out a model"), {}, [this] { open(PageId::TryOut); });
    action(tools, tr("&Export a run"), {}, [this] { open(PageId::Export); });
    action(tools, tr("&Settings"), QKeySequence::Preferences, [this] { open(PageId::Settings); });
    auto* help = menuBar()->addMenu(tr("&Help"));
    action(help, tr("&About Attune"), {}, [this] { about(); });
    action(help, tr("About &Qt"), {}, [] { QApplication::aboutQt(); });
}

void MainWindow::about()
{
    QMessageBox::about(this, tr("About Attune"),
        tr("<b>Attune %1</b><p>A studio for fine-tuning language models on your own PC.</p><p>GPL-3.0-or-later. Third-party notices are in "
           "packaging/THIRD_PARTY.md.</p>")
            .arg(QStringLiteral(ATTUNE_VERSION)));
}

void MainWindow::updateTitle()
{
    const QString object = page(m_current)->objectTitle();
    const QString place = Sidebar::tr(pageTable()[static_cast<int>(m_current)].name);
    setWindowTitle(QStringLiteral("%1 — Attune").arg(object.isEmpty() ? place : object));
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
            m_status->setRun(m_run, share, left > 90 ? tr("about %1 min left").arg(qRound(left / 60)) : tr("about %1 s left").arg(qRound(left)));
        } else if (std::holds_alternative<pipeline::RunFinished>(event)) {
            m_run.clear();
            m_status->setRun({}, 0, {});
        }
    }
}

void MainWindow::updateBadges()
{
    m_sidebar->setBadge(PageId::Runs, m_jobs.isTraining() ? QStringLiteral("1") : QString());
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

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!m_isFinishing && m_jobs.isTraining()) {
        QMessageBox box(QMessageBox::Question, tr("Attune"), tr("A run is training in this window."), QMessageBox::NoButton, this);
        box.setInformativeText(tr("Attune saves a checkpoint before it closes; the run can be resumed later."));
        auto* stop = box.addButton(tr("Save and close"), QMessageBox::AcceptRole);
        box.addButton(tr("Keep training"), QMessageBox::RejectRole);
        box.exec();
        if (box.clickedButton() != stop) {
            event->ignore();
            return;
        }
    }
    m_isFinishing = true;
    m_settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    m_settings.setValue(QStringLiteral("window/folded"), m_sidebar->isFolded());
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
