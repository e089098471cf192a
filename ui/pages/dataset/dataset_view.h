// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/dataset_facts.h"
#include "pages/dataset/dataset_tab.h"
#include "widgets/page_header.h"

#include <QComboBox>
#include <QTabBar>

class QStackedWidget;

namespace attune::pages {

class RowsTab;
class SourceBar;

/// The page of one dataset: its name, version and size, what can be done with it, and its tabs. It owns which version
/// is shown; every change is a new version, made in a job, and can be undone.
class DatasetView : public QWidget
{
    Q_OBJECT
public:
    explicit DatasetView(shell::Context& context, QWidget* parent = nullptr);
    /// version 0: the newest.
    void show(const QString& name, int version = 0);
    void showTab(const QString& id);
    /// Asks for steps of another dataset or of a file, and adds them.
    void applySteps();
    const QString& name() const { return m_name; }
    const OpenedPtr& opened() const { return m_opened; }

signals:
    void backRequested();
    /// The dataset's files, or what took their place, are to become its next version.
    void importWanted(const QStringList& paths);

private:
    void buildHeader();
    void buildTabs();
    RowsTab* rowsTab() const;
    void connectTab(DatasetTab* tab, int index);
    void forget();
    void take(Result<OpenedPtr> opened);
    void showFacts();
    void fillVersions();
    void changeSteps(const std::vector<cleaner::Step>& steps, const QString& done);
    void undo();
    void exportRows();
    void showMenu();
    void setBadge(int tab, int count);
    void choosePrimary();

    shell::Context& m_context;
    QString m_name;
    OpenedPtr m_opened;
    DatasetFacts* m_counted = nullptr;
    widgets::PageHeader* m_header = nullptr;
    QComboBox* m_version = nullptr;
    widgets::Label* m_facts = nullptr;
    QPushButton *m_train = nullptr, *m_export = nullptr;
    QToolButton* m_more = nullptr;
    SourceBar* m_source = nullptr;
    QTabBar* m_tabs = nullptr;
    QStackedWidget* m_stack = nullptr;
    std::vector<DatasetTab*> m_pages;
    int m_request = 0;       ///< answers to earlier requests are dropped
    bool m_isChanging = false, m_wantsSteps = false;
};

}
