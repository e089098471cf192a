// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/compare/compare_view.h"
#include "pages/pages.h"
#include "pages/run/run_view.h"
#include "pages/runs/runs_list.h"

#include <QBoxLayout>
#include <QStackedWidget>

namespace attune::pages {

/// The place of runs: their table, one run, several side by side.
class RunsPage final : public shell::Page
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::RunsPage)
public:
    explicit RunsPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        m_stack = new QStackedWidget;
        layout->addWidget(m_stack);
        m_list = new RunsList(context);
        m_stack->addWidget(m_list);
        connect(&context.workspace, &bridge::Workspace::changed, this, [this] { m_list->refresh(); });
        connect(m_list, &RunsList::opened, this, [this](const QString& id) { m_context.navigator.open(shell::PageId::Runs, id); });
        connect(m_list, &RunsList::compareRequested, this, [this](const QStringList& runs) { m_context.navigator.open(shell::PageId::Runs, runs.join(QLatin1Char(','))); });
    }

    /// "list:", a run's id, "id#tab", or ids parted by commas.
    void activate(const QString& object) override
    {
        if (object == QLatin1String("list:"))
            showList();
        else if (object.contains(QLatin1Char(',')))
            showCompare(object.split(QLatin1Char(',')));
        else if (!object.isEmpty())
            showRun(object.section(QLatin1Char('#'), 0, 0), object.section(QLatin1Char('#'), 1));
        m_list->refresh();
    }

    QString objectTitle() const override
    {
        if (m_view && m_stack->currentWidget() == m_view)
            return m_view->title();
        return m_compare && m_stack->currentWidget() == m_compare ? m_compare->title() : QString();
    }

    QString place() const override
    {
        if (m_view && m_stack->currentWidget() == m_view)
            return m_view->run();
        return m_compare && m_stack->currentWidget() == m_compare ? m_compare->runs().join(QLatin1Char(',')) : QStringLiteral("list:");
    }
    QString currentRun() const override { return m_view && m_stack->currentWidget() == m_view ? m_view->run() : QString(); }
    bool isCurrentRunLive() const override { return m_view && m_view->isLive(); }
    void perform(const QString& command) override
    {
        if (command == QLatin1String("compare"))
            compare();
        else if (m_view)
            m_view->perform(command);
    }

private:
    void compare()
    {
        const bool isListed = m_stack->currentWidget() == m_list;
        if (isListed && m_list->selectedRuns().size() > 1)
            return m_context.navigator.open(shell::PageId::Runs, m_list->selectedRuns().join(QLatin1Char(',')));
        if (!isListed)
            m_context.navigator.open(shell::PageId::Runs, QStringLiteral("list:"));
        m_context.navigator.toast(QObject::tr("Select two or more runs with Ctrl or Shift, and compare them then."));
    }

    void showList()
    {
        m_stack->setCurrentWidget(m_list);
        emit titleChanged();
        m_list->refresh();
    }

    void showRun(const QString& id, const QString& tab)
    {
        if (!m_view) {
            m_view = new RunView(m_context);
            m_stack->addWidget(m_view);
            connect(m_view, &RunView::backRequested, this, [this] { m_context.navigator.open(shell::PageId::Runs, QStringLiteral("list:")); });
            connect(m_view, &RunView::titleChanged, this, &RunsPage::titleChanged);
        }
        m_stack->setCurrentWidget(m_view);
        m_view->show(id);
        if (!tab.isEmpty())
            m_view->openTab(tab);
        emit titleChanged();
    }

    void showCompare(const QStringList& runs)
    {
        if (!m_compare) {
            m_compare = new CompareView(m_context);
            m_stack->addWidget(m_compare);
            connect(m_compare, &CompareView::backRequested, this, [this] { m_context.navigator.open(shell::PageId::Runs, QStringLiteral("list:")); });
        }
        m_stack->setCurrentWidget(m_compare);
        m_compare->show(runs);
        emit titleChanged();
    }

    QStackedWidget* m_stack = nullptr;
    RunsList* m_list = nullptr;
    RunView* m_view = nullptr;
    CompareView* m_compare = nullptr;
};

shell::Page* makeRuns(shell::Context& context)
{
    return new RunsPage(context);
}

}
