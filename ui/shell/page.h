// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "bridge/job_controller.h"
#include "bridge/workspace.h"

#include <QSettings>
#include <QWidget>

namespace attune::shell {

enum class PageId { Home, Datasets, Models, Train, Runs, TryOut, Export, Activity, Settings };
constexpr int kPageCount = 9;

/// How pages reach each other: "show this object on that page".
class Navigator
{
public:
    virtual ~Navigator() = default;
    virtual void open(PageId page, const QString& object = {}) = 0;
    /// A short message at the bottom of the page; undo may be empty.
    virtual void toast(const QString& text, const std::function<void()>& undo = {}) = 0;
    /// Files as if dropped on the window: data, recipe, model or adapter folder.
    virtual void openFiles(const QStringList& files) = 0;
};

/// What every page works with; outlives the pages.
struct Context {
    bridge::Workspace& workspace;
    bridge::JobController& jobs;
    Navigator& navigator;
    QSettings& settings;
};

/// One place of the sidebar. Made when it is first opened.
class Page : public QWidget
{
    Q_OBJECT
public:
    explicit Page(Context& context, QWidget* parent = nullptr);
    /// Shows an object of the page (a dataset's name, a run's id); empty: what it showed last.
    virtual void activate(const QString& object) { (void)object; }
    /// For the window's title: "support-bot-4".
    virtual QString objectTitle() const { return {}; }
    /// What activate() needs to come back here; empty: nothing in particular.
    virtual QString place() const { return {}; }
    /// The run that the page is about, for the menu "Run"; empty where it is about none.
    virtual QString currentRun() const { return {}; }
    /// Whether it trains or waits, so that it takes commands.
    virtual bool isCurrentRunLive() const { return false; }
    /// A command of the menus for what is shown: "stop", "resume".
    virtual void perform(const QString& command) { (void)command; }

signals:
    void titleChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    Context& m_context;
};

struct PageInfo {
    PageId id;
    const char* icon;
    const char* name;
    const char* key;
    Page* (*make)(Context&);
};

/// The pages in the order of the sidebar.
const PageInfo* pageTable();

}
