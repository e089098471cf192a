// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/events.h"

#include <cmath>

namespace attune::pipeline {
namespace {

/// JSON has no NaN: a value that is not finite becomes null.
Json number(double value)
{
    return std::isfinite(value) ? Json(value) : Json();
}

struct ToJson {
    Json operator()(const RunStarted& e) const
    {
        return {{"event", "started"}, {"run", e.run}, {"folder", e.folder}, {"steps_total", e.stepsTotal},
            {"trainable_parameters", e.trainableParameters}, {"estimate_bytes", e.estimateBytes}, {"device", e.device}};
    }
    Json operator()(const PhaseChanged& e) const
    {
        return {{"event", "phase"}, {"name", e.name}, {"done", e.done}, {"total", e.total}};
    }
    Json operator()(const StepDone& e) const
    {
        return {{"event", "step"}, {"step", e.step}, {"epoch", e.epoch}, {"loss", number(e.loss)}, {"learning_rate", e.learningRate},
            {"grad_norm", number(e.gradNorm)}, {"tokens", e.tokens}, {"trained_tokens", e.trainedTokens},
            {"tokens_per_second", e.tokensPerSecond}, {"memory_bytes", e.memoryBytes}, {"seconds", e.seconds}};
    }
    Json operator()(const EvalDone& e) const
    {
        Json metrics = Json::object();
        for (const auto& [name, value] : e.metrics)
            metrics[name] = number(value);
        return {{"event", "eval"}, {"step", e.step}, {"metrics", metrics}};
    }
    Json operator()(const SampleText& e) const
    {
        return {{"event", "sample"}, {"step", e.step}, {"prompt", e.prompt}, {"text", e.text}};
    }
    Json operator()(const CheckpointSaved& e) const
    {
        return {{"event", "checkpoint"}, {"step", e.step}, {"path", e.path}, {"best", e.best}};
    }
    Json operator()(const AlertRaised& e) const
    {
        return {{"event", "alert"}, {"step", e.step}, {"level", e.level}, {"title", e.title}, {"evidence", e.evidence},
            {"likely", e.likely}, {"try", e.tryThis}};
    }
    Json operator()(const RunFinished& e) const
    {
        return {{"event", "finished"}, {"status", e.status}, {"run", e.run}, {"steps_done", e.stepsDone},
            {"train_loss", number(e.trainLoss)}, {"eval_loss", e.hasEvalLoss ? number(e.evalLoss) : Json()}, {"best_step", e.bestStep},
            {"tokens", e.tokens}, {"seconds", e.seconds}, {"peak_memory_bytes", e.peakMemoryBytes}, {"adapter", e.adapter}};
    }
};

}

Json toJson(const Event& event)
{
    return std::visit(ToJson(), event);
}

}
