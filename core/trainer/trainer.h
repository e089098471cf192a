// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "evaluator/metric.h"
#include "model/causal_lm.h"
#include "model/errors.h"
#include "pipeline/engine.h"
#include "planner/plan.h"
#include "planner/sampler.h"
#include "trainer/checkpoint.h"
#include "trainer/energy.h"
#include "trainer/objective.h"
#include "trainer/rank_group.h"
#include "trainer/row_share.h"
#include "trainer/safety.h"
#include "trainer/settings.h"
#include "trainer/step_numbers.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attune::trainer {

/// A prompt that is answered at each evaluation: ids ready for the model, template applied.
struct SamplePrompt {
    std::string text;
    std::vector<std::int32_t> ids;
};

/// Everything the step loop works on. The model's adapter is in place; with resumeFrom its values are
/// replaced by the checkpoint's. Pointers outlive the run.
struct TrainTask {
    model::CausalLm* model = nullptr;
    Settings settings;
    const tokenizer::TokenShard* train = nullptr;
    std::vector<std::int64_t> trainRows;
    const tokenizer::TokenShard* eval = nullptr;  ///< null: no evaluation
    std::vector<std::int64_t> evalRows;
    /// How rows become batches and what they are judged by; null: next-token prediction on any model. The model's loss is the
    /// objective's already. Two, because evaluation rows are another set.
    std::shared_ptr<Objective> objective, evalObjective;
    /// Copies what a checkpoint holds beside the method's own files (a head of labels) and returns its writer, which is called
    /// with the folder when those are there; may be empty. Training thread; the writer from any.
    std::function<std::function<Status(const std::string& folder)>()> snapshotExtras;
    std::vector<SamplePrompt> samplePrompts;
    std::function<std::string(const std::vector<std::int32_t>& ids)> decode;
    std::vector<std::int32_t> endTokens;          ///< a sample ends at any of them
    std::string run, folder, baseName;
    bool savesModel = false;                      ///< checkpoints hold model/ instead of adapter/
    std::string resumeFrom;                       ///< checkpoint folder, or empty
    bool isInteractive = false;
    bool isTrial = false;                         ///< measures only: no checkpoint is written
    bool leavesOnPause = false;                   ///< a pause ends run() with status "paused" and a checkpoint, not posted
    bool isOnDevice = false;                      ///< CUDA: the loss of a step is read one step late
    std::int64_t estimateBytes = 0, trainableParameters = 0;
    std::int64_t pieceTokens = 1024;              ///< of the memory plan: what the model computes at a time
    /// The processes that share the work, or null. Only the first evaluates, saves, tells and takes commands.
    std::shared_ptr<RankGroup> group;
    std::string device = "cpu";
    Json facts = Json::object();                  ///< goes into state.json: hashes of what the run was made from
    std::function<std::vector<store::RunCommand>()> takeCommands;
};

/// How often a paused run looks for commands.
inline constexpr auto kPauseInterval = std::chrono::milliseconds(50);

/// How many steps a task has: N_batches from the bins, then HF's counting (planner::planSteps).
planner::StepPlan stepPlan(const Settings& settings, std::int64_t microBatchesPerEpoch);

/// Runs a task: schedule, micro-batches, clip, step, log, maybe evaluate, maybe checkpoint, maybe stop.
/// The report is also posted as RunFinished. Checkpoints are always written at the end.
/// Errors: those of the model, of the disk, RunState for an unfit checkpoint, SafetyStop when a rule ended
/// the run (what was trained is saved and RunFinished was posted).
/// Bit-identical on the CPU when resumed, with the same number of threads. Training thread only.
/// Where memory runs out in the middle of a step, the step is repeated in pieces of half the size: the same sums, slower.
/// In a group of processes each takes its share of the rows of every step: the sums are those of one process.
class Trainer
{
public:
    Trainer(TrainTask task, pipeline::EventSink& sink, const JobContext& context);
    ~Trainer();

    Result<pipeline::RunFinished> run();

private:
    using Clock = std::chrono::steady_clock;
    /// Where the run stands after its last whole step: what state.json keeps.
    struct State {
        std::int64_t step = 0, epoch = 0, microBatch = 0;  ///< microBatch: next of the epoch
        std::int64_t tokens = 0, trainedTokens = 0;
        double seconds = 0, trainLoss = 0;
        std::int64_t bestStep = 0, worseEvaluations = 0;   ///< evaluations without improvement, in a row
        bool hasEvaluation = false;
        double best = 0, evalLoss = 0;
        std::string generator;                             ///< of dropout
    };
    /// A step whose loss is still on the device.
    struct Pending {
        at::Tensor loss;                                 ///< while it is summed up
        std::optional<StepNumbers> numbers;              ///< from the update on
        pipeline::StepDone event;
        std::int64_t epochAfter = 0, microBatchAfter = 0;
        std::string generatorAfter;
    };
    enum class End { No, Done, Paused, Stopped, SafetyStopped };

    Status prepare();
    Status resume();
    Status loop();
    Status trainStep();
    Window nextWindow(Pending& pending);
    Result<bool> accumulateWindow(Pending& pending);
    Result<bool> addGradients(const Window& window, double share, at::Tensor& loss);
    Status makePiecesSmaller(const Window& window, const Error& reason, std::int64_t step);
    template<typename Call>
    std::invoke_result_t<Call> withRoom(Call&& call);
    void rescue();
    void releaseMemory();
    bool mayCutBatches() const;
    Status shareStart();
    Status agreeWithOthers();
    bool isFirst() const { return !m_task.group || m_task.group->isFirst(); }
    Status finishStep();
    Status afterStep();
    Result<bool> evaluate();
    Result<bool> judge(double score, double value);
    Status sample();
    Status saveCheckpoint(bool isBest, CheckpointWriter::Wait wait);
    Status takeWritten(CheckpointWriter::Wait wait);
    Status handle(Finding finding);
    Status readCommands();
    void pollCommands();
    Status waitWhilePaused();
    Status beginPause();
    void endPause(Clock::time_point began);
    bool isStopAsked();
    void rewind();
    Result<pipeline::RunFinished> finish();

    double elapsedSeconds() const;
    double learningRate(std::int64_t step) const;
    Snapshot snapshot(bool isBest);
    Json stateJson() const;
    void restoreState(const Json& json);
    NamedTensors checkpointTensors();

    TrainTask m_task;
    pipeline::EventSink& m_sink;
    JobContext m_context;
    planner::Sampler m_sampler;
    planner::StepPlan m_plan;
    SafetyRules m_safety;
    CheckpointWriter m_writer;
    std::unique_ptr<Optimizer> m_optimizer;
    std::vector<at::Tensor> m_gradients;
    State m_state;
    std::int64_t m_nextEpoch = 0, m_nextMicroBatch = 0;  ///< the loop's position; ahead of m_state by a pending step
    std::int64_t m_nextStep = 0;
    std::unique_ptr<Pending> m_pending;
    Clock::time_point m_began, m_lastSave, m_mark, m_energyRead;  ///< mark: where the running step's time begins
    double m_pausedSeconds = 0, m_secondsBefore = 0;     ///< before: of the processes that ran this before
    std::int64_t m_savedStep = 0, m_peakMemory = 0;
    std::uint64_t m_checkpointBytes = 0;
    std::string m_checkpoint;                            ///< the newest, by its path
    std::int64_t m_pieceTokens = 0;
    std::unique_ptr<EnergyMeter> m_energy;
    double m_energyBefore = 0;                           ///< Wh of the processes that ran this before
    bool m_isSpoilt = false;                             ///< the weights made a NaN loss: not to be saved
    bool m_isPaused = false, m_wantsStop = false, m_wantsSave = false, m_wantsEvaluation = false, m_wantsSample = false;
    Clock::time_point m_lastCommandCheck;
    End m_end = End::No;
    Error m_safetyError;
};

/// Runs a call that needs little memory: where even that is not there, once more after the buffers were given back.
template<typename Call>
std::invoke_result_t<Call> Trainer::withRoom(Call&& call)
{
    auto result = model::guarded(call);
    if (result || result.error().code != ErrorCode::OutOfMemory)
        return result;
    releaseMemory();
    return model::guarded(call);
}

}
