// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/text.h"
#include "pages/job_row.h"
#include "pages/pages.h"
#include "pages/run_actions.h"
#include "style/metrics.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QBoxLayout>
#include <QScrollArea>
#include <QStackedWidget>

#include <tuple>

namespace attune::pages {

using bridge::JobState;
using bridge::toQString;

/// What runs, what waits, what needs a look, what is done, what the runs' safety rules said, and how the last runs ended.
class ActivityPage final : public shell::Page
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::ActivityPage)
public:
    explicit ActivityPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        auto* header = new widgets::PageHeader(tr("Activity"));
        m_clear = widgets::button(tr("Clear done"));
        header->addAction(m_clear);
        layout->addWidget(header);
        auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
        auto* column = widgets::column(style::kSpace2);
        column->setContentsMargins(16, 12, 16, 16);
        content->setLayout(column);
        for (const auto& name : {tr("Running"), tr("Waiting"), tr("Needs attention"), tr("Done"), tr("Alerts"), tr("Runs that ended")}) {
            auto* panel = new widgets::Panel(name);
            panel->body()->setAlignment(Qt::AlignTop);  // the last one is taller than its lines
            m_panels.append(panel);
            column->addWidget(panel);
            panel->hide();
        }
        m_column = column;
        auto* scroll = new QScrollArea;
        scroll->setWidget(content);
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        m_stack = new QStackedWidget;
        m_stack->addWidget(scroll);
        auto* empty = new widgets::EmptyState(QStringLiteral("activity"), tr("Nothing runs and nothing has been done in this window yet. Imports, runs, questions and exports are listed here, with their errors in full."));
        connect(empty->setPrimary(tr("New run")), &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Train); });
        m_stack->addWidget(empty);
        layout->addWidget(m_stack, 1);
        connect(&context.jobs, &bridge::JobController::jobsChanged, this, [this] { fill(); });
        connect(&context.workspace, &bridge::Workspace::changed, this, [this] { loadRuns(); });
        connect(m_clear, &QPushButton::clicked, this, [this] { m_context.jobs.clearFinished(); });
    }

    void activate(const QString&) override
    {
        loadRuns();
        fill();
    }

private:
    enum Section { Running, Waiting, Attention, Done, Alerts, Ended, Sections };
    static constexpr int kMostEnded = 12;

    /// Runs that other programs train, those that were cut off, and the newest alerts.
    void loadRuns()
    {
        if (!isVisible())
            return;
        struct Answer { std::vector<store::RunRow> runs; std::vector<std::pair<std::string, store::RunEvent>> alerts; };
        m_context.workspace.query<Answer>(this,
            [](store::Store& store) -> Result<Answer> {
                Answer answer;
                ATTUNE_TRY(answer.runs, store.runs());
                for (std::size_t i = 0; i < answer.runs.size() && i < 20; ++i) {
                    ATTUNE_TRY(const auto events, store.events(answer.runs[i].id));
                    for (const auto& event : events)
                        if (event.kind == "alert")
                            answer.alerts.emplace_back(answer.runs[i].id, event);
                }
                std::sort(answer.alerts.begin(), answer.alerts.end(), [](const auto& a, const auto& b) { return a.second.time > b.second.time; });
                if (answer.alerts.size() > 12)
                    answer.alerts.resize(12);
                return answer;
            },
            [this](Result<Answer> answer) {
                if (!answer)
                    return;
                m_runs = std::move(answer->runs);
                m_alerts = std::move(answer->alerts);
                fill();
            });
    }

    /// Its job is listed already.
    bool hasFailedHere(const QString& run) const
    {
        const auto jobs = m_context.jobs.jobs();
        return std::any_of(jobs.begin(), jobs.end(), [&run](const auto& job) { return job.state == JobState::Failed && job.run == run; });
    }

    JobLine lineOf(const bridge::JobInfo& job) const
    {
        JobLine line;
        line.key = QStringLiteral("job:%1").arg(job.id);
        line.name = job.run.isEmpty() ? job.title : job.run;
        const QDateTime end = job.state == JobState::Running ? QDateTime::currentDateTime() : job.finished;
        line.time = job.state == JobState::Waiting ? QString() : bridge::duration(static_cast<double>(job.started.msecsTo(end)) / 1000);
        switch (job.state) {
        case JobState::Running:
            line.icon = job.isTraining ? QStringLiteral("train") : QStringLiteral("play");
            line.word = job.phase.isEmpty() ? tr("starting") : job.phase;
            line.share = job.total > 0 ? static_cast<double>(job.done) / static_cast<double>(job.total) : -1;
            break;
        case JobState::Waiting:
            line.icon = QStringLiteral("clock");
            line.word = tr("waits for its turn");
            break;
        case JobState::Done:
            line.icon = QStringLiteral("success");
            line.tone = widgets::Tone::Success;
            line.word = job.where.isEmpty() ? tr("done") : job.where;
            break;
        case JobState::Cancelled:
            line.icon = QStringLiteral("stop");
            line.word = tr("cancelled");
            break;
        case JobState::Failed:
            line.icon = QStringLiteral("error");
            line.tone = widgets::Tone::Danger;
            line.word = toQString(job.error.message);
            line.details = toQString(job.error.hint) + (job.error.hint.empty() ? QString() : QStringLiteral("  ")) + toQString(job.error.codeName() + (job.error.where.empty() ? "" : ", " + job.error.where));
        }
        return line;
    }

    void addActions(JobLine& line, const bridge::JobInfo& job)
    {
        const int id = job.id;
        if (job.state == JobState::Running && !job.run.isEmpty()) {
            line.actions.append({tr("Open"), [this, run = job.run] { m_context.navigator.open(shell::PageId::Runs, run); }});
            line.actions.append({tr("Stop…"), [this, run = job.run] {
                m_context.navigator.open(shell::PageId::Runs, run);
                m_context.workspace.write([id = bridge::toStd(run)](store::Store& store) { return store.postCommand(id, store::RunCommand::Stop); });
                m_context.navigator.toast(tr("The run stops after this step."));
            }});
        } else if (job.state == JobState::Running) {
            line.actions.append({tr("Cancel"), [this, id] { m_context.jobs.cancel(id); }});
        } else if (job.state == JobState::Waiting) {
            line.actions.append({tr("Start first"), [this, id] { m_context.jobs.moveToFront(id); }});
            line.actions.append({tr("Remove"), [this, id] { m_context.jobs.cancel(id); }});
        } else if (job.state == JobState::Failed && job.error.code == ErrorCode::ModelMissing) {
            line.actions.append({tr("Show models"), [this] { m_context.navigator.open(shell::PageId::Models); }});
        } else if (job.state == JobState::Failed && (job.error.code == ErrorCode::SourceChanged || job.error.code == ErrorCode::DatasetMissing)) {
            line.actions.append({tr("Show datasets"), [this] { m_context.navigator.open(shell::PageId::Datasets); }});
        } else if ((job.state == JobState::Done || job.state == JobState::Failed) && !job.run.isEmpty()) {
            line.actions.append({tr("Open"), [this, run = job.run] { m_context.navigator.open(shell::PageId::Runs, run); }});
        }
    }

    QList<JobLine> linesOf(Section section)
    {
        QList<JobLine> lines;
        for (const auto& job : m_context.jobs.jobs()) {
            const auto own = job.state == JobState::Running ? Running : job.state == JobState::Waiting ? Waiting : job.state == JobState::Failed ? Attention : Done;
            if (own != section)
                continue;
            auto line = lineOf(job);
            addActions(line, job);
            lines.append(line);
        }
        for (const auto& run : m_runs) {
            const QString id = toQString(run.id);
            const bool isElsewhere = (run.status == store::RunStatus::Running || run.status == store::RunStatus::Paused) && id != m_context.jobs.trainingRun();
            if (section == Running && isElsewhere) {
                JobLine line {QStringLiteral("run:") + id, QStringLiteral("train"), id, run.status == store::RunStatus::Paused ? tr("paused, in another program") : tr("training in another program")};
                line.share = run.stepsTotal > 0 ? static_cast<double>(run.stepsDone) / static_cast<double>(run.stepsTotal) : -1;
                line.time = bridge::duration(run.seconds);
                line.actions.append({tr("Open"), [this, id] { m_context.navigator.open(shell::PageId::Runs, id); }});
                lines.append(line);
            } else if (section == Attention && needsAttention(run, m_runs) && !hasFailedHere(id)) {
                JobLine line {QStringLiteral("run:") + id, QStringLiteral("warning"), id, tr("ended unexpectedly at step %1 of %2").arg(bridge::grouped(run.stepsDone), bridge::grouped(run.stepsTotal))};
                line.tone = widgets::Tone::Warning;
                if (run.status == store::RunStatus::Failed)
                    std::tie(line.icon, line.tone, line.word) = std::tuple(QStringLiteral("error"), widgets::Tone::Danger, toQString(run.error));
                line.actions.append({tr("Show"), [this, id] { m_context.navigator.open(shell::PageId::Runs, id); }});
                lines.append(line);
            }
        }
        if (section == Alerts)
            for (const auto& [run, event] : m_alerts) {
                JobLine line {QStringLiteral("alert:%1").arg(event.rowId), QStringLiteral("warning"), toQString(run), toQString(event.data.value("title", "") + ". " + event.data.value("evidence", ""))};
                line.tone = widgets::Tone::Warning;
                line.time = bridge::when(toQString(event.time));
                line.actions.append({tr("Show"), [this, id = toQString(run)] { m_context.navigator.open(shell::PageId::Runs, id); }});
                lines.append(line);
            }
        if (section == Ended)
            addEnded(lines);
        return lines;
    }

    /// Of the history, whichever program trained them: also after the window was closed.
    void addEnded(QList<JobLine>& lines)
    {
        for (const auto& run : m_runs) {
            using store::RunStatus;
            const bool hasEnded = run.status == RunStatus::Completed || run.status == RunStatus::Stopped || run.status == RunStatus::Failed;
            if (!hasEnded || run.isArchived || needsAttention(run, m_runs) || lines.size() == kMostEnded)
                continue;
            const QString id = toQString(run.id);
            JobLine line {QStringLiteral("ended:") + id, QStringLiteral("success"), id, tr("completed after %n step(s)", nullptr, static_cast<int>(run.stepsDone))};
            line.tone = widgets::Tone::Success;
            if (run.evalLoss)
                line.word += tr(", eval loss %1").arg(bridge::decimal(*run.evalLoss, 3));
            if (run.status == RunStatus::Stopped)
                std::tie(line.icon, line.tone, line.word) = std::tuple(QStringLiteral("stop"), widgets::Tone::Secondary, tr("stopped at step %1 of %2").arg(bridge::grouped(run.stepsDone), bridge::grouped(run.stepsTotal)));
            else if (run.status == RunStatus::Failed)
                std::tie(line.icon, line.tone, line.word) = std::tuple(QStringLiteral("error"), widgets::Tone::Danger, toQString(run.error));
            line.time = bridge::when(toQString(run.finished.empty() ? run.started : run.finished));
            line.actions.append({tr("Show"), [this, id] { m_context.navigator.open(shell::PageId::Runs, id); }});
            lines.append(line);
        }
    }

    void fill()
    {
        if (!isVisible())
            return;
        qsizetype all = 0, done = 0;
        for (int section = 0; section < Sections; ++section) {
            auto lines = linesOf(static_cast<Section>(section));
            if (section == Running && !lines.isEmpty())
                lines.first().isPrimary = true;
            updateRows(m_panels[section], section == Running && lines.isEmpty() ? QList<JobLine> {idleLine()} : lines);
            m_panels[section]->setVisible(section == Running || !lines.isEmpty());
            m_panels[section]->setCaption(lines.isEmpty() ? QString() : QString::number(lines.size()));
            all += lines.size();
            done += section == Done || section == Attention ? lines.size() : 0;
        }
        fillHeight();
        m_stack->setCurrentIndex(all > 0 ? 0 : 1);
        m_clear->setEnabled(done > 0);
        m_clear->setToolTip(done > 0 ? QString() : tr("Nothing in this window is done yet."));
    }

    /// The first panel is there also while nothing runs: it is what one looks for.
    JobLine idleLine() const
    {
        JobLine line {QStringLiteral("idle"), QStringLiteral("clock"), tr("Nothing is running"), tr("Imports, runs, questions and exports are listed while they work.")};
        line.actions.append({tr("New run"), [this] { m_context.navigator.open(shell::PageId::Train); }});
        line.isPrimary = true;
        return line;
    }

    /// The last panel reaches to the end of the page.
    void fillHeight()
    {
        int last = Running;
        for (int section = 0; section < Sections; ++section) {
            last = m_panels[section]->isHidden() ? last : section;
            m_column->setStretchFactor(m_panels[section], 0);
        }
        m_column->setStretchFactor(m_panels[last], 1);
    }

    /// Rows are kept where the same things are listed, so that a button under the pointer stays.
    static void updateRows(widgets::Panel* panel, const QList<JobLine>& lines)
    {
        auto* body = panel->body();
        while (body->count() > lines.size()) {
            auto* item = body->takeAt(body->count() - 1);
            item->widget()->hide();
            item->widget()->deleteLater();
            delete item;
        }
        for (qsizetype i = 0; i < lines.size(); ++i) {
            auto* row = i < body->count() ? static_cast<JobRow*>(body->itemAt(static_cast<int>(i))->widget()) : nullptr;
            if (!row) {
                row = new JobRow;
                body->addWidget(row);
            }
            row->setLine(lines[i]);
        }
    }

    QList<widgets::Panel*> m_panels;
    QVBoxLayout* m_column = nullptr;
    QStackedWidget* m_stack = nullptr;
    QPushButton* m_clear = nullptr;
    std::vector<store::RunRow> m_runs;
    std::vector<std::pair<std::string, store::RunEvent>> m_alerts;
};

shell::Page* makeActivity(shell::Context& context)
{
    return new ActivityPage(context);
}

}
