// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::runner {

struct RunnerOptions {
    std::string model;                ///< GGUF file
    std::string adapter;              ///< GGUF LoRA adapter, or empty
    double adapterScale = 1.0;
    std::int64_t contextTokens = 0;   ///< room for prompt and answer; 0 = the model's, at most 4096
    int threads = 0;                  ///< 0 = all
    /// For comparisons: keys and values stay float32 and attention is the plain one. Chat takes the faster defaults.
    bool isExact = false;
};

struct Sampling {
    double temperature = 0.0;         ///< 0 = always the likeliest token
    double topP = 1.0, minP = 0.0, repetitionPenalty = 1.0;
    int topK = 0;
    std::uint64_t seed = 0;
};

struct Generated {
    std::string text;                 ///< only what is new, without special tokens
    std::int64_t tokens = 0, promptTokens = 0;
    double tokensPerSecond = 0;       ///< of the answer, prompt left out
    std::string stopReason;           ///< "end", "length", "cancelled"
};

/// A GGUF model, run by llama.cpp. What it logs goes into our log. Move-only; one caller at a time.
class LlamaRunner
{
public:
    /// Both files are checked before llama.cpp sees them. Errors: ModelMissing, ModelCorrupt,
    /// ModelUnsupported, AdapterMismatch, OutOfMemory, Cancelled.
    static Result<LlamaRunner> open(const RunnerOptions& options, const JobContext& context);
    LlamaRunner(LlamaRunner&&) noexcept;
    LlamaRunner& operator=(LlamaRunner&&) noexcept;
    ~LlamaRunner();

    std::int64_t vocabSize() const;
    std::int64_t contextTokens() const;
    /// 0 = base model, 1 = as trained; no reload.
    Status setAdapterScale(double scale);

    /// Hands over the logits [V] after each token of one sequence, in order; the span dies with the call.
    using LogitsSink = std::function<void(std::int64_t position, std::span<const float> logits)>;
    Status logits(std::span<const std::int32_t> ids, const LogitsSink& sink, const JobContext& context);

    /// Continues ids. onText gets new text as it comes, whole UTF-8 characters. What the context
    /// cannot hold is an error (Usage) for the prompt and the end ("length") for the answer.
    Result<Generated> generate(std::span<const std::int32_t> ids, std::int64_t maxTokens, const Sampling& sampling,
        const std::function<void(const std::string&)>& onText, const JobContext& context);

    /// llama.cpp's own tokenizer for this file.
    std::vector<std::int32_t> tokenize(std::string_view text, bool addSpecial) const;

private:
    LlamaRunner();
    struct Private;
    std::unique_ptr<Private> d;
};

/// Quantises a GGUF file as llama-quantize does, with its table of which tensors keep more precision
/// (formats.md §4.8). type: "q8_0", "Q4_K_M", …; see quantisationNames(). Errors: Unsupported, DiskFull, DiskWrite.
Status quantiseModel(const std::string& from, const std::string& to, const std::string& type, int threads);
/// The names that quantiseModel takes, upper case: "Q4_0", "Q4_K_M", …
std::vector<std::string> quantisationNames();

/// Sends llama.cpp's and ggml's messages into our log; called by open(), harmless to repeat.
void routeLlamaLog();

}
