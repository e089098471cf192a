// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/pages.h"
#include "style/metrics.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QBoxLayout>
#include <QStackedWidget>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

/// What this window is doing and has done: jobs with progress, results and errors in full.
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
        m_stop = widgets::button(tr("Cancel the job"), widgets::ButtonRole::Danger);
        header->addAction(m_stop);
        layout->addWidget(header);
        m_table = new widgets::Table({{tr("Job"), 280}, {tr("State"), 120}, {tr("Progress"), 0}, {tr("Started"), 90, true}, {tr("Took"), 90, true}});
        m_table->setAccessibleName(tr("Jobs"));
        m_table->setSortingEnabled(false);
        m_list = new QStackedWidget;
        m_list->addWidget(m_table);
        m_list->addWidget(new widgets::EmptyState(QStringLiteral("activity"), tr("Nothing has been done in this window yet. Imports, runs, questions and exports are listed here with their errors in full.")));
        layout->addWidget(m_list, 1);
        m_details = widgets::wrappedLabel({}, Tone::Text);
        m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_details->setContentsMargins(16, 10, 16, 12);
        layout->addWidget(new widgets::Hairline);
        layout->addWidget(m_details);
        connect(&context.jobs, &bridge::JobController::jobsChanged, this, [this] { fill(); });
        connect(m_table, &widgets::Table::selectionMoved, this, [this] { showDetails(); });
        connect(m_stop, &QPushButton::clicked, this, [this] { m_context.jobs.cancel(m_table->currentId().toInt()); });
    }
    void activate(const QString&) override { fill(); }

private:
    void fill()
    {
        if (!isVisible())
            return;
        m_jobs = m_context.jobs.jobs();
        QList<widgets::TableRow> rows;
        for (const auto& job : m_jobs) {
            using bridge::JobState;
            widgets::Cell name {job.title}, state;
            name.isStrong = true;
            state.text = job.state == JobState::Running ? tr("running") : job.state == JobState::Done ? tr("done") : job.state == JobState::Cancelled ? tr("cancelled") : tr("failed");
            state.icon = job.state == JobState::Running ? QStringLiteral("play") : job.state == JobState::Done ? QStringLiteral("success") : job.state == JobState::Cancelled ? QStringLiteral("stop") : QStringLiteral("error");
            state.tone = job.state == JobState::Running ? Tone::Accent : job.state == JobState::Done ? Tone::Success : job.state == JobState::Cancelled ? Tone::Secondary : Tone::Danger;
            const QString progress = job.state == JobState::Failed ? toQString(job.error.message)
                : job.total > 0                                    ? tr("%1: %2 of %3").arg(job.phase, bridge::grouped(job.done), bridge::grouped(job.total))
                                                                   : job.phase;
            const QDateTime end = job.state == JobState::Running ? QDateTime::currentDateTime() : job.finished;
            rows.append({QString::number(job.id), {name, state, {progress, {}, Tone::Secondary}, {job.started.toString(QStringLiteral("HH:mm:ss"))}, {bridge::duration(static_cast<double>(job.started.msecsTo(end)) / 1000)}}});
        }
        m_table->setRows(rows);
        m_list->setCurrentIndex(rows.isEmpty() ? 1 : 0);
        showDetails();
    }

    void showDetails()
    {
        const int id = m_table->currentId().toInt();
        QString text;
        bool running = false;
        for (const auto& job : m_jobs) {
            if (job.id != id)
                continue;
            running = job.state == bridge::JobState::Running;
            if (job.state == bridge::JobState::Failed)
                text = toQString(job.error.message) + QLatin1Char('\n') + toQString(job.error.hint) + QLatin1Char('\n') + toQString(job.error.codeName() + (job.error.where.empty() ? "" : ", " + job.error.where));
        }
        m_stop->setEnabled(running);
        m_details->setText(text);
        m_details->setVisible(!text.isEmpty());
    }

    widgets::Table* m_table = nullptr;
    QStackedWidget* m_list = nullptr;
    widgets::Label* m_details = nullptr;
    QPushButton* m_stop = nullptr;
    std::vector<bridge::JobInfo> m_jobs;
};

shell::Page* makeActivity(shell::Context& context)
{
    return new ActivityPage(context);
}

}
