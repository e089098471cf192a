// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/llama_runner.h"

#include "formats/gguf_adapter.h"
#include "formats/gguf_file.h"
#include "runner/utf8_buffer.h"

#include <llama.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace attune::runner {
namespace {

constexpr std::int64_t kDefaultContext = 4096;
constexpr std::int32_t kBatch = 512;

struct ModelDeleter {
    void operator()(llama_model* model) const { llama_model_free(model); }
};
struct ContextDeleter {
    void operator()(llama_context* context) const { llama_free(context); }
};
struct SamplerDeleter {
    void operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
};

Error asModelError(Error error)
{
    if (error.code == ErrorCode::FileCorrupt)
        error.code = ErrorCode::ModelCorrupt;
    else if (error.code == ErrorCode::FileMissing)
        error.code = ErrorCode::ModelMissing;
    return error;
}

/// Files are checked by our own reader first: llama.cpp asserts on some damage.
Status checkFiles(const RunnerOptions& options)
{
    const auto model = formats::GgufFile::open(options.model);
    if (!model)
        return asModelError(model.error());
    if (model->tensors().empty())
        return fail(ErrorCode::ModelUnsupported, fmt::format("{} holds a vocabulary and no weights.", options.model), "Choose a model.");
    if (options.adapter.empty())
        return {};
    const auto adapter = formats::GgufAdapter::open(options.adapter);
    if (!adapter)
        return adapter.error();
    if (adapter->architecture != model->architecture())
        return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter {} was made for the architecture \"{}\", the model is \"{}\".", options.adapter, adapter->architecture, model->architecture()),
            "Use the base model that the adapter was trained on.");
    return {};
}

std::unique_ptr<llama_sampler, SamplerDeleter> makeSampler(const Sampling& sampling, std::int32_t vocabSize)
{
    std::unique_ptr<llama_sampler, SamplerDeleter> chain(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    const auto add = [&](llama_sampler* sampler) { llama_sampler_chain_add(chain.get(), sampler); };
    if (sampling.repetitionPenalty != 1.0)
        add(llama_sampler_init_penalties(vocabSize, 64, static_cast<float>(sampling.repetitionPenalty), 0.0f, 0.0f));
    if (sampling.temperature <= 0) {
        add(llama_sampler_init_greedy());
        return chain;
    }
    if (sampling.topK > 0)
        add(llama_sampler_init_top_k(sampling.topK));
    if (sampling.topP < 1.0)
        add(llama_sampler_init_top_p(static_cast<float>(sampling.topP), 1));
    if (sampling.minP > 0)
        add(llama_sampler_init_min_p(static_cast<float>(sampling.minP), 1));
    add(llama_sampler_init_temp(static_cast<float>(sampling.temperature)));
    add(llama_sampler_init_dist(static_cast<std::uint32_t>(sampling.seed)));
    return chain;
}

}

struct LlamaRunner::Private {
    std::unique_ptr<llama_model, ModelDeleter> model;
    std::unique_ptr<llama_context, ContextDeleter> context;  // goes before the model that it points into
    llama_adapter_lora* adapter = nullptr;                   // owned by the model
    const llama_vocab* vocab = nullptr;
    std::stop_token stop;

    Error decodeError(int code) const
    {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The answer was cancelled.");
        if (code == 1)
            return fail(ErrorCode::Unsupported, "The text is longer than the model's context.", "Shorten it, or give more context.");
        return fail(ErrorCode::Internal, fmt::format("llama.cpp could not compute the next token (code {}).", code), "The log says more.");
    }

    /// Appends ids to what the context has seen; every output asks for logits after each token, otherwise after the last.
    Status decode(std::span<const std::int32_t> ids, std::int64_t position, bool wantsAll)
    {
        for (const auto id : ids)
            if (id < 0 || id >= llama_vocab_n_tokens(vocab))
                return fail(ErrorCode::Usage, fmt::format("{} is no token of this model.", id), fmt::format("Ids go from 0 to {}.", llama_vocab_n_tokens(vocab) - 1));
        llama_batch batch = llama_batch_init(static_cast<std::int32_t>(ids.size()), 0, 1);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            batch.token[i] = ids[i];
            batch.pos[i] = static_cast<llama_pos>(position + static_cast<std::int64_t>(i));
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = 0;
            batch.logits[i] = wantsAll || i + 1 == ids.size();
        }
        batch.n_tokens = static_cast<std::int32_t>(ids.size());
        const int code = llama_decode(context.get(), batch);
        llama_batch_free(batch);
        return code == 0 ? Status() : Status(decodeError(code));
    }

    Result<Generated> answer(std::span<const std::int32_t> ids, std::int64_t maxTokens, llama_sampler* sampler, const std::function<void(const std::string&)>& onText);
    std::string piece(llama_token token) const;
};

LlamaRunner::LlamaRunner() : d(std::make_unique<Private>()) {}
LlamaRunner::LlamaRunner(LlamaRunner&&) noexcept = default;
LlamaRunner& LlamaRunner::operator=(LlamaRunner&&) noexcept = default;
LlamaRunner::~LlamaRunner() = default;

Result<LlamaRunner> LlamaRunner::open(const RunnerOptions& options, const JobContext& job)
{
    routeLlamaLog();
    ATTUNE_RETURN_IF_ERROR(checkFiles(options));
    static const bool started = [] { llama_backend_init(); return true; }();
    (void)started;
    LlamaRunner runner;
    auto modelParams = llama_model_default_params();
    if (options.isExact)
        modelParams.n_gpu_layers = 0;
    modelParams.use_extra_bufts = !options.isExact;  // repacked weights round differently
    modelParams.progress_callback = [](float, void* stop) { return !static_cast<const std::stop_token*>(stop)->stop_requested(); };
    modelParams.progress_callback_user_data = const_cast<std::stop_token*>(&job.stop);
    runner.d->model.reset(llama_model_load_from_file(options.model.c_str(), modelParams));
    if (!runner.d->model)
        return job.isCancelled() ? fail(ErrorCode::Cancelled, "Opening the model was cancelled.")
                                 : fail(ErrorCode::ModelUnsupported, fmt::format("llama.cpp cannot open {}.", options.model), "The log says why; the file may be of a newer kind, or memory ran out.");
    auto params = llama_context_default_params();
    const std::int64_t trained = llama_model_n_ctx_train(runner.d->model.get());
    const std::int64_t tokens = options.contextTokens > 0 ? options.contextTokens : std::min(trained > 0 ? trained : kDefaultContext, kDefaultContext);
    params.n_ctx = static_cast<std::uint32_t>(tokens);
    params.n_batch = params.n_ubatch = kBatch;
    params.n_threads = params.n_threads_batch = options.threads > 0 ? options.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    if (options.isExact) {
        params.type_k = params.type_v = GGML_TYPE_F32;
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    }
    params.abort_callback = [](void* d) { return static_cast<Private*>(d)->stop.stop_requested(); };
    params.abort_callback_data = runner.d.get();
    runner.d->context.reset(llama_init_from_model(runner.d->model.get(), params));
    if (!runner.d->context)
        return fail(ErrorCode::OutOfMemory, fmt::format("There is not enough memory for {} tokens of context.", tokens), "Ask for a shorter context.");
    runner.d->vocab = llama_model_get_vocab(runner.d->model.get());
    if (!options.adapter.empty()) {
        runner.d->adapter = llama_adapter_lora_init(runner.d->model.get(), options.adapter.c_str());
        if (!runner.d->adapter)
            return fail(ErrorCode::AdapterMismatch, fmt::format("The adapter {} does not fit {}.", options.adapter, options.model), "Use the base model that the adapter was trained on.");
        ATTUNE_RETURN_IF_ERROR(runner.setAdapterScale(options.adapterScale));
    }
    return runner;
}

std::int64_t LlamaRunner::vocabSize() const { return llama_vocab_n_tokens(d->vocab); }
std::int64_t LlamaRunner::contextTokens() const { return llama_n_ctx(d->context.get()); }

Status LlamaRunner::setAdapterScale(double scale)
{
    if (!d->adapter)
        return {};
    auto value = static_cast<float>(scale);
    if (llama_set_adapters_lora(d->context.get(), &d->adapter, scale == 0 ? 0 : 1, &value) != 0)
        return fail(ErrorCode::Internal, "llama.cpp refused the adapter's scale.", "The log says more.");
    return {};
}

Status LlamaRunner::logits(std::span<const std::int32_t> ids, const LogitsSink& sink, const JobContext& context)
{
    d->stop = context.stop;
    llama_memory_clear(llama_get_memory(d->context.get()), true);
    const auto width = static_cast<std::size_t>(vocabSize());
    for (std::size_t begin = 0; begin < ids.size(); begin += kBatch) {
        const auto part = ids.subspan(begin, std::min<std::size_t>(kBatch, ids.size() - begin));
        ATTUNE_RETURN_IF_ERROR(d->decode(part, static_cast<std::int64_t>(begin), true));
        for (std::size_t i = 0; i < part.size(); ++i)
            sink(static_cast<std::int64_t>(begin + i), {llama_get_logits_ith(d->context.get(), static_cast<std::int32_t>(i)), width});
    }
    return {};
}

std::string LlamaRunner::Private::piece(llama_token token) const
{
    std::string text(64, '\0');
    std::int32_t length = llama_token_to_piece(vocab, token, text.data(), static_cast<std::int32_t>(text.size()), 0, false);
    if (length < 0) {
        text.resize(static_cast<std::size_t>(-length));
        length = llama_token_to_piece(vocab, token, text.data(), static_cast<std::int32_t>(text.size()), 0, false);
    }
    text.resize(static_cast<std::size_t>(std::max(length, 0)));
    return text;
}

Result<Generated> LlamaRunner::Private::answer(std::span<const std::int32_t> ids, std::int64_t maxTokens, llama_sampler* sampler, const std::function<void(const std::string&)>& onText)
{
    Generated result;
    result.promptTokens = static_cast<std::int64_t>(ids.size());
    result.stopReason = "length";
    Utf8Buffer buffer;
    const auto emit = [&](const std::string& text) {
        result.text += text;
        if (onText && !text.empty())
            onText(text);
    };
    const std::int64_t room = llama_n_ctx(context.get());
    const auto begin = std::chrono::steady_clock::now();
    while (result.tokens < maxTokens) {
        const llama_token token = llama_sampler_sample(sampler, context.get(), -1);
        if (llama_vocab_is_eog(vocab, token)) {
            result.stopReason = "end";
            break;
        }
        ++result.tokens;
        emit(buffer.add(piece(token)));
        if (result.promptTokens + result.tokens >= room || result.tokens >= maxTokens)
            break;
        const std::int32_t next = token;
        if (const auto status = decode({&next, 1}, result.promptTokens + result.tokens - 1, false); !status) {
            if (status.error().code != ErrorCode::Cancelled)
                return status.error();
            result.stopReason = "cancelled";
            break;
        }
    }
    emit(buffer.finish());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    result.tokensPerSecond = seconds > 0 ? static_cast<double>(result.tokens) / seconds : 0;
    return result;
}

Result<Generated> LlamaRunner::generate(std::span<const std::int32_t> ids, std::int64_t maxTokens, const Sampling& sampling, const std::function<void(const std::string&)>& onText, const JobContext& context)
{
    d->stop = context.stop;
    if (ids.empty() || static_cast<std::int64_t>(ids.size()) >= contextTokens())
        return fail(ErrorCode::Usage, fmt::format("The prompt has {} tokens; 1 to {} fit.", ids.size(), contextTokens() - 1), "Shorten the prompt, or give more context.");
    llama_memory_clear(llama_get_memory(d->context.get()), true);
    const auto sampler = makeSampler(sampling, llama_vocab_n_tokens(d->vocab));
    for (const auto id : ids)
        llama_sampler_accept(sampler.get(), id);
    for (std::size_t begin = 0; begin < ids.size(); begin += kBatch)
        ATTUNE_RETURN_IF_ERROR(d->decode(ids.subspan(begin, std::min<std::size_t>(kBatch, ids.size() - begin)), static_cast<std::int64_t>(begin), false));
    return d->answer(ids, maxTokens, sampler.get(), onText);
}

std::vector<std::int32_t> LlamaRunner::tokenize(std::string_view text, bool addSpecial) const
{
    std::vector<std::int32_t> ids(text.size() + 8);
    std::int32_t count = llama_tokenize(d->vocab, text.data(), static_cast<std::int32_t>(text.size()), ids.data(), static_cast<std::int32_t>(ids.size()), addSpecial, true);
    if (count < 0) {
        ids.resize(static_cast<std::size_t>(-count));
        count = llama_tokenize(d->vocab, text.data(), static_cast<std::int32_t>(text.size()), ids.data(), static_cast<std::int32_t>(ids.size()), addSpecial, true);
    }
    ids.resize(static_cast<std::size_t>(std::max(count, 0)));
    return ids;
}

}
