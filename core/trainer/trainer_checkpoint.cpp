// SPDX-License-Identifier: GPL-3.0-or-later
// The trainer's checkpoints and its way back from one; see trainer.h.
#include "base/file.h"
#include "pipeline/checkpoints.h"
#include "pipeline/versions.h"
#include "trainer/trainer.h"

#include <fmt/format.h>

namespace attune::trainer {
namespace {

std::string toHex(const std::string& bytes)
{
    std::string text;
    for (const char c : bytes)
        text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::string fromHex(const std::string& text)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    return bytes;
}

std::uint64_t folderBytes(const std::string& folder)
{
    std::uint64_t bytes = 0;
    std::error_code error;
    for (auto it = fs::recursive_directory_iterator(folder, error); !error && it != fs::recursive_directory_iterator(); it.increment(error))
        if (it->is_regular_file())
            bytes += it->file_size();
    return bytes;
}

}

/// The masters beside the optimizer's state: a resume then depends on no adapter format.
NamedTensors Trainer::checkpointTensors()
{
    NamedTensors tensors = m_optimizer->state();
    for (const auto* parameter : m_task.model->parameters())
        tensors.emplace_back("master." + parameter->name, parameter->value);
    return tensors;
}

Json Trainer::stateJson() const
{
    Json json {{"attune_checkpoint", 1}, {"run", m_task.run}, {"step", m_state.step}, {"steps_total", m_plan.steps}, {"epoch", m_state.epoch},
        {"micro_batch", m_state.microBatch}, {"micro_batches_per_epoch", m_sampler.microBatches()}, {"tokens", m_state.tokens},
        {"trained_tokens", m_state.trainedTokens}, {"seconds", m_state.seconds}, {"train_loss", m_state.trainLoss},
        {"has_evaluation", m_state.hasEvaluation}, {"eval_loss", m_state.evalLoss}, {"best", m_state.best}, {"best_step", m_state.bestStep},
        {"worse_evaluations", m_state.worseEvaluations}, {"piece_tokens", m_pieceTokens}, {"energy_wh", m_energyBefore + m_energy->wattHours().value_or(0)}};
    json["sampler"] = {{"generator", "splitmix64"}, {"seed", m_task.settings.seed}};
    json["generator"] = toHex(m_state.generator);
    json["optimizer"] = m_task.settings.optimizer;
    json["scheduler"] = {{"type", m_task.settings.schedule}, {"warmup_steps", m_plan.warmupSteps}};
    json["safety"] = m_safety.state();
    json["facts"] = m_task.facts;
    json["versions"] = pipeline::versions();
    return json;
}

void Trainer::restoreState(const Json& json)
{
    m_state.step = json.value("step", std::int64_t(0));
    m_state.epoch = json.value("epoch", std::int64_t(0));
    m_state.microBatch = json.value("micro_batch", std::int64_t(0));
    m_state.tokens = json.value("tokens", std::int64_t(0));
    m_state.trainedTokens = json.value("trained_tokens", std::int64_t(0));
    m_state.seconds = m_secondsBefore = json.value("seconds", 0.0);
    m_state.trainLoss = json.value("train_loss", 0.0);
    m_state.hasEvaluation = json.value("has_evaluation", false);
    m_state.evalLoss = json.value("eval_loss", 0.0);
    m_state.best = json.value("best", 0.0);
    m_state.bestStep = json.value("best_step", std::int64_t(0));
    m_state.worseEvaluations = json.value("worse_evaluations", std::int64_t(0));
    m_state.generator = fromHex(json.value("generator", ""));
    m_energyBefore = json.value("energy_wh", 0.0);
    m_pieceTokens = json.value("piece_tokens", m_pieceTokens);
    if (mayCutBatches())
        m_task.model->setPieceTokens(m_pieceTokens);
    if (json.contains("safety"))
        m_safety.restore(json["safety"]);
}

Status Trainer::resume()
{
    ATTUNE_TRY(const SavedState saved, readCheckpoint(m_task.resumeFrom));
    if (saved.state.value("micro_batches_per_epoch", std::int64_t(0)) != m_sampler.microBatches())
        return fail(ErrorCode::RunState, "This run cannot be resumed: its rows make other batches than before.",
            "The dataset or the recipe changed since; start a new run from the checkpoint's weights.");
    ATTUNE_RETURN_IF_ERROR(restoreTensors(saved, checkpointTensors()));
    restoreState(saved.state);
    m_checkpoint = m_task.resumeFrom;
    m_task.model->parametersChanged();
    m_task.model->setGeneratorState(m_state.generator);
    return {};
}

Snapshot Trainer::snapshot(bool isBest)
{
    Snapshot snapshot;
    snapshot.step = m_state.step;
    snapshot.isBest = isBest;
    snapshot.state = stateJson();
    auto live = checkpointTensors();
    // Between steps nothing changes in host memory, so the writer copies while the next step's gradients are computed. A card
    // would have to be waited for from another thread.
    snapshot.tensors = m_task.isOnDevice ? copyToHost(live) : roomOnHost(live);
    if (!m_task.isOnDevice)
        snapshot.live = std::move(live);
    snapshot.weightsFolder = m_task.savesModel ? "model" : "adapter";
    snapshot.writeWeights = m_task.model->valuesWriter(m_task.baseName);
    if (auto copied = snapshot.writeWeights ? nullptr : m_task.model->snapshot(m_task.baseName))
        snapshot.writeWeights = [copied = std::move(copied)](const std::string& folder, const model::TrainedValues&) { return copied(folder); };
    return snapshot;
}

Status Trainer::saveCheckpoint(bool isBest, CheckpointWriter::Wait wait)
{
    ATTUNE_RETURN_IF_ERROR(takeWritten(CheckpointWriter::Wait::Yes));
    m_sink.post(pipeline::PhaseChanged {"Saving a checkpoint", m_state.step, m_plan.steps});
    ATTUNE_TRY(auto copy, withRoom([&]() -> Result<Snapshot> { return snapshot(isBest); }));
    if (m_checkpointBytes == 0)
        for (const auto& [name, tensor] : copy.tensors)
            m_checkpointBytes += tensor.nbytes() * (name.starts_with("master.") ? 2 : 1);
    if (auto finding = m_safety.diskSpace(m_state.step, freeDiskBytes(m_task.folder), m_checkpointBytes))
        ATTUNE_RETURN_IF_ERROR(handle(std::move(*finding)));
    if (!copy.writeWeights) {
        // Written from its live values, here and now.
        copy.writeWeights = [this](const std::string& folder, const model::TrainedValues&) { return m_task.model->save(folder, m_task.baseName); };
        wait = CheckpointWriter::Wait::Yes;
    }
    if (m_task.snapshotExtras)
        copy.writeWeights = [weights = copy.writeWeights, extras = m_task.snapshotExtras()](const std::string& folder, const model::TrainedValues& values) -> Status {
            ATTUNE_RETURN_IF_ERROR(weights(folder, values));
            return extras(folder);
        };
    m_savedStep = m_state.step;
    m_lastSave = Clock::now();
    m_writer.submit(std::move(copy), m_task.settings.keepBest ? m_state.bestStep : 0);
    ATTUNE_RETURN_IF_ERROR(takeWritten(wait));
    m_sink.post(pipeline::PhaseChanged {"Training", m_state.step, m_plan.steps});
    return {};
}

/// Tells of a checkpoint that was written. A write that failed ends the run, unless a window can wait
/// for room on the disk.
Status Trainer::takeWritten(CheckpointWriter::Wait wait)
{
    const auto written = m_writer.take(wait);
    if (!written)
        return {};
    if (written->status) {
        m_checkpointBytes = folderBytes(written->path);
        m_checkpoint = written->path;
        m_sink.post(pipeline::CheckpointSaved {written->step, written->path, written->isBest});
        return {};
    }
    m_savedStep = 0;
    const Error& error = written->status.error();
    if (error.kind() == ErrorKind::Disk && m_task.isInteractive && m_task.settings.disk == SafetyAction::Pause)
        return handle({{written->step, "critical", fmt::format("Checkpoint {} was not saved", written->step), error.message, "The disk is full.",
                           "Free space, then continue; the earlier checkpoint is safe."},
            SafetyAction::Pause});
    return error.in(fmt::format("checkpoint {}", written->step));
}

}
