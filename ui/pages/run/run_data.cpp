// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_data.h"

#include "base/file.h"
#include "bridge/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace attune::pages {

using bridge::toQString;
using plots::XAxis;

void MetricSeries::add(const store::MetricRow& row)
{
    // A resume replaces the rows behind its checkpoint: steps that come again end the old tail.
    const double step = static_cast<double>(row.step);
    while (!m_steps.isEmpty() && m_steps.last() >= step)
        for (auto* column : {&m_steps, &m_tokens, &m_seconds, &m_epochs, &m_values})
            column->removeLast();
    m_steps.append(step);
    m_tokens.append(static_cast<double>(row.tokens));
    m_seconds.append(row.seconds);
    m_epochs.append(row.epoch);
    m_values.append(row.value);
}

const QVector<double>& MetricSeries::places(XAxis axis) const
{
    switch (axis) {
    case XAxis::Tokens: return m_tokens;
    case XAxis::Time: return m_seconds;
    case XAxis::Epoch: return m_epochs;
    case XAxis::Step: break;
    }
    return m_steps;
}

plots::Points MetricSeries::points(XAxis axis, double scale) const
{
    plots::Points points {places(axis), m_values};
    if (scale != 1.0)
        for (double& y : points.y)
            y *= scale;
    return points;
}

std::optional<double> MetricSeries::placeOf(std::int64_t step, XAxis axis) const
{
    const auto it = std::lower_bound(m_steps.begin(), m_steps.end(), static_cast<double>(step));
    if (it == m_steps.end() || *it != static_cast<double>(step))
        return std::nullopt;
    return places(axis)[it - m_steps.begin()];
}

double MetricSeries::secondsAt(double x, XAxis axis) const
{
    const auto& xs = places(axis);
    if (xs.isEmpty())
        return -1;
    const auto it = std::lower_bound(xs.begin(), xs.end(), x);
    return m_seconds[std::min<qsizetype>(it - xs.begin(), xs.size() - 1)];
}

Result<RunNews> RunData::ask(store::Store& store, const std::string& id, std::int64_t afterMetric, std::int64_t afterEvent)
{
    RunNews news;
    ATTUNE_TRY(news.row, store.run(id));
    ATTUNE_TRY(news.metrics, store.metrics(id, afterMetric));
    ATTUNE_TRY(news.events, store.events(id, afterEvent));
    ATTUNE_TRY(news.muted, store.value("muted/" + id));
    news.checkpoints = pipeline::checkpointsOf(news.row.folder);
    if (const auto text = readFile(news.row.folder + "/classes.json", 8u << 20); text)
        if (auto json = parseJson(*text); json)
            news.classes = std::move(*json);
    if (auto recipe = pipeline::Recipe::read(news.row.folder + "/recipe.yaml"); recipe)
        news.recipe = std::move(*recipe);
    return news;
}

void RunData::take(RunNews news)
{
    row = std::move(news.row);
    if (!row.summary.is_object())
        row.summary = Json::object();  // rows of older versions have none
    for (const auto& metric : news.metrics) {
        lastMetric = std::max(lastMetric, metric.rowId);
        m_series[toQString(metric.split + "/" + metric.name)].add(metric);
    }
    for (auto& event : news.events) {
        lastEvent = std::max(lastEvent, event.rowId);
        events.push_back(std::move(event));
    }
    checkpoints = std::move(news.checkpoints);
    classes = std::move(news.classes);
    if (news.recipe)
        recipe = std::move(news.recipe);
    muted.clear();
    for (const auto& title : news.muted)
        muted.append(toQString(title.get<std::string>()));
}

bool RunData::isLive(const store::RunRow& row)
{
    return row.status == store::RunStatus::Running || row.status == store::RunStatus::Paused || row.status == store::RunStatus::Queued;
}

const MetricSeries& RunData::series(const QString& key) const
{
    static const MetricSeries kNone;
    const auto it = m_series.constFind(key);
    return it == m_series.constEnd() ? kNone : *it;
}

QStringList RunData::seriesKeys() const
{
    auto keys = m_series.keys();
    keys.sort();
    return keys;
}

std::vector<const store::RunEvent*> RunData::eventsOf(std::string_view kind) const
{
    std::vector<const store::RunEvent*> found;
    for (const auto& event : events)
        if (event.kind == kind)
            found.push_back(&event);
    return found;
}

bool RunData::hasCheckpoint(std::int64_t step) const
{
    return std::any_of(checkpoints.begin(), checkpoints.end(), [step](const auto& c) { return c.step == step; });
}

double RunData::epoch() const
{
    const auto& epochs = series(QStringLiteral("train/loss")).epochs();
    return epochs.isEmpty() ? 0 : epochs.last();
}

Result<RunData> loadRunData(store::Store& store, const std::string& id)
{
    ATTUNE_TRY(auto news, RunData::ask(store, id, 0, 0));
    RunData data;
    data.take(std::move(news));
    return data;
}

std::optional<double> secondsLeft(const RunData& data)
{
    constexpr qsizetype kWindow = 50;
    const auto& seconds = data.series(QStringLiteral("train/loss")).seconds();
    if (seconds.size() < 10 || seconds.last() < 20)
        return std::nullopt;
    const auto first = std::max<qsizetype>(0, seconds.size() - 1 - kWindow);
    const double perStep = (seconds.last() - seconds[first]) / static_cast<double>(seconds.size() - 1 - first);
    return perStep * static_cast<double>(std::max<std::int64_t>(0, data.row.stepsTotal - data.row.stepsDone));
}

}
