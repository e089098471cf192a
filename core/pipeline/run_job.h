// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pipeline/engine.h"
#include "pipeline/events.h"
#include "pipeline/recipe.h"
#include "store/store.h"

#include <string>

namespace attune::pipeline {

/// A run to be started, as a value.
struct RunStart {
    std::string workspace;
    Recipe recipe;               ///< overrides applied
    bool isForced = false;       ///< even where the memory forecast says no
    bool isInteractive = false;  ///< the studio: a safety rule's `pause` waits for a person
};

/// Starts a run on the calling (job) thread and trains to its end. In order: resolve model and data,
/// tokenise, forecast memory, make the run with its frozen recipe and its own links to the token shards,
/// take its lock, open the engine, train. Events go to the store and to sink; the first is RunStarted,
/// what comes before reports through context. The run's row holds the final status.
/// context.stop ends it with a checkpoint and status `stopped`.
/// Errors before the run exists leave nothing behind: recipe, data, OutOfMemory (forecast), EngineMissing.
/// Later ones leave a run with status `failed` (`stopped` by a rule: SafetyStop) and its checkpoints.
Result<RunFinished> startRun(const RunStart& start, EventSink& sink, const JobContext& context);

struct RunResume {
    std::string workspace;
    std::string run;             ///< id, or a name that only one run has
    bool isInteractive = false;
};

/// Continues a run of which nobody owns the lock from its newest checkpoint (from the start where there is
/// none): metrics and events behind it are removed first. Errors: RunMissing, RunState when it is
/// completed, Locked when another process trains it.
Result<RunFinished> resumeRun(const RunResume& resume, EventSink& sink, const JobContext& context);

/// Asks the owner of a run to stop, and waits until it has let go. A run without an owner is set to
/// `stopped`. Returns the row. Errors: RunMissing, RunState when the run is over, Cancelled.
Result<store::RunRow> stopRun(store::Store& store, const std::string& run, const JobContext& context);

/// Asks the owner of a run to pause after its micro-batch and waits until it says so.
/// Errors: RunMissing, RunState when nobody trains it, Cancelled.
Result<store::RunRow> pauseRun(store::Store& store, const std::string& run, const JobContext& context);

/// Wakes a paused run that has an owner. false: nobody owns it (resumeRun trains it here).
/// Errors: RunMissing, Locked when its owner is training.
Result<bool> wakeRun(store::Store& store, const std::string& run, const JobContext& context);

}
