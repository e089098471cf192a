// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/runs/runs_chart.h"

#include "style/metrics.h"

#include <QBoxLayout>

#include <utility>

namespace attune::pages {

RunsChart::RunsChart(shell::Context& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    auto* layout = widgets::column(style::kSpace1);
    layout->setContentsMargins(16, 4, 16, 8);
    setLayout(layout);
    auto* line = widgets::row(style::kSpace2);
    m_note = widgets::captionLabel({});
    line->addWidget(m_note);
    line->addStretch(1);
    m_controls = new plots::ChartControls(context.settings, QStringLiteral("runs"), plots::XAxis::Tokens);
    line->addWidget(m_controls);
    layout->addLayout(line);
    m_panel = new plots::CurvePanel(tr("loss"), {});
    m_panel->setPaired(true);
    m_panel->setLegendVisible(true);
    m_panel->setEmptyText(tr("None of these runs has finished a step."));
    m_panel->setMinimumHeight(style::scaled(130));
    layout->addWidget(m_panel, 1);
    m_group.add(m_panel, false, true);
    m_group.apply(m_controls->view());
    connect(m_controls, &plots::ChartControls::changed, this, [this](const plots::ChartView& view) {
        m_group.clear();
        m_group.apply(view);
        fill();
    });
}

void RunsChart::setRuns(const QStringList& runs)
{
    m_runs = runs;
    m_note->setText(tr("%n run(s) shown in the chart", nullptr, static_cast<int>(runs.size())));
    setVisible(!runs.isEmpty());
    std::erase_if(m_data, [&](const auto& one) { return !runs.contains(one.first); });
    load();
    fill();
}

void RunsChart::load()
{
    if (m_isAsking) {
        m_askAgain = true;
        return;
    }
    if (m_runs.isEmpty())
        return;
    struct Question { QString id; std::int64_t metric, event; };
    std::vector<Question> questions;
    for (const auto& id : m_runs) {
        const auto it = m_data.find(id);
        if (it == m_data.end())
            questions.push_back({id, 0, 0});
        else if (it->second.isLive())
            questions.push_back({id, it->second.lastMetric, it->second.lastEvent});
    }
    if (questions.empty())
        return;
    m_isAsking = true;
    using Answer = std::vector<std::pair<QString, RunNews>>;
    m_context.workspace.query<Answer>(this,
        [questions](store::Store& store) -> Result<Answer> {
            Answer answer;
            for (const auto& question : questions)
                if (auto news = RunData::ask(store, bridge::toStd(question.id), question.metric, question.event))
                    answer.emplace_back(question.id, std::move(*news));
            return answer;
        },
        [this](Result<Answer> answer) {
            m_isAsking = false;
            // A run that came while the others were asked for.
            if (std::exchange(m_askAgain, false))
                load();
            if (!answer)
                return;
            for (auto& [id, news] : *answer)
                if (m_runs.contains(id))
                    m_data[id].take(std::move(news));
            fill();
        });
}

void RunsChart::fill()
{
    const auto axis = m_controls->view().axis;
    QList<plots::Curve> curves;
    for (const auto& id : m_runs) {
        const auto it = m_data.find(id);
        if (it == m_data.end())
            continue;
        for (const bool isEval : {false, true})
            if (const QString key = isEval ? QStringLiteral("eval/loss") : QStringLiteral("train/loss"); it->second.has(key))
                curves.append({id, it->second.row.colour, isEval, it->second.series(key).points(axis)});
    }
    m_panel->setDefinition(tr("mean over trained tokens, by %1").arg(plots::axisName(axis)));
    m_panel->setCurves(curves);
}

}
