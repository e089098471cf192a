// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/main_menu.h"

#include "shell/diagnostics.h"
#include "shell/sidebar.h"
#include "style/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QUrl>

namespace attune::shell {

MainMenu::MainMenu(Context& context, QMenuBar* bar, QWidget* window, WindowActions actions)
    : QObject(window)
    , m_context(context)
    , m_bar(bar)
    , m_window(window)
    , m_actions(std::move(actions))
{
    addFile();
    addEdit();
    addView();
    addData();
    addRun();
    addTools();
    addHelp();
    update();
    enableShortcuts();
}

QMenu* MainMenu::menu(const QString& name)
{
    auto* made = m_bar->addMenu(name);
    made->setToolTipsVisible(true);
    connect(made, &QMenu::aboutToShow, this, &MainMenu::update);
    connect(made, &QMenu::aboutToHide, this, &MainMenu::enableShortcuts);
    return made;
}

QAction* MainMenu::add(QMenu* menu, const QString& text, const char* icon, const QKeySequence& key, const std::function<void()>& run, const std::function<QString()>& reason)
{
    auto* made = menu->addAction(text);
    made->setShortcut(key);
    made->setProperty("icon-name", QLatin1String(icon));
    if (reason)
        m_rules.append({made, reason});
    // A shortcut is pressed without the menu being opened: what holds now decides.
    connect(made, &QAction::triggered, this, [this, run, reason] {
        const QString why = reason ? reason() : QString();
        why.isEmpty() ? run() : m_context.navigator.toast(why);
    });
    return made;
}

void MainMenu::update()
{
    for (const auto& rule : m_rules) {
        const QString reason = rule.reason();
        rule.action->setEnabled(reason.isEmpty());
        rule.action->setProperty("reason", reason);
        rule.action->setToolTip(reason);
    }
}

/// A disabled action takes no shortcut, and the key would do nothing without a word: between the menus they are all enabled.
void MainMenu::enableShortcuts()
{
    for (const auto& rule : m_rules)
        if (!rule.action->shortcut().isEmpty())
            rule.action->setEnabled(true);
}

void MainMenu::addFile()
{
    auto* file = menu(tr("&File"));
    add(file, tr("&Add data…"), "dataset", QKeySequence::Open, [this] {
        const auto files = QFileDialog::getOpenFileNames(m_window, tr("Add data"), {}, tr("Data (*.jsonl *.json *.csv *.tsv *.parquet *.txt *.md *.gz *.zst);;All files (*)"));
        if (!files.isEmpty())
            m_context.navigator.openFiles(files);
    });
    add(file, tr("Add &model…"), "model", QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O), [this] {
        const auto path = QFileDialog::getOpenFileName(m_window, tr("Add a model"), {}, tr("GGUF models (*.gguf);;All files (*)"));
        if (!path.isEmpty())
            m_context.navigator.openFiles({path});
    });
    add(file, tr("Add a model f&older…"), "folder", {}, [this] {
        const auto path = QFileDialog::getExistingDirectory(m_window, tr("Add a model folder"));
        if (!path.isEmpty())
            m_context.navigator.open(PageId::Models, QStringLiteral("add:") + path);
    });
    add(file, tr("Open &recipe…"), "train", {}, [this] {
        const auto path = QFileDialog::getOpenFileName(m_window, tr("Open a recipe"), {}, tr("Recipes (*.yaml *.yml *.json)"));
        if (!path.isEmpty())
            m_context.navigator.openFiles({path});
    });
    add(file, tr("&Save recipe…"), "save", QKeySequence::Save, [this] { m_actions.shownPage()->perform(QStringLiteral("save-recipe")); },
        [this] { return m_actions.shownId() == PageId::Train ? QString() : tr("A recipe is saved on the page Train."); });
    file->addSeparator();
    add(file, tr("Open &workspace folder"), "folder", {}, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_context.workspace.path())); });
    file->addSeparator();
    add(file, tr("&Quit"), "close", QKeySequence::Quit, m_actions.quit);
}

void MainMenu::addEdit()
{
    auto* edit = menu(tr("&Edit"));
    // The widget with the focus, else the part of the page around it that knows what to do: the rows of a dataset undo steps.
    const auto toFocus = [](const char* slot) {
        return [slot] {
            for (auto* widget = QApplication::focusWidget(); widget; widget = widget->parentWidget()) {
                if (widget->metaObject()->indexOfMethod((QByteArray(slot) + "()").constData()) >= 0) {
                    QMetaObject::invokeMethod(widget, slot);
                    return;
                }
            }
        };
    };
    add(edit, tr("&Undo"), "undo", QKeySequence::Undo, toFocus("undo"));
    add(edit, tr("&Redo"), "reset", QKeySequence::Redo, toFocus("redo"));
    edit->addSeparator();
    add(edit, tr("Cu&t"), "cut", QKeySequence::Cut, toFocus("cut"));
    add(edit, tr("&Copy"), "copy", QKeySequence::Copy, toFocus("copy"));
    add(edit, tr("&Paste"), "notes", QKeySequence::Paste, toFocus("paste"));
    add(edit, tr("Select &all"), "check", QKeySequence::SelectAll, toFocus("selectAll"));
    edit->addSeparator();
    add(edit, tr("&Find on this page"), "search", QKeySequence::Find,
        [this] {
            finder()->setFocus(Qt::ShortcutFocusReason);
            finder()->selectAll();
        },
        [this] { return finder() ? QString() : tr("There is nothing to look for on this page."); });
}

/// The field of the page that finds or filters what it shows; pages mark it by the property "find".
QLineEdit* MainMenu::finder() const
{
    for (auto* edit : m_actions.shownPage()->findChildren<QLineEdit*>())
        if (edit->isVisible() && edit->isEnabled() && edit->property("find").toBool())
            return edit;
    return nullptr;
}

/// A name with the first of its letters as mnemonic that no other has yet.
QString MainMenu::withMnemonic(const QString& name, QString& taken)
{
    for (qsizetype i = 0; i < name.size(); ++i)
        if (name[i].isLetter() && !taken.contains(name[i], Qt::CaseInsensitive)) {
            taken += name[i];
            return name.left(i) + QLatin1Char('&') + name.mid(i);
        }
    return name;
}

void MainMenu::addView()
{
    auto* view = menu(tr("&View"));
    add(view, tr("&Back"), "left", QKeySequence(Qt::ALT | Qt::Key_Left), m_actions.back, [this] { return m_actions.canGoBack() ? QString() : tr("This is the first page."); });
    add(view, tr("For&ward"), "right", QKeySequence(Qt::ALT | Qt::Key_Right), m_actions.forward, [this] { return m_actions.canGoForward() ? QString() : tr("There is no page after this one."); });
    view->addSeparator();
    QString taken = QStringLiteral("bwfa");  // of the other lines
    for (int i = 0; i < kPageCount; ++i) {
        const auto& info = pageTable()[i];
        if (info.id == PageId::Activity)
            view->addSeparator();
        add(view, withMnemonic(Sidebar::tr(info.name), taken), info.icon, QKeySequence(QLatin1String(info.key)), [this, id = info.id] { m_context.navigator.open(id); });
    }
    view->addSeparator();
    add(view, tr("&Fold the sidebar"), "sidebar", QKeySequence(Qt::CTRL | Qt::Key_B), m_actions.foldSidebar);
    auto* look = view->addMenu(tr("&Appearance"));
    for (const auto& [name, theme] : {std::pair {tr("As the &system"), style::Theme::System}, {tr("&Light"), style::Theme::Light}, {tr("&Dark"), style::Theme::Dark}})
        add(look, name, "sun", {}, [this, theme] {
            style::applyTheme(theme);
            m_context.settings.setValue(QStringLiteral("appearance/theme"), style::themeName(theme));
        });
}

void MainMenu::addData()
{
    auto* data = menu(tr("&Data"));
    add(data, tr("All &datasets"), "dataset", {}, [this] { m_context.navigator.open(PageId::Datasets, QStringLiteral("list:")); });
    add(data, tr("&Add a dataset…"), "add", {}, [this] { m_context.navigator.open(PageId::Datasets, QStringLiteral("choose:")); });
    add(data, tr("All &models"), "model", {}, [this] { m_context.navigator.open(PageId::Models); });
}

void MainMenu::post(store::RunCommand command, const QString& said)
{
    const QString run = m_actions.currentRun();
    m_context.workspace.write([id = bridge::toStd(run), command](store::Store& store) { return store.postCommand(id, command); });
    m_context.navigator.toast(said.arg(run));
}

void MainMenu::addRun()
{
    auto* run = menu(tr("&Run"));
    const auto none = [this] { return m_actions.currentRun().isEmpty() ? tr("No run is shown and none trains here.") : QString(); };
    const auto ended = [this, none] { return !none().isEmpty() || m_actions.isRunLive() ? none() : tr("%1 is not running.").arg(m_actions.currentRun()); };
    add(run, tr("&New run"), "train", QKeySequence::New, [this] { m_context.navigator.open(PageId::Train); });
    add(run, tr("&All runs"), "runs", {}, [this] { m_context.navigator.open(PageId::Runs, QStringLiteral("list:")); });
    add(run, tr("Start t&raining"), "play", QKeySequence(Qt::CTRL | Qt::Key_Return), [this] { m_actions.shownPage()->perform(QStringLiteral("start")); },
        [this] { return m_actions.shownId() == PageId::Train ? QString() : tr("A run is set up and started on the page Train."); });
    add(run, tr("Co&mpare runs"), "compare", QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D), [this] {
        if (m_actions.shownId() != PageId::Runs)
            m_context.navigator.open(PageId::Runs, QStringLiteral("list:"));
        m_actions.shownPage()->perform(QStringLiteral("compare"));
    });
    run->addSeparator();
    add(run, tr("S&how the run"), "runs", {}, [this] { m_context.navigator.open(PageId::Runs, m_actions.currentRun()); }, none);
    add(run, tr("&Pause"), "pause", {}, [this] { post(store::RunCommand::Pause, tr("%1 pauses after this step.")); }, ended);
    add(run, tr("R&esume"), "play", {}, [this] { m_actions.perform(QStringLiteral("resume")); }, none);
    add(run, tr("&Sample now"), "sample", {}, [this] { post(store::RunCommand::Sample, tr("%1 answers its prompts after this step.")); }, ended);
    add(run, tr("E&valuate now"), "check", {}, [this] { post(store::RunCommand::Evaluate, tr("%1 is evaluated after this step.")); }, ended);
    add(run, tr("Save &checkpoint"), "save", {}, [this] { post(store::RunCommand::Save, tr("%1 saves a checkpoint after this step.")); }, ended);
    add(run, tr("S&top…"), "stop", QKeySequence(Qt::CTRL | Qt::Key_Period), [this] { m_actions.perform(QStringLiteral("stop")); }, ended);
    run->addSeparator();
    add(run, tr("Try &it out"), "tryout", {}, [this] { m_context.navigator.open(PageId::TryOut, m_actions.currentRun()); }, none);
    add(run, tr("E&xport it…"), "export", QKeySequence(Qt::CTRL | Qt::Key_E), [this] { m_context.navigator.open(PageId::Export, m_actions.currentRun()); }, none);
}

void MainMenu::addTools()
{
    auto* tools = menu(tr("&Tools"));
    add(tools, tr("Command &palette…"), "search", QKeySequence(Qt::CTRL | Qt::Key_K), m_actions.palette);
    tools->addSeparator();
    add(tools, tr("&Try out a model"), "tryout", {}, [this] { m_context.navigator.open(PageId::TryOut); });
    add(tools, tr("&Export a run"), "export", {}, [this] { m_context.navigator.open(PageId::Export); });
    add(tools, tr("&Check this computer"), "shield", {}, [this] { m_context.navigator.open(PageId::Home, QStringLiteral("check:")); });
    tools->addSeparator();
    add(tools, tr("&Settings"), "settings", QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] { m_context.navigator.open(PageId::Settings); });
}

void MainMenu::addHelp()
{
    auto* help = menu(tr("&Help"));
    auto* keys = add(help, tr("&Keyboard shortcuts"), "help", QKeySequence::HelpContents, [this] { m_context.navigator.open(PageId::Settings, QStringLiteral("shortcuts")); });
    keys->setShortcuts({QKeySequence(QKeySequence::HelpContents), QKeySequence(Qt::CTRL | Qt::Key_Slash)});
    add(help, tr("&Copy diagnostics"), "copy", QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), [this] {
        bridge::compute<QString>(m_window, [path = m_context.workspace.stdPath()] { return diagnostics(path); }, [this](const QString& text) {
            QApplication::clipboard()->setText(text);
            m_context.navigator.toast(tr("Diagnostics are on the clipboard: versions, this computer and the end of the log, without your data."));
        });
    });
    help->addSeparator();
    add(help, tr("&About Attune"), "info", {}, [this] { about(); });
    add(help, tr("About &Qt"), "info", {}, [] { QApplication::aboutQt(); });
}

void MainMenu::about()
{
    QMessageBox::about(m_window, tr("About Attune"),
        tr("<b>Attune %1</b><p>A studio for fine-tuning language models on your own PC.</p><p>GPL-3.0-or-later. Third-party notices are in "
           "packaging/THIRD_PARTY.md.</p>")
            .arg(QStringLiteral(ATTUNE_VERSION)));
}

}
