// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/compare_view.h"
#include "pages/pages.h"
#include "pages/run_actions.h"
#include "pages/run_view.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "widgets/table.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;
using widgets::Cell;

namespace {

QString iconOf(store::RunStatus status)
{
    switch (status) {
    case store::RunStatus::Running: return QStringLiteral("play");
    case store::RunStatus::Paused: return QStringLiteral("pause");
    case store::RunStatus::Completed: return QStringLiteral("success");
    case store::RunStatus::Failed: return QStringLiteral("error");
    case store::RunStatus::Interrupted: return QStringLiteral("warning");
    case store::RunStatus::Stopped: return QStringLiteral("stop");
    case store::RunStatus::Queued: break;
    }
    return QStringLiteral("clock");
}

widgets::Tone toneOf(store::RunStatus status)
{
    switch (status) {
    case store::RunStatus::Running: return widgets::Tone::Accent;
    case store::RunStatus::Completed: return widgets::Tone::Success;
    case store::RunStatus::Failed: return widgets::Tone::Danger;
    case store::RunStatus::Interrupted:
    case store::RunStatus::Paused: return widgets::Tone::Warning;
    default: return widgets::Tone::Secondary;
    }
}

widgets::TableRow rowOf(const store::RunRow& run)
{
    const auto number = [](std::optional<double> v) { return v ? Cell {QString::number(*v, 'f', 3), *v} : Cell {QStringLiteral("–"), 1e9}; };
    widgets::TableRow row;
    row.id = toQString(run.id);
    row.isFaded = run.isArchived;
    Cell name {row.id};
    name.dot = run.colour;
    name.isStrong = true;
    Cell status {widgets::StatusChip::word(toQString(store::statusName(run.status)))};
    status.icon = iconOf(run.status);
    status.tone = toneOf(run.status);
    QStringList tags;
    for (const auto& tag : run.tags)
        tags.append(toQString(tag));
    row.cells = {name, status, {toQString(run.model)}, {toQString(run.dataset)}, {toQString(run.method)},
        {QStringLiteral("%1 / %2").arg(bridge::grouped(run.stepsDone), bridge::grouped(run.stepsTotal)), static_cast<qlonglong>(run.stepsDone)},
        number(run.trainLoss), number(run.evalLoss), {run.tokensPerSecond > 0 ? bridge::grouped(qRound64(run.tokensPerSecond)) : QStringLiteral("–"), run.tokensPerSecond},
        {bridge::duration(run.seconds), run.seconds}, {bridge::when(toQString(run.started)), toQString(run.started), widgets::Tone::Secondary},
        {(tags.isEmpty() ? QString() : tags.join(QStringLiteral(", ")) + QStringLiteral("  ")) + toQString(run.notes), {}, widgets::Tone::Secondary}};
    return row;
}

}

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
        m_stack->addWidget(buildList());
        connect(&context.workspace, &bridge::Workspace::changed, this, [this] { refresh(); });
    }

    void activate(const QString& object) override
    {
        if (object == QLatin1String("list:"))
            showList();
        else if (object.contains(QLatin1Char(',')))
            showCompare(object.split(QLatin1Char(',')));
        else if (!object.isEmpty())
            showRun(object);
        refresh();
    }
    QString objectTitle() const override { return m_stack->currentWidget() == m_view ? m_view->run() : QString(); }

private:
    QWidget* buildList()
    {
        auto* page = new QWidget;
        auto* layout = widgets::column();
        page->setLayout(layout);
        auto* header = new widgets::PageHeader(tr("Runs"));
        m_count = widgets::captionLabel({});
        header->addFact(m_count);
        m_filter = new QLineEdit;
        m_filter->setPlaceholderText(tr("Filter runs"));
        m_filter->setClearButtonEnabled(true);
        m_filter->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
        m_filter->setFixedWidth(200);
        m_filter->setAccessibleName(tr("Filter runs"));
        header->addAction(m_filter);
        m_compare = widgets::button(tr("Compare"), widgets::ButtonRole::Secondary, QStringLiteral("compare"));
        m_compare->setEnabled(false);
        m_compare->setToolTip(tr("Select two or more runs with Ctrl or Shift."));
        header->addAction(m_compare);
        m_archived = widgets::button(tr("Show archived"), widgets::ButtonRole::Ghost);
        m_archived->setCheckable(true);
        header->addAction(m_archived);
        auto* add = widgets::button(tr("New run"), widgets::ButtonRole::Primary, QStringLiteral("add"));
        header->addAction(add);
        layout->addWidget(header);
        m_table = new widgets::Table({{tr("Run"), 140}, {tr("Status"), 110}, {tr("Model"), 0}, {tr("Data"), 96}, {tr("Method"), 68}, {tr("Steps"), 110, true},
            {tr("Loss"), 58, true}, {tr("Eval loss"), 72, true}, {tr("Tokens/s"), 72, true}, {tr("Time"), 62, true}, {tr("Started"), 106}, {tr("Notes"), 80}});
        m_table->setMultiSelection(true);
        m_table->setAccessibleName(tr("Runs"));
        m_listStack = new QStackedWidget;
        m_listStack->addWidget(m_table);
        m_empty = new widgets::EmptyState(QStringLiteral("runs"), tr("No run yet. A run fine-tunes a model on a dataset; its curves, samples and files stay here."));
        connect(m_empty->setPrimary(tr("New run")), &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train); });
        m_listStack->addWidget(m_empty);
        layout->addWidget(m_listStack, 1);
        connect(add, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train); });
        connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
            m_table->setFilter(text);
            showCount();
        });
        connect(m_archived, &QPushButton::toggled, this, [this] { fill(); });
        connect(m_table, &widgets::Table::opened, this, [this](const QString& id) { showRun(id); });
        connect(m_table, &widgets::Table::selectionMoved, this, [this] { m_compare->setEnabled(m_table->selectedIds().size() >= 2); });
        connect(m_table, &widgets::Table::menuRequested, this, [this](const QPoint& at) { showMenu(at); });
        connect(m_compare, &QPushButton::clicked, this, [this] { showCompare(m_table->selectedIds()); });
        return page;
    }

    void refresh()
    {
        if (!isVisible())
            return;
        m_context.workspace.query<std::vector<store::RunRow>>(this, [](store::Store& store) { return store.runs(); },
            [this](Result<std::vector<store::RunRow>> runs) {
                if (!runs) {
                    m_empty->setSentence(toQString(runs.error().message + " " + runs.error().hint));
                    m_listStack->setCurrentWidget(m_empty);
                    return;
                }
                m_runs = std::move(*runs);
                fill();
            });
    }

    void fill()
    {
        QList<widgets::TableRow> rows;
        for (const auto& run : m_runs)
            if (!run.isArchived || m_archived->isChecked())
                rows.append(rowOf(run));
        m_table->setRows(rows);
        m_listStack->setCurrentWidget(m_runs.empty() ? static_cast<QWidget*>(m_empty) : m_table);
        showCount();
    }

    void showCount()
    {
        const int shown = m_table->shownRows();
        m_count->setText(m_runs.empty() ? QString() : shown == static_cast<int>(m_runs.size()) ? tr("%1").arg(shown) : tr("%1 of %2").arg(shown).arg(m_runs.size()));
    }

    void showList()
    {
        m_stack->setCurrentIndex(0);
        emit titleChanged();
        refresh();
    }

    void showRun(const QString& id)
    {
        if (!m_view) {
            m_view = new RunView(m_context);
            m_stack->addWidget(m_view);
            connect(m_view, &RunView::backRequested, this, [this] { showList(); });
        }
        m_stack->setCurrentWidget(m_view);
        m_view->show(id);
        emit titleChanged();
    }

    void showCompare(const QStringList& runs)
    {
        if (!m_compareView) {
            m_compareView = new CompareView(m_context);
            m_stack->addWidget(m_compareView);
            connect(m_compareView, &CompareView::backRequested, this, [this] { showList(); });
        }
        m_stack->setCurrentWidget(m_compareView);
        m_compareView->show(runs);
    }

    const store::RunRow* find(const QString& id) const
    {
        for (const auto& run : m_runs)
            if (toQString(run.id) == id)
                return &run;
        return nullptr;
    }

    void annotate(const store::RunRow& run)
    {
        m_context.workspace.write([run](store::Store& store) { return store.annotateRun(run.id, run.notes, run.tags, run.isArchived); });
    }

    void showMenu(const QPoint& at)
    {
        const auto* found = find(m_table->currentId());
        if (!found)
            return;
        store::RunRow run = *found;
        const QString id = toQString(run.id);
        QMenu menu(this);
        menu.addAction(tr("Open"), this, [this, id] { showRun(id); });
        menu.addAction(tr("Try out"), this, [this, id] { m_context.navigator.open(shell::PageId::TryOut, id); });
        menu.addAction(tr("Export…"), this, [this, id] { m_context.navigator.open(shell::PageId::Export, id); });
        menu.addAction(tr("New run from this…"), this, [this, run] { m_context.navigator.open(shell::PageId::Train, QStringLiteral("recipe:") + toQString(run.recipe)); });
        menu.addSeparator();
        menu.addAction(tr("Notes…"), this, [this, run]() mutable {
            bool accepted = false;
            const QString text = QInputDialog::getMultiLineText(this, tr("Notes"), tr("Notes on %1").arg(toQString(run.id)), toQString(run.notes), &accepted);
            run.notes = bridge::toStd(text);
            if (accepted)
                annotate(run);
        });
        menu.addAction(tr("Tags…"), this, [this, run]() mutable {
            QStringList tags;
            for (const auto& tag : run.tags)
                tags.append(toQString(tag));
            bool accepted = false;
            const QString text = QInputDialog::getText(this, tr("Tags"), tr("Tags of %1, parted by commas").arg(toQString(run.id)), QLineEdit::Normal, tags.join(QStringLiteral(", ")), &accepted);
            run.tags.clear();
            for (const auto& tag : text.split(QLatin1Char(','), Qt::SkipEmptyParts))
                run.tags.push_back(bridge::toStd(tag.trimmed()));
            if (accepted)
                annotate(run);
        });
        menu.addAction(run.isArchived ? tr("Take out of the archive") : tr("Archive"), this, [this, run]() mutable {
            run.isArchived = !run.isArchived;
            annotate(run);
        });
        menu.addAction(tr("Copy the folder's path"), this, [run] { QApplication::clipboard()->setText(toQString(run.folder)); });
        menu.addSeparator();
        auto* remove = menu.addAction(tr("Move to trash…"), this, [this, run] { confirmRemove(run); });
        remove->setEnabled(run.status != store::RunStatus::Running && run.status != store::RunStatus::Paused);
        menu.exec(at);
    }

    void confirmRemove(const store::RunRow& run)
    {
        QMessageBox box(QMessageBox::Question, tr("Move to trash"), tr("Move %1 to the workspace's trash?").arg(toQString(run.id)), QMessageBox::NoButton, this);
        box.setInformativeText(tr("Its folder with checkpoints goes to .trash in the workspace; its row leaves the history."));
        auto* yes = box.addButton(tr("Move to trash"), QMessageBox::DestructiveRole);
        box.addButton(QMessageBox::Cancel);
        box.exec();
        if (box.clickedButton() == yes)
            m_context.workspace.write([id = run.id](store::Store& store) { return store.removeRun(id); });
    }

    QStackedWidget *m_stack = nullptr, *m_listStack = nullptr;
    widgets::Table* m_table = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    widgets::Label* m_count = nullptr;
    QLineEdit* m_filter = nullptr;
    QPushButton *m_compare = nullptr, *m_archived = nullptr;
    RunView* m_view = nullptr;
    CompareView* m_compareView = nullptr;
    std::vector<store::RunRow> m_runs;
};

shell::Page* makeRuns(shell::Context& context)
{
    return new RunsPage(context);
}

}
