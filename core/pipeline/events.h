// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace attune::pipeline {

// Events of a run, small values without tensors or pointers. Their JSON is that of
// `run start --jsonl` (cli.md); both programs get them through an EventSink.

struct RunStarted { std::string run, folder; std::int64_t stepsTotal = 0, trainableParameters = 0, estimateBytes = 0; std::string device; };
struct PhaseChanged { std::string name; std::int64_t done = 0, total = 0; };
struct StepDone {
    std::int64_t step = 0; double epoch = 0, loss = 0, learningRate = 0, gradNorm = 0;
    std::int64_t tokens = 0, trainedTokens = 0; double tokensPerSecond = 0; std::int64_t memoryBytes = 0; double seconds = 0;
    std::int64_t totalTokens = 0; double totalSeconds = 0;  ///< of the run so far, pauses left out; for the history, not in the JSON
};
struct EvalDone {
    std::int64_t step = 0; std::map<std::string, double> metrics;
    double epoch = 0; std::int64_t totalTokens = 0; double totalSeconds = 0;  ///< as in StepDone
};
struct SampleText { std::int64_t step = 0; std::string prompt, text; };
struct CheckpointSaved { std::int64_t step = 0; std::string path; bool best = false; };
struct AlertRaised { std::int64_t step = 0; std::string level, title, evidence, likely, tryThis; };
struct RunFinished {
    std::string status, run; std::int64_t stepsDone = 0; double trainLoss = 0; bool hasEvalLoss = false; double evalLoss = 0;
    std::int64_t bestStep = 0, tokens = 0; double seconds = 0; std::int64_t peakMemoryBytes = 0; std::string adapter;
};

using Event = std::variant<RunStarted, PhaseChanged, StepDone, EvalDone, SampleText, CheckpointSaved, AlertRaised, RunFinished>;

/// {"event": "step", "step": 1, …}
Json toJson(const Event& event);

/// Takes events from a job thread. post() never blocks for long and may be called from any thread.
class EventSink
{
public:
    virtual ~EventSink() = default;
    virtual void post(Event event) = 0;
};

}
