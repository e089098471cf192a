// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "families/model_source.h"
#include "importer/dataset.h"
#include "pipeline/events.h"
#include "pipeline/recipe.h"
#include "store/store.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace attune::pipeline {

// The torch-free face of attune_engine. Programs open the library on first need (openEngine) and
// talk to it through these values; nothing throws across it.

struct DeviceInfo { std::string id; std::string name; std::int64_t totalBytes = 0, freeBytes = 0; bool hasBfloat16 = false; };

/// A base model with an optional adapter (PEFT folder or GGUF adapter file).
struct ModelWithAdapter {
    families::ModelSource model;
    std::string adapter;         ///< path, or empty
    double adapterScale = 1.0;
    std::string dtype = "auto";  ///< auto float32 bfloat16 float16
    std::string device = "auto";
    int threads = 0;
};

/// Everything a training run needs, resolved: paths absolute, dataset opened.
struct TrainRequest {
    Recipe recipe;
    families::ModelSource model;
    importer::DatasetPtr train, eval;  ///< where they are still open; the engine trains from the shards below
    std::string workspace;
    std::string run;        ///< id; the row and folder exist and this process holds the lock
    std::string folder;     ///< runs/<id>, absolute
    std::string trainShard, evalShard;            ///< token shards; evalShard empty = no evaluation
    std::vector<std::int64_t> trainRows, evalRows;  ///< indices into the shards; see recipe.md "Evaluation rows"
    std::int64_t estimateBytes = 0, trainableParameters = 0, pieceTokens = 0, keptLayers = -1;  ///< of the memory plan
    bool inputsOnHost = false;
    bool isResume = false;  ///< continue from the newest checkpoint of the run's folder
    std::string resumeFrom; ///< that checkpoint's folder; empty with isResume: none was written, start over
    bool isInteractive = false;  ///< in the studio a `pause` rule waits; elsewhere it saves and stops
    bool isForced = false;
    bool isTrial = false;   ///< measures steps and leaves nothing behind: no checkpoint is written
    /// Commands of other processes and of the window, read between micro-batches; may be empty.
    std::function<std::vector<store::RunCommand>()> takeCommands;
};

struct GenerateRequest {
    std::vector<importer::Message> messages;  ///< rendered by the chat template, or
    std::string raw;                          ///< text to continue
    int maxTokens = 256;
    double temperature = 0.0, topP = 1.0, minP = 0.0, repetitionPenalty = 1.0;
    int topK = 0;
    std::uint64_t seed = 0;
    std::string prefix;    ///< the beginning of the answer, already given
    int alternatives = 0;  ///< report.next has that many of the likeliest first tokens
    std::function<void(const std::string&)> onText;  ///< new text as it comes, whole UTF-8; worker thread
};
/// A token that could come next, with the model's own probability (temperature 1, nothing cut off).
struct TokenChoice { std::string text; double probability = 0; };
struct GenerateReport {
    std::string text; std::int64_t tokens = 0, promptTokens = 0; double tokensPerSecond = 0; std::string stopReason;
    std::vector<TokenChoice> next;  ///< with request.alternatives, the likeliest first
};

/// A loaded model that answers; for chat. Not thread-safe: one caller at a time.
class ChatSession
{
public:
    virtual ~ChatSession() = default;
    virtual Result<GenerateReport> generate(const GenerateRequest& request, const JobContext& context) = 0;
    /// 0 = base model, 1 = as trained; no reload.
    virtual Status setAdapterScale(double scale) = 0;
};

struct EvalRequest {
    ModelWithAdapter model;
    importer::DatasetPtr data;
    std::vector<std::string> metrics {"loss"};
    std::string templateName = "model", trainOn = "completion";
    std::int64_t maxLength = 512, limit = 0;
    std::int64_t maxNewTokens = 256;  ///< of a generated answer, for metrics that read texts
    std::string cacheFolder;  ///< for token shards: the workspace's cache/tokens
};
struct EvalReport {
    std::map<std::string, double> metrics;
    std::int64_t rows = 0, tokens = 0;
    double seconds = 0;
    Json details = Json::object();  ///< of classes: "classes" (per class) and "confusion_matrix"; "skipped" rows with why
};

struct ExportRequest {
    std::string target;      ///< id in exporter/targets: peft merged gguf-lora gguf ollama
    families::ModelSource base;
    std::string checkpoint;  ///< folder step-NNNNNN with adapter/ or model/
    std::string out;
    std::string type = "f16";  ///< f32 f16 bf16 q8_0 Q4_K_M …
    Recipe recipe;             ///< the run's frozen recipe
    std::string run;
    bool verify = true;
};
struct Parity {
    std::int64_t tokens = 0; double meanKl = 0, top1Agreement = 1, maxAbsDiff = 0; std::string word;
    /// Positions by their divergence: equal parts of 0 … histogramEnd, the last one open.
    std::vector<std::int64_t> histogram; double histogramEnd = 0;
    double worstKl = 0; std::int64_t worstSequence = -1, worstPosition = -1;
};
/// A place where the likeliest token is another one: what stands before it, and what each side would write.
struct ParityDifference { std::string context, reference, other; std::int64_t sequence = 0, position = 0; double kl = 0; };
struct ExportReport {
    std::string path; std::uint64_t bytes = 0; std::string sha256;
    bool verified = false; bool hasParity = false;
    Parity verification;  ///< the file in llama.cpp against our engine on the file's own weights
    Parity parity;        ///< the distance to the run itself
    std::vector<ParityDifference> differences;  ///< of the parity, the first five
    Json toJson() const;
};

/// Implemented by core/engine. One object a process; methods may be called from several job threads
/// at once unless said otherwise, but training and chat on one device share its memory.
class Engine
{
public:
    virtual ~Engine() = default;
    virtual std::string version() const = 0;  ///< LibTorch's
    virtual std::vector<DeviceInfo> devices() = 0;
    /// Trains until done, stopped (context.stop or a run_command) or failed. The report is also posted as RunFinished.
    virtual Result<RunFinished> train(const TrainRequest& request, EventSink& sink, const JobContext& context) = 0;
    virtual Result<EvalReport> evaluate(const EvalRequest& request, const JobContext& context) = 0;
    /// For each list of ids a float32 tensor [T, V] named "0", "1", … in a safetensors file.
    virtual Status logits(const ModelWithAdapter& model, const std::vector<std::vector<std::int32_t>>& sequences,
        const std::string& out, const JobContext& context) = 0;
    virtual Result<std::unique_ptr<ChatSession>> openChat(const ModelWithAdapter& model, const JobContext& context) = 0;
    virtual Result<ExportReport> exportRun(const ExportRequest& request, const JobContext& context) = 0;
};

/// Opens libattune_engine.so beside the program (once) and returns its Engine, owned by the library.
/// Errors: EngineMissing, DeviceMissing.
Result<Engine*> openEngine();

}
/// The one C symbol of libattune_engine.so.
extern "C" attune::pipeline::Engine* attuneEngine();
