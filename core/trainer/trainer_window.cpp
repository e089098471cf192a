// SPDX-License-Identifier: GPL-3.0-or-later
// The gradients of one optimizer step: which rows, whose share, and what happens when memory runs out; see trainer.h.
#include "base/log.h"
#include "model/tensor_memory.h"
#include "trainer/trainer.h"

#include <ATen/ops/_foreach_zero.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace attune::trainer {

/// The micro-batches of the next optimizer step: up to `accumulation` of them, fewer at an epoch's end.
Window Trainer::nextWindow(Pending& pending)
{
    const std::int64_t end = std::min(m_nextMicroBatch + m_task.settings.accumulation, m_sampler.microBatches());
    Window window;
    for (std::int64_t index = m_nextMicroBatch; index < end; ++index) {
        auto& batch = window.emplace_back();
        for (const auto row : m_sampler.microBatch(m_nextEpoch, index))
            if (m_task.objective)
                m_task.objective->addRow(batch, *m_task.train, row, m_nextEpoch);
            else
                batch.add(m_task.train->row(row));
        pending.event.tokens += batch.tokens();
        pending.event.trainedTokens += batch.trained;
    }
    const bool isEpochDone = end == m_sampler.microBatches();
    pending.epochAfter = isEpochDone ? m_nextEpoch + 1 : m_nextEpoch;
    pending.microBatchAfter = isEpochDone ? 0 : end;
    pending.event.epoch = static_cast<double>(pending.epochAfter) + static_cast<double>(pending.microBatchAfter) / static_cast<double>(m_sampler.microBatches());
    return window;
}

/// The gradients and the loss of a step. false: a stop was asked for in between; what was accumulated is given up.
Result<bool> Trainer::accumulateWindow(Pending& pending)
{
    const auto whole = nextWindow(pending);
    const auto window = m_task.group ? shareOf(whole, m_task.group->ranks().rank, m_task.group->ranks().size, mayCutBatches()) : whole;
    // The mean over the trained tokens of the whole window, not a mean of means (formats.md §6.3).
    const double share = 1.0 / static_cast<double>(std::max<std::int64_t>(1, pending.event.trainedTokens));
    const auto generator = m_task.model->generatorState();
    auto isDone = Result<bool>(false);
    while (true) {
        isDone = model::guarded([&] {
            if (window.empty())
                at::_foreach_zero_(m_gradients);  // another process has all rows of this step
            else
                m_task.model->beginStep();
            pending.loss = at::zeros({}, m_gradients.front().options().dtype(at::kFloat));
            return addGradients(window, share, pending.loss);
        });
        if (isDone || isDone.error().code != ErrorCode::OutOfMemory)
            break;
        // Nothing was changed yet but gradients and dropout's generator: the same step can be had again.
        if (auto smaller = makePiecesSmaller(window, isDone.error(), pending.event.step); !smaller) {
            isDone = smaller.error();
            break;
        }
        m_task.model->setGeneratorState(generator);
        model::shrinkBuffers(true);
    }
    model::shrinkBuffers(false);
    if (!isDone || !*isDone)
        return isDone;
    if (m_task.group) {
        auto sums = m_gradients;
        sums.push_back(pending.loss);
        ATTUNE_RETURN_IF_ERROR(m_task.group->sum(sums));
    }
    pending.loss = pending.loss * share;
    return true;
}

Result<bool> Trainer::addGradients(const Window& window, double share, at::Tensor& loss)
{
    for (const auto& batch : window) {
        // In a group all stop and pause together, between steps.
        if (!m_task.group)
            ATTUNE_RETURN_IF_ERROR(readCommands());
        if (m_end == End::Paused)
            return false;
        if (!m_task.group && isStopAsked()) {
            m_end = End::Stopped;
            return false;
        }
        loss.add_(m_task.model->accumulate(batch, share));
    }
    return true;
}

bool Trainer::mayCutBatches() const
{
    const auto* kind = findObjective(m_task.settings.objective);
    return !m_task.objective || !kind || kind->isSumOverRows;
}

/// Halves the pieces that a micro-batch is computed in, which doubles their number: the sums stay the same.
Status Trainer::makePiecesSmaller(const Window& window, const Error& reason, std::int64_t step)
{
    releaseMemory();
    const std::int64_t before = largestPiece(window, m_pieceTokens);
    std::int64_t tokens = std::min(m_pieceTokens, before) / 2;
    while (tokens > 0 && largestPiece(window, tokens) >= before)
        tokens /= 2;
    if (tokens == 0 || !mayCutBatches())
        return fail(reason.code, reason.message + fmt::format(" Step {} cannot be made smaller.", step),
            "Lower data.max_length or training.batch_size, or close other programs. The run is saved and can be resumed.");
    m_pieceTokens = tokens;
    m_task.model->setPieceTokens(tokens);
    m_sink.post(pipeline::AlertRaised {step, "warning", "Memory ran out; the run goes on in smaller pieces",
        fmt::format("Step {} is repeated with {} tokens at a time instead of {} (effective micro-batch), and so are those that follow: the same result, a little slower.", step, tokens, before),
        "Other programs took memory, or the forecast was too low.", "Close other programs, or lower training.batch_size or data.max_length for the next run."});
    return {};
}

/// What only makes the next pass quicker goes back to the system.
void Trainer::releaseMemory()
{
    model::releaseFreeMemory(m_gradients.front().device());
}

/// A run that ends for want of memory keeps what it has trained: the weights are those of the last whole step.
void Trainer::rescue()
{
    const Status saved = model::guarded([this]() -> Status {
        releaseMemory();
        if (m_pending)
            ATTUNE_RETURN_IF_ERROR(finishStep());
        ATTUNE_RETURN_IF_ERROR(takeWritten(CheckpointWriter::Wait::Yes));
        return m_state.step > m_savedStep && !m_isSpoilt && isFirst() && !m_task.isTrial ? saveCheckpoint(false, CheckpointWriter::Wait::Yes) : Status();
    });
    if (!saved)
        logWarning("The run could not be saved after memory ran out: {}", saved.error().message);
}

/// All begin with the first process's values.
Status Trainer::shareStart()
{
    if (!m_task.group)
        return {};
    std::vector<at::Tensor> values;
    for (const auto* parameter : m_task.model->parameters())
        values.push_back(parameter->value);
    ATTUNE_RETURN_IF_ERROR(m_task.group->share(values));
    m_task.model->parametersChanged();
    return {};
}

/// Before each step of a group: whoever wants to stop stops all, the first may pause all or have ended the run.
Status Trainer::agreeWithOthers()
{
    if (!m_task.group)
        return {};
    std::optional<Clock::time_point> pausedSince;
    while (true) {
        pollCommands();
        const auto wishes = at::tensor({isStopAsked() ? 1 : 0, m_isPaused ? 1 : 0, m_end != End::No ? 1 : 0}, at::kLong);
        ATTUNE_RETURN_IF_ERROR(m_task.group->sum({wishes}));
        const auto* sums = wishes.const_data_ptr<std::int64_t>();
        if (m_end == End::No && sums[0] + sums[2] > 0)
            m_end = sums[0] > 0 ? End::Stopped : End::Done;
        if (m_end != End::No || sums[1] == 0)
            break;
        if (!pausedSince) {
            pausedSince = Clock::now();
            ATTUNE_RETURN_IF_ERROR(beginPause());
        }
        std::this_thread::sleep_for(kPauseInterval);
    }
    if (pausedSince)
        endPause(*pausedSince);
    return {};
}

}
