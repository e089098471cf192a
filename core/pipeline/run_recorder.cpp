// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/run_recorder.h"

#include "base/file.h"
#include "base/log.h"

#include <fmt/format.h>

#include <cmath>

namespace attune::pipeline {
namespace {

constexpr auto kFlushInterval = std::chrono::milliseconds(200);
constexpr auto kLoadInterval = std::chrono::seconds(5);

/// One line of log.txt; empty for what is not worth one.
std::string logText(const Event& event)
{
    struct {
        std::string operator()(const RunStarted& e) const { return fmt::format("started on {}: {} steps, {} trained parameters", e.device, e.stepsTotal, e.trainableParameters); }
        std::string operator()(const PhaseChanged& e) const { return e.name == "Training" ? "" : e.name; }
        std::string operator()(const StepDone& e) const
        {
            return fmt::format("step {}: loss {:.4f}, learning rate {:.3g}, gradient norm {:.3g}, {:.0f} tokens/s", e.step, e.loss, e.learningRate, e.gradNorm, e.tokensPerSecond);
        }
        std::string operator()(const EvalDone& e) const
        {
            std::string text = fmt::format("evaluation at step {}:", e.step);
            for (const auto& [name, value] : e.metrics)
                text += fmt::format(" {} {:.4f}", name, value);
            return text;
        }
        std::string operator()(const SampleText& e) const { return fmt::format("sample at step {}: {}", e.step, toLine(Json(e.text))); }
        std::string operator()(const CheckpointSaved& e) const { return fmt::format("checkpoint {}{}", e.path, e.best ? " (best)" : ""); }
        std::string operator()(const AlertRaised& e) const { return fmt::format("{}: {}. {} {} {}", e.level, e.title, e.evidence, e.likely, e.tryThis); }
        std::string operator()(const RunFinished& e) const { return fmt::format("{} after {} steps, {:.1f} s", e.status, e.stepsDone, e.seconds); }
    } visitor;
    return std::visit(visitor, event);
}

void report(const Status& status, const char* what)
{
    if (!status)
        logWarning("{} could not be written: {}", what, status.error().message);
}

}

RunRecorder::RunRecorder(store::Store& store, store::RunRow row, EventSink& next)
    : m_store(store)
    , m_row(std::move(row))
    , m_next(next)
    , m_lastFlush(std::chrono::steady_clock::now())
{
}

RunRecorder::~RunRecorder() = default;

void RunRecorder::post(Event event)
{
    std::vector<AlertRaised> alerts;
    {
        const std::scoped_lock lock(m_mutex);
        record(event);
        if (std::holds_alternative<RunStarted>(event))
            alerts = std::exchange(m_alerts, {});
    }
    m_next.post(std::move(event));
    for (auto& alert : alerts)
        post(std::move(alert));
}

void RunRecorder::alertAfterStart(AlertRaised alert)
{
    const std::scoped_lock lock(m_mutex);
    m_alerts.push_back(std::move(alert));
}

void RunRecorder::record(const Event& event)
{
    writeLog(event);
    if (const auto* step = std::get_if<StepDone>(&event))
        return recordStep(*step);
    if (const auto* started = std::get_if<RunStarted>(&event)) {
        m_row.stepsTotal = started->stepsTotal;
        m_row.estimateBytes = started->estimateBytes;
        m_row.summary["device"] = started->device;
        m_row.summary["trainable_parameters"] = started->trainableParameters;
    } else if (const auto* phase = std::get_if<PhaseChanged>(&event)) {
        setStatus(phase->name == "Paused" ? store::RunStatus::Paused : store::RunStatus::Running);
    } else if (const auto* eval = std::get_if<EvalDone>(&event)) {
        recordEval(*eval);
    } else if (const auto* sample = std::get_if<SampleText>(&event)) {
        keepEvent(sample->step, event);
        report(appendFile(m_row.folder + "/samples.jsonl", toLine(toJson(event)) + "\n"), "A sample");
    } else if (const auto* checkpoint = std::get_if<CheckpointSaved>(&event)) {
        keepEvent(checkpoint->step, event);
    } else if (const auto* alert = std::get_if<AlertRaised>(&event)) {
        keepEvent(alert->step, event);
    } else if (const auto* finished = std::get_if<RunFinished>(&event)) {
        recordFinished(*finished);
    }
    flush();
}

void RunRecorder::recordStep(const StepDone& step)
{
    store::MetricRow metric;
    metric.step = step.step;
    metric.epoch = step.epoch;
    metric.split = "train";
    metric.tokens = step.totalTokens;
    metric.seconds = step.totalSeconds;
    const std::pair<const char*, double> values[] = {{"loss", step.loss}, {"learning_rate", step.learningRate}, {"grad_norm", step.gradNorm},
        {"tokens_per_second", step.tokensPerSecond}, {"memory_bytes", static_cast<double>(step.memoryBytes)}};
    for (const auto& [name, value] : values) {
        metric.name = name;
        metric.value = value;
        m_pending.push_back(metric);
    }
    if (std::chrono::steady_clock::now() - m_lastLoad >= kLoadInterval)
        recordLoad(metric);
    m_stepTokens += step.tokens;
    m_stepSeconds += step.seconds;
    m_row.stepsDone = step.step;
    m_row.tokens = step.totalTokens;
    m_row.seconds = step.totalSeconds;
    if (std::isfinite(step.loss))
        m_row.trainLoss = step.loss;
    m_row.peakMemoryBytes = std::max(m_row.peakMemoryBytes, step.memoryBytes);
    m_row.tokensPerSecond = static_cast<double>(m_stepTokens) / std::max(m_stepSeconds, 1e-9);
    if (std::chrono::steady_clock::now() - m_lastFlush >= kFlushInterval)
        flush();
}

/// What the whole computer does meanwhile, under the split "sys": for the studio's System tab.
void RunRecorder::recordLoad(store::MetricRow metric)
{
    m_lastLoad = std::chrono::steady_clock::now();
    metric.split = "sys";
    const auto add = [&](const char* name, double value) {
        metric.name = name;
        metric.value = value;
        m_pending.push_back(metric);
    };
    const auto load = m_meter.sample();
    add("cpu_percent", load.cpuPercent);
    add("ram_bytes", static_cast<double>(load.ramUsedBytes));
    add("disk_bytes", static_cast<double>(freeDiskBytes(m_row.folder)));
    if (!load.gpu)
        return;
    add("gpu_percent", load.gpu->percent);
    add("gpu_bytes", static_cast<double>(load.gpu->usedBytes));
    add("gpu_celsius", load.gpu->celsius);
    add("gpu_watts", load.gpu->watts);
}

void RunRecorder::recordEval(const EvalDone& eval)
{
    for (const auto& [name, value] : eval.metrics) {
        store::MetricRow metric;
        metric.step = eval.step;
        metric.epoch = eval.epoch;
        metric.split = "eval";
        metric.name = name;
        metric.value = value;
        metric.tokens = eval.totalTokens;
        metric.seconds = eval.totalSeconds;
        m_pending.push_back(std::move(metric));
    }
    if (const auto it = eval.metrics.find("loss"); it != eval.metrics.end())
        m_row.evalLoss = it->second;
}

void RunRecorder::recordFinished(const RunFinished& finished)
{
    m_hasFinished = true;
    m_row.stepsDone = finished.stepsDone;
    m_row.tokens = finished.tokens;
    m_row.seconds = finished.seconds;
    if (finished.stepsDone > 0 && std::isfinite(finished.trainLoss))
        m_row.trainLoss = finished.trainLoss;
    if (finished.hasEvalLoss)
        m_row.evalLoss = finished.evalLoss;
    m_row.bestStep = finished.bestStep;
    m_row.peakMemoryBytes = std::max(m_row.peakMemoryBytes, finished.peakMemoryBytes);
    m_row.finished = store::nowUtc();
    m_row.status = store::statusFromName(finished.status).value_or(store::RunStatus::Failed);
}

void RunRecorder::setStatus(store::RunStatus status)
{
    if (std::exchange(m_row.status, status) == status)
        return;
    store::RunEvent event;
    event.step = m_row.stepsDone;
    event.kind = "status";
    event.time = store::nowUtc();
    event.data = {{"status", std::string(store::statusName(status))}};
    report(m_store.appendEvent(m_row.id, event), "An event");
}

void RunRecorder::keepEvent(std::int64_t step, const Event& event)
{
    store::RunEvent kept;
    kept.step = step;
    kept.data = toJson(event);
    kept.kind = kept.data["event"].get<std::string>();
    kept.time = store::nowUtc();
    report(m_store.appendEvent(m_row.id, kept), "An event");
}

void RunRecorder::writeLog(const Event& event)
{
    if (const std::string text = logText(event); !text.empty())
        report(appendFile(m_row.folder + "/log.txt", fmt::format("{} {}\n", store::nowUtc(), text)), "The log");
}

void RunRecorder::flush()
{
    m_lastFlush = std::chrono::steady_clock::now();
    if (!m_pending.empty())
        report(m_store.appendMetrics(m_row.id, m_pending), "Metrics");
    m_pending.clear();
    report(m_store.updateRun(m_row), "The run's row");
}

Status RunRecorder::close(store::RunStatus status, const std::string& error)
{
    const std::scoped_lock lock(m_mutex);
    m_row.status = status;
    m_row.error = error;
    if (m_row.finished.empty())
        m_row.finished = store::nowUtc();
    if (!error.empty())
        report(appendFile(m_row.folder + "/log.txt", fmt::format("{} {}: {}\n", store::nowUtc(), store::statusName(status), error)), "The log");
    flush();
    return m_store.updateRun(m_row);
}

std::vector<store::RunCommand> RunRecorder::takeCommands()
{
    const std::scoped_lock lock(m_mutex);
    return m_store.takeCommands(m_row.id).value_or(std::vector<store::RunCommand> {});
}

store::RunRow RunRecorder::row() const
{
    const std::scoped_lock lock(m_mutex);
    return m_row;
}

bool RunRecorder::hasFinished() const
{
    const std::scoped_lock lock(m_mutex);
    return m_hasFinished;
}

}
