// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "bridge/sleep_inhibitor.h"
#include "shell/page.h"

#include <QMainWindow>
#include <QStackedWidget>

#include <array>

namespace attune::shell {

class CommandPalette;
class MainMenu;
class Sidebar;
class StatusBar;

/// The window: menu bar, sidebar, the pages, the status bar. It creates pages and connects them, no more.
class MainWindow : public QMainWindow, public Navigator
{
    Q_OBJECT
public:
    MainWindow(const QString& workspace, QSettings& settings);
    ~MainWindow() override;

    void open(PageId page, const QString& object = {}) override;
    void toast(const QString& text, const std::function<void()>& undo = {}) override;
    void openFiles(const QStringList& files) override;
    using QMainWindow::show;

    /// Paints every page into DIR/<page>-<theme>.png; for documentation and tests.
    void screenshotPages(const QString& folder, const QString& suffix);
    /// Ends without asking; a run that trains here saves a checkpoint first.
    void finish();
    Page* page(PageId id);
    Context& context() { return m_context; }

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildMenu();
    void show(PageId page, const QString& object);
    void rememberPlace();
    void go(int by);
    void shootObjects(const QString& folder, const QString& suffix);
    bool askAboutRun();
    void showAgain();
    void shootDataset(const QString& folder, const QString& suffix);
    void updateTitle();
    static QString leftWords(double seconds);
    void showOtherRun();
    void updateRunLine(const std::vector<pipeline::Event>& events);
    void updateBadges();

    QSettings& m_settings;
    bridge::Workspace m_workspace;
    bridge::JobController m_jobs;
    bridge::SleepInhibitor m_sleepInhibitor {m_jobs};
    Context m_context;
    Sidebar* m_sidebar = nullptr;
    QStackedWidget* m_stack = nullptr;
    StatusBar* m_status = nullptr;
    std::array<Page*, kPageCount> m_pages {};
    MainMenu* m_menu = nullptr;
    CommandPalette* m_palette = nullptr;
    PageId m_current = PageId::Home;
    QList<std::pair<PageId, QString>> m_history;  ///< pages in the order they were opened, for Back and Forward
    qsizetype m_at = -1;
    QString m_run;
    qint64 m_stepsTotal = 0;
    int m_otherRuns = 0;  ///< that train in other processes
    QWidget* m_toast = nullptr;
    bool m_isFinishing = false, m_isBackground = false;
};

}
