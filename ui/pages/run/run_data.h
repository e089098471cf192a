// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/checkpoints.h"
#include "pipeline/recipe.h"
#include "plots/series.h"
#include "store/store.h"

#include <QHash>
#include <QString>
#include <QStringList>

#include <optional>

namespace attune::pages {

/// One metric of a run with everything its x axis may count.
class MetricSeries
{
public:
    void add(const store::MetricRow& row);
    qsizetype size() const { return m_values.size(); }
    double last() const { return m_values.isEmpty() ? 0.0 : m_values.last(); }
    plots::Points points(plots::XAxis axis, double scale = 1.0) const;
    /// The place of a step on another axis; nullopt where the step is not there.
    std::optional<double> placeOf(std::int64_t step, plots::XAxis axis) const;
    /// Seconds since the start at the point nearest to x.
    double secondsAt(double x, plots::XAxis axis) const;
    const QVector<double>& values() const { return m_values; }
    const QVector<double>& seconds() const { return m_seconds; }
    const QVector<double>& epochs() const { return m_epochs; }

private:
    const QVector<double>& places(plots::XAxis axis) const;
    QVector<double> m_steps, m_tokens, m_seconds, m_epochs, m_values;
};

/// What came since the last question, from the database and the run's folder.
struct RunNews {
    store::RunRow row;
    std::vector<store::MetricRow> metrics;
    std::vector<store::RunEvent> events;
    std::vector<pipeline::Checkpoint> checkpoints;
    Json muted, classes;
    std::optional<pipeline::Recipe> recipe;
};

/// Everything that the window knows of one run. Grows by news; any process may train it.
class RunData
{
public:
    /// Asks the store for what is newer than what is here. Worker thread.
    static Result<RunNews> ask(store::Store& store, const std::string& id, std::int64_t afterMetric, std::int64_t afterEvent);
    void take(RunNews news);

    store::RunRow row;
    std::vector<store::RunEvent> events;
    std::vector<pipeline::Checkpoint> checkpoints;
    std::optional<pipeline::Recipe> recipe;
    QStringList muted;   ///< titles of alerts that this run no longer shows
    Json classes;        ///< the last evaluation of a classification, or null
    std::int64_t lastMetric = 0, lastEvent = 0;

    bool isLive() const { return isLive(row); }
    static bool isLive(const store::RunRow& row);
    /// "train/loss", "eval/reward_margin", "sys/cpu_percent"; empty where it was never measured.
    const MetricSeries& series(const QString& key) const;
    bool has(const QString& key) const { return series(key).size() > 0; }
    QStringList seriesKeys() const;
    std::vector<const store::RunEvent*> eventsOf(std::string_view kind) const;
    /// Whether the weights of a step still lie in the run's folder.
    bool hasCheckpoint(std::int64_t step) const;
    double epoch() const;

private:
    QHash<QString, MetricSeries> m_series;
};

/// A run's metrics alone, for charts of several runs.
Result<RunData> loadRunData(store::Store& store, const std::string& id);

/// Seconds that are left, from the last 50 steps; nullopt until 10 steps and 20 seconds are there.
std::optional<double> secondsLeft(const RunData& data);

}
