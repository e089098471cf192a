// SPDX-License-Identifier: GPL-3.0-or-later
// How a run is steered, paused and ended; see trainer.h.
#include "trainer/memory.h"
#include "trainer/trainer.h"

#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <thread>

namespace attune::trainer {
namespace {

constexpr auto kCommandInterval = std::chrono::milliseconds(50);

}

bool Trainer::isStopAsked()
{
    return m_wantsStop || m_context.isCancelled();
}

/// Reads what other processes and the window ask for; a pause is waited out here.
Status Trainer::readCommands()
{
    pollCommands();
    return m_isPaused && !isStopAsked() ? waitWhilePaused() : Status();
}

void Trainer::pollCommands()
{
    const auto now = Clock::now();
    if (!m_task.takeCommands || now - m_lastCommandCheck < kCommandInterval)
        return;
    m_lastCommandCheck = now;
    for (const auto command : m_task.takeCommands()) {
        switch (command) {
        case store::RunCommand::Stop: m_wantsStop = true; break;
        case store::RunCommand::Pause: m_isPaused = true; break;
        case store::RunCommand::Resume: m_isPaused = false; break;
        case store::RunCommand::Save: m_wantsSave = true; break;
        case store::RunCommand::Sample: m_wantsSample = true; break;
        case store::RunCommand::Evaluate: m_wantsEvaluation = true; break;
        }
    }
}

Status Trainer::waitWhilePaused()
{
    const auto began = Clock::now();
    ATTUNE_RETURN_IF_ERROR(beginPause());
    if (m_task.leavesOnPause && m_isPaused && m_end == End::No && m_state.step == m_savedStep) {
        m_end = End::Paused;
        return {};
    }
    while (m_isPaused && !isStopAsked()) {
        std::this_thread::sleep_for(kPauseInterval);
        pollCommands();
    }
    endPause(began);
    return {};
}

Status Trainer::beginPause()
{
    if (m_pending)
        ATTUNE_RETURN_IF_ERROR(finishStep());
    // The weights are those of the last whole step: what is paused is also safe.
    if (m_state.step > m_savedStep && !m_isSpoilt && m_end == End::No && isFirst())
        ATTUNE_RETURN_IF_ERROR(saveCheckpoint(false, CheckpointWriter::Wait::Yes));
    releaseMemory();
    m_sink.post(pipeline::PhaseChanged {"Paused", m_state.step, m_plan.steps});
    return {};
}

void Trainer::endPause(Clock::time_point began)
{
    m_sink.post(pipeline::PhaseChanged {"Training", m_state.step, m_plan.steps});
    const auto paused = Clock::now() - began;
    m_pausedSeconds += std::chrono::duration<double>(paused).count();
    m_mark += paused;
}

Status Trainer::handle(Finding finding)
{
    m_sink.post(finding.alert);
    if (finding.action == SafetyAction::Pause && m_task.isInteractive) {
        m_isPaused = true;
    } else if (finding.action == SafetyAction::Stop || finding.action == SafetyAction::Pause) {
        m_end = End::SafetyStopped;
        const bool isDisk = finding.alert.title.find("disk") != std::string::npos;
        m_safetyError = fail(isDisk ? ErrorCode::DiskFull : ErrorCode::SafetyStop,
            fmt::format("{}. {} {}", finding.alert.title, finding.alert.evidence, finding.alert.likely), finding.alert.tryThis);
    }
    return {};
}

Result<pipeline::RunFinished> Trainer::finish()
{
    if (m_pending)
        ATTUNE_RETURN_IF_ERROR(finishStep());
    if (m_end == End::Stopped || m_end == End::Paused)
        rewind();
    ATTUNE_RETURN_IF_ERROR(takeWritten(CheckpointWriter::Wait::Yes));
    if (m_state.step > m_savedStep && !m_isSpoilt && isFirst() && !m_task.isTrial)
        ATTUNE_RETURN_IF_ERROR(saveCheckpoint(m_state.hasEvaluation && m_state.bestStep == m_state.step, CheckpointWriter::Wait::Yes));
    // The last one out: a checkpoint that could not be written is then an error everywhere.
    if (m_task.group)
        ATTUNE_RETURN_IF_ERROR(m_task.group->sum({at::zeros({1})}));
    pipeline::RunFinished report;
    report.status = m_end == End::Paused ? "paused" : m_end == End::Stopped ? "stopped" : m_end == End::SafetyStopped ? (m_isSpoilt ? "failed" : "stopped") : "completed";
    report.run = m_task.run;
    report.stepsDone = m_state.step;
    report.trainLoss = m_state.trainLoss;
    report.hasEvalLoss = m_state.hasEvaluation;
    report.evalLoss = m_state.evalLoss;
    report.bestStep = m_state.bestStep;
    report.tokens = m_state.tokens;
    report.seconds = elapsedSeconds();
    report.peakMemoryBytes = std::max(m_peakMemory, readMemory(m_gradients.front().device()).peak);
    if (!m_checkpoint.empty())
        report.adapter = m_checkpoint + (m_task.savesModel ? "/model" : "/adapter");
    if (m_end != End::Paused)
        m_sink.post(report);
    if (m_end == End::SafetyStopped)
        return m_safetyError;
    return report;
}

}
