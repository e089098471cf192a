// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "families/model_source.h"
#include "model/batch.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace attune::model {

/// A trained tensor: what the optimizer sees. Master values and gradients are float32 and live as
/// long as the model.
struct Parameter {
    std::string name;     ///< HF / PEFT name, as it is written to files
    at::Tensor value;     ///< float32 master
    at::Tensor grad;      ///< float32, same shape; accumulate() adds to it
    bool decays = true;   ///< weight decay applies (HF: not to biases and norms)
    double learningRateScale = 1.0;  ///< of the recipe's rate (LoRA+: B learns faster)
    std::int64_t firstStep = 0;      ///< steps of the run before it begins to train (gradual unfreezing)
    at::Tensor copy {};     ///< what products read instead of the master, bfloat16, dense; undefined where there is none
    bool isCopied = false;  ///< the optimizer wrote the copy, too, which parametersChanged() would do else
};

/// The value of a trained tensor by its name: a copy from the end of some step, float32 in host memory.
using TrainedValues = std::function<at::Tensor(const std::string& parameter)>;
using ValuesWriter = std::function<Status(const std::string& folder, const TrainedValues& values)>;

struct LoadOptions {
    std::string dtype = "float32";  ///< compute type of the base: float32 bfloat16 float16
    std::string device = "cpu";
    bool isForTraining = false;
    bool trainsBase = false;        ///< full fine-tuning: float32 masters of all weights
    bool needsNetwork = false;      ///< a method or objective that only the general Network has
    std::string quantization = "none";  ///< of the frozen base: none int8 nf4 keep
};

/// Keys and values of the tokens seen so far, for generation.
class KvCache
{
public:
    virtual ~KvCache() = default;
    virtual std::int64_t length() const = 0;
    virtual void truncate(std::int64_t length) = 0;  ///< forget all behind this position
};

/// A decoder language model that trains and answers. Owned and used by one thread at a time.
/// Methods may throw c10::Error or std::bad_alloc; the engine's door turns those into an Error.
class CausalLm
{
public:
    virtual ~CausalLm() = default;

    virtual const families::ModelSpec& spec() const = 0;
    /// What the optimizer updates, in a stable order: the adapter's tensors, or all weights in full fine-tuning.
    virtual std::vector<Parameter*> parameters() = 0;
    /// Tells the model that the optimizer changed the masters (compute copies are renewed).
    virtual void parametersChanged() = 0;

    /// Before the first accumulate() of an optimizer step, one of which must follow: gradients count from zero. They may hold
    /// anything until then, because what is written whole need not be zero before.
    virtual void beginStep()
    {
        for (const auto* parameter : parameters())
            parameter->grad.zero_();
    }
    /// Forward and backward of one micro-batch: adds gradScale · d(sum of losses)/dp to every
    /// parameter's grad and returns the sum of the cross-entropies over the batch's targets as a
    /// float32 scalar on the device (no sync).
    virtual at::Tensor accumulate(const PackedBatch& batch, double gradScale) = 0;
    /// Sum of the cross-entropies over the targets, no gradients; scalar on the device.
    virtual at::Tensor lossSum(const PackedBatch& batch) = 0;
    /// Logits [T, V] float32 of one sequence.
    virtual at::Tensor logits(std::span<const std::int32_t> ids) = 0;

    virtual std::unique_ptr<KvCache> newCache(std::int64_t maxTokens) = 0;
    /// Appends ids to the cache and returns the logits [V] float32 after the last of them.
    virtual at::Tensor forward(std::span<const std::int32_t> ids, KvCache& cache) = 0;

    /// 0 = base, 1 = as trained; for chat and for comparing.
    virtual void setAdapterScale(double scale) = 0;
    /// Dropout of the adapter: its generator's state is part of a checkpoint (bit-identical resume).
    virtual void setTraining(bool isTraining) = 0;
    virtual std::string generatorState() const = 0;
    virtual void setGeneratorState(const std::string& state) = 0;

    /// What accumulate() computes at a time (planner::MemoryPlan).
    virtual void setPieceTokens(std::int64_t tokens) = 0;

    /// The weight of a linear or other slot with the adapter merged in, float32, by HF name; for exports.
    virtual at::Tensor mergedWeight(const std::string& name) = 0;
    /// The adapter as a PEFT folder (adapter_config.json + adapter_model.safetensors), or, in full
    /// fine-tuning, an HF model folder. baseName goes into the config.
    virtual Status save(const std::string& folder, const std::string& baseName) = 0;
    /// Copies what save() writes and returns the writer of that copy, which any thread may call while
    /// training goes on (checkpoints). Empty where a copy would cost too much: then save() itself is used.
    virtual std::function<Status(const std::string& folder)> snapshot(const std::string& /*baseName*/) { return {}; }
    /// The same without a copy: what it writes are the values that it is given. Asked first; empty where more than those is needed.
    virtual ValuesWriter valuesWriter(const std::string& /*baseName*/) { return {}; }
};

/// Loads a base model; then adds the adapter that the method's options describe (new) or that a
/// file holds (existing). Errors: ModelCorrupt, ModelUnsupported, AdapterMismatch, OutOfMemory, DeviceMissing.
Result<std::unique_ptr<CausalLm>> loadModel(const families::ModelSource& source, const LoadOptions& options, const JobContext& context);
/// method: id; values: its options (name -> value); seed: initial values.
Status addAdapter(CausalLm& model, const std::string& method, const Json& values, std::uint64_t seed);
/// Whether the adapter at this path needs a model loaded with LoadOptions::needsNetwork.
bool adapterNeedsNetwork(const std::string& path, const families::ModelSource& source);
/// From a PEFT folder or a GGUF adapter file; trainable decides whether parameters() lists it.
Status loadAdapter(CausalLm& model, const std::string& path, bool isTrainable);

}
