// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/trainer.h"

#include "model/idle_threads.h"
#include "planner/schedule.h"
#include "trainer/clip.h"
#include "trainer/memory.h"

#include <algorithm>
#include <cmath>

namespace attune::trainer {
namespace {

constexpr auto kEnergyInterval = std::chrono::seconds(30);  // counters wrap around within minutes

}

planner::StepPlan stepPlan(const Settings& settings, std::int64_t microBatchesPerEpoch)
{
    return planner::planSteps(microBatchesPerEpoch, settings.accumulation, settings.epochs, settings.maxSteps, settings.warmupRatio, settings.warmupSteps);
}

Trainer::Trainer(TrainTask task, pipeline::EventSink& sink, const JobContext& context)
    : m_task(std::move(task))
    , m_sink(sink)
    , m_context(context)
    , m_sampler(m_task.trainRows, planner::lengthsOf(*m_task.train, m_task.trainRows), m_task.settings.batches, m_task.settings.seed)
    , m_plan(stepPlan(m_task.settings, m_sampler.microBatches()))
    , m_safety(m_task.settings, m_plan.steps)
    , m_writer(m_task.folder, m_task.settings.keepCheckpoints)
    , m_pieceTokens(m_task.pieceTokens)
{
}

Trainer::~Trainer() = default;

Result<pipeline::RunFinished> Trainer::run()
{
    ATTUNE_RETURN_IF_ERROR(prepare());
    m_sink.post(pipeline::PhaseChanged {"Training", m_state.step, m_plan.steps});
    if (auto status = model::guarded([this] { return loop(); }); !status) {
        if (status.error().code == ErrorCode::OutOfMemory)
            rescue();
        return status.error();
    }
    return finish();
}

Status Trainer::loop()
{
    while (m_nextStep < m_plan.steps) {
        ATTUNE_RETURN_IF_ERROR(agreeWithOthers());
        if (m_end != End::No)
            break;
        ATTUNE_RETURN_IF_ERROR(trainStep());
        ATTUNE_RETURN_IF_ERROR(afterStep());
    }
    return {};
}

Status Trainer::prepare()
{
    if (m_sampler.microBatches() == 0)
        return fail(ErrorCode::NothingTrained, "There is no row to train on.", "Check the dataset, data.max_length and eval_fraction.");
    const auto parameters = m_task.model->parameters();
    if (parameters.empty())
        return fail(ErrorCode::RecipeConflict, "The method trains no parameter of this model.", "Check method.target_modules.");
    m_optimizer = findOptimizer(m_task.settings.optimizer)->make(parameters, m_task.settings.optimizerOptions);
    for (const auto* parameter : parameters)
        m_gradients.push_back(parameter->grad);
    m_state.generator = m_task.model->generatorState();
    if (!m_task.resumeFrom.empty())
        ATTUNE_RETURN_IF_ERROR(resume());
    if (m_task.group)
        ATTUNE_RETURN_IF_ERROR(m_task.group->meetOnCards(m_gradients.front().device()));
    ATTUNE_RETURN_IF_ERROR(shareStart());
    releaseMemory();  // blocks that only loading needed
    if (m_task.isInteractive)
        resetPeakMemory(m_gradients.front().device());
    m_task.model->setTraining(true);
    m_nextStep = m_state.step;
    m_nextEpoch = m_state.epoch;
    m_nextMicroBatch = m_state.microBatch;
    m_savedStep = m_state.step;
    m_began = m_lastSave = m_mark = m_energyRead = Clock::now();
    const auto device = m_gradients.front().device();
    m_energy = std::make_unique<EnergyMeter>(device.is_cuda() ? std::max<int>(0, device.index()) : -1);
    return {};
}

Status Trainer::trainStep()
{
    if (!m_pending)
        m_mark = Clock::now();
    Pending step;
    step.event.step = m_nextStep + 1;
    step.event.learningRate = learningRate(m_nextStep);
    ATTUNE_TRY(const bool isWhole, accumulateWindow(step));
    if (!isWhole)
        return {};
    m_writer.waitForCopy();
    holdBack(m_task.model->parameters(), m_nextStep);
    m_optimizer->setStep(m_nextStep);
    const auto clipped = clipGradients(m_gradients, m_task.settings.maxGradNorm, m_optimizer.get());
    m_optimizer->step(step.event.learningRate, clipped.foundInf);
    ATTUNE_RETURN_IF_ERROR(withRoom([this]() -> Status {
        m_task.model->parametersChanged();
        return {};
    }));
    step.generatorAfter = m_task.model->generatorState();
    step.numbers.emplace(step.loss, clipped.norm);
    // On a device the loss of the step before is read now, while this one runs.
    if (m_pending)
        ATTUNE_RETURN_IF_ERROR(finishStep());
    m_pending = std::make_unique<Pending>(std::move(step));
    m_nextStep = m_pending->event.step;
    m_nextEpoch = m_pending->epochAfter;
    m_nextMicroBatch = m_pending->microBatchAfter;
    return m_task.isOnDevice ? Status() : finishStep();
}

/// Reads a step's loss and norm (waiting for the device), makes it part of the state, tells and checks.
Status Trainer::finishStep()
{
    const auto done = std::move(m_pending);
    pipeline::StepDone& event = done->event;
    const auto numbers = done->numbers->read();
    event.loss = numbers.loss;
    event.gradNorm = numbers.norm;
    if (auto finding = m_safety.nonFinite(event.step, event.loss, event.gradNorm, event.learningRate, m_savedStep)) {
        if (finding->action == SafetyAction::Stop || finding->action == SafetyAction::Pause) {
            // The update was skipped; the weights that made a NaN loss are not worth keeping, though.
            m_isSpoilt = !std::isfinite(event.loss);
            rewind();
            return handle(std::move(*finding));
        }
        ATTUNE_RETURN_IF_ERROR(handle(std::move(*finding)));
    }
    m_state.step = event.step;
    m_state.epoch = done->epochAfter;
    m_state.microBatch = done->microBatchAfter;
    m_state.generator = done->generatorAfter;
    m_state.tokens += event.tokens;
    m_state.trainedTokens += event.trainedTokens;
    const auto now = Clock::now();
    event.seconds = std::chrono::duration<double>(now - m_mark).count();
    m_mark = now;
    event.tokensPerSecond = static_cast<double>(event.tokens) / std::max(event.seconds, 1e-9);
    const auto memory = readMemory(m_gradients.front().device());
    event.memoryBytes = memory.now;
    m_peakMemory = std::max(m_peakMemory, memory.peak);
    event.totalTokens = m_state.tokens;
    event.totalSeconds = m_state.seconds = elapsedSeconds();
    if (now - m_energyRead > kEnergyInterval) {
        m_energyRead = now;
        m_energy->read();
    }
    m_sink.post(event);
    model::adaptIdleThreads();
    if (!std::isfinite(event.loss))
        return {};
    m_state.trainLoss = event.loss;
    const bool wasClipped = m_task.settings.maxGradNorm > 0 && event.gradNorm > m_task.settings.maxGradNorm;
    for (auto& finding : m_safety.afterStep(event, wasClipped))
        ATTUNE_RETURN_IF_ERROR(handle(std::move(finding)));
    return {};
}

/// What may follow a step: evaluation, samples, a checkpoint. Each needs the step's numbers first.
Status Trainer::afterStep()
{
    ATTUNE_RETURN_IF_ERROR(takeWritten(CheckpointWriter::Wait::No));
    if (m_end != End::No || !isFirst())
        return {};
    const Settings& s = m_task.settings;
    const bool isLast = m_nextStep >= m_plan.steps;
    const bool evaluates = m_task.eval
        && (isLast || m_wantsEvaluation || (s.evalEverySteps > 0 ? m_nextStep % s.evalEverySteps == 0 : m_nextMicroBatch == 0));
    const bool samples = !m_task.samplePrompts.empty() && (evaluates || m_wantsSample);
    const double minutes = std::chrono::duration<double>(Clock::now() - m_lastSave).count() / 60;
    bool saves = m_wantsSave || (s.checkpointEverySteps > 0 && m_nextStep % s.checkpointEverySteps == 0)
        || (s.checkpointEveryMinutes > 0 && minutes >= s.checkpointEveryMinutes);
    if (!evaluates && !samples && !saves)
        return {};
    if (m_pending)
        ATTUNE_RETURN_IF_ERROR(finishStep());
    m_wantsEvaluation = m_wantsSample = m_wantsSave = false;
    bool isBest = false;
    if (evaluates && m_end == End::No) {
        ATTUNE_TRY(isBest, evaluate());
    }
    if (samples && m_end == End::No)
        ATTUNE_RETURN_IF_ERROR(sample());
    m_task.model->setTraining(true);
    if ((saves || (isBest && s.keepBest)) && !m_isSpoilt && m_state.step > m_savedStep)
        ATTUNE_RETURN_IF_ERROR(saveCheckpoint(isBest, CheckpointWriter::Wait::No));
    m_mark = Clock::now();
    return {};
}

/// Back to the end of the last whole step: position and generator; gradients are zeroed by the next one.
void Trainer::rewind()
{
    m_nextStep = m_state.step;
    m_nextEpoch = m_state.epoch;
    m_nextMicroBatch = m_state.microBatch;
    m_task.model->setGeneratorState(m_state.generator);
}

double Trainer::learningRate(std::int64_t step) const
{
    const planner::SchedulePlan plan {m_plan.steps, m_plan.warmupSteps, m_task.settings.learningRate, m_task.settings.scheduleOptions};
    return plan.baseRate * planner::findSchedule(m_task.settings.schedule)->factor(step, plan);
}

double Trainer::elapsedSeconds() const
{
    return m_secondsBefore + std::chrono::duration<double>(Clock::now() - m_began).count() - m_pausedSeconds;
}

}
