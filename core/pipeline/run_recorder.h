// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/events.h"
#include "pipeline/machine_load.h"
#include "store/store.h"

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

namespace attune::pipeline {

/// Stands between a run and whoever watches it: writes metrics, events, samples.jsonl, log.txt and the
/// run's row to the workspace, then passes each event on. Steps are written together, one transaction
/// for about a fifth of a second, and always before a checkpoint is begun: what a resume builds on is
/// in the database. Uses a Store of its own; post() may be called from any thread.
class RunRecorder final : public EventSink
{
public:
    /// row: as in the database; store: this run's own connection, outlives the recorder.
    RunRecorder(store::Store& store, store::RunRow row, EventSink& next);
    ~RunRecorder() override;

    void post(Event event) override;
    /// Posted right behind RunStarted: what was noticed before the run began.
    void alertAfterStart(AlertRaised alert);
    /// Writes what is pending and the row with this status. error: for a run that failed.
    Status close(store::RunStatus status, const std::string& error);
    std::vector<store::RunCommand> takeCommands();
    store::RunRow row() const;
    bool hasFinished() const;  ///< RunFinished went through

private:
    void record(const Event& event);
    void recordStep(const StepDone& step);
    void recordLoad(store::MetricRow metric);
    void recordEval(const EvalDone& eval);
    void recordFinished(const RunFinished& finished);
    void setStatus(store::RunStatus status);
    void keepEvent(std::int64_t step, const Event& event);
    void writeLog(const Event& event);
    void flush();

    // All guarded by m_mutex.
    mutable std::mutex m_mutex;
    store::Store& m_store;
    store::RunRow m_row;
    EventSink& m_next;
    std::vector<store::MetricRow> m_pending;
    std::vector<AlertRaised> m_alerts;
    std::chrono::steady_clock::time_point m_lastFlush, m_lastLoad;
    LoadMeter m_meter;
    std::int64_t m_stepTokens = 0;
    double m_stepSeconds = 0;
    bool m_hasFinished = false;
};

}
