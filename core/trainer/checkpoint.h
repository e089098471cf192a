// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "trainer/optimizer.h"

#include <functional>
#include <future>
#include <map>
#include <optional>
#include <string>

namespace attune::trainer {

/// What a checkpoint holds of a run as it stood at a step's end.
struct Snapshot {
    std::int64_t step = 0;
    bool isBest = false;
    NamedTensors tensors;  ///< "master.<parameter>" and the optimizer's state, on the CPU -> optimizer.safetensors
    NamedTensors live;     ///< what those are still to be copied from, in their order; empty: they hold their values
    Json state;            ///< -> state.json: step, position in the data, generators, best, rules, hashes
    std::string weightsFolder = "adapter";                             ///< adapter (PEFT) or model (HF)
    model::ValuesWriter writeWeights;
};

/// Clones live tensors into host memory.
NamedTensors copyToHost(const NamedTensors& live);
/// Room for such clones, to be filled later.
NamedTensors roomOnHost(const NamedTensors& live);

/// Writes runs/<id>/checkpoints/step-NNNNNN: everything goes into a folder of another name, is fsynced,
/// and the folder is renamed last, so that a checkpoint is whole or not there. Returns its path.
/// Errors: DiskFull, DiskWrite.
Result<std::string> writeCheckpoint(const std::string& runFolder, const Snapshot& snapshot);

/// Removes all but the newest `keep` (0 = all stay) and the one of keepStep.
void pruneCheckpoints(const std::string& runFolder, std::int64_t keep, std::int64_t keepStep);

/// A checkpoint read back. Errors: FileMissing, FileCorrupt.
struct SavedState {
    Json state;
    std::map<std::string, at::Tensor> tensors;
};
Result<SavedState> readCheckpoint(const std::string& folder);
/// Copies saved tensors into live ones of the same names. Errors: RunState when one is missing or has
/// another shape: the run was made with other settings.
Status restoreTensors(const SavedState& saved, const NamedTensors& live);

/// A checkpoint that was written, or why not.
struct WrittenCheckpoint {
    std::int64_t step = 0;
    bool isBest = false;
    std::string path;
    Status status;
};

/// Writes checkpoints one at a time beside the training thread, which owns the object.
class CheckpointWriter
{
public:
    CheckpointWriter(std::string runFolder, std::int64_t keep) : m_runFolder(std::move(runFolder)), m_keep(keep) {}
    ~CheckpointWriter();

    /// Starts writing; waits while an earlier one is still being written. keepStep: never pruned. Live tensors are copied
    /// beside the training thread, which must not change them before waitForCopy() has returned.
    void submit(Snapshot snapshot, std::int64_t keepStep);
    void waitForCopy();
    /// The last write when it is done and was not taken yet. wait: until it is done.
    enum class Wait { No, Yes };
    std::optional<WrittenCheckpoint> take(Wait wait);
    bool isBusy() const { return m_running.valid(); }

private:
    std::string m_runFolder;
    std::int64_t m_keep = 3;
    std::future<WrittenCheckpoint> m_running;
    std::future<void> m_copying;
};

}
