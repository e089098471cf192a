// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/decoder.h"

#include "model/piece_layout.h"
#include "model/products.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace attune::model {

namespace {

/// splitmix64: spreads a counter over all bits.
std::uint64_t mixed(std::uint64_t x)
{
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

template<typename T>
at::Tensor onDevice(const std::vector<T>& values, at::Device device)
{
    const auto size = static_cast<std::int64_t>(values.size());
    // From pinned memory a copy does not wait for what the card is doing.
    const auto options = at::dtype(c10::CppTypeToScalarType<T>::value).pinned_memory(device.is_cuda());
    const auto host = at::empty({size}, options);
    std::copy(values.begin(), values.end(), host.template data_ptr<T>());
    return device.is_cuda() ? host.to(device, true) : host;
}

}

std::vector<Parameter*> Decoder::parameters()
{
    std::vector<Parameter*> result;
    const auto add = [&](Parameter* parameter) {
        if (parameter)
            result.push_back(parameter);
    };
    add(m_embeddingMaster.get());
    for (auto& layer : m_layers) {
        add(layer.attention->norm().parameter());
        layer.attention->qkv().appendParameters(result);
        layer.attention->out().appendParameters(result);
        add(layer.mlp->norm().parameter());
        layer.mlp->gateUp().appendParameters(result);
        layer.mlp->down().appendParameters(result);
    }
    add(m_head->norm().parameter());
    add(m_headMaster.get());
    return result;
}

void Decoder::parametersChanged()
{
    // On a CPU this puts values into another order, layer by layer; a card is told from one thread.
    const auto layers = static_cast<std::int64_t>(m_layers.size());
    if (m_placement.device.is_cpu())
        at::parallel_for(0, layers, 1, [this](std::int64_t begin, std::int64_t end) { refreshLayers(begin, end); });
    else if (!m_recorded || !refreshRecorded())
        refreshLayers(0, layers);
    const auto refresh = [](Parameter* master, at::Tensor weight) {
        if (master && !weight.is_same(master->value) && !std::exchange(master->isCopied, false))
            weight.copy_(master->value);
    };
    refresh(m_embeddingMaster.get(), m_embedding);
    refresh(m_headMaster.get(), m_head->weight());
}

void Decoder::overGroups(std::int64_t begin, std::int64_t end, const std::function<void(LinearGroup&)>& function)
{
    const at::NoGradGuard noGrad;
    for (auto l = begin; l < end; ++l) {
        auto& layer = m_layers[static_cast<std::size_t>(l)];
        for (auto* group : {&layer.attention->qkv(), &layer.attention->out(), &layer.mlp->gateUp(), &layer.mlp->down()})
            function(*group);
    }
}

void Decoder::refreshLayers(std::int64_t begin, std::int64_t end)
{
    overGroups(begin, end, [this](LinearGroup& group) { group.refresh(m_adapterScale); });
}

void Decoder::setAdapterScale(double scale)
{
    m_adapterScale = scale;
    forgetRecorded();
    parametersChanged();
}

Piece Decoder::pieceOf(const PackedBatch& batch, bool sharesBeginning)
{
    // Attention on a card reads its keys where the queries lie.
    const auto shared = sharesBeginning && m_placement.device.is_cpu() ? commonBeginning(batch) : 0;
    auto piece = emptyPiece();
    const auto layout = layoutOf(batch, shared);
    piece.shared = shared;
    piece.attention.segments = layout.segments;
    piece.tokens = static_cast<std::int64_t>(layout.ids.size());
    piece.trained = static_cast<std::int64_t>(layout.targets.size());
    piece.ids = onDevice(layout.ids, m_embedding.device());
    piece.positions = onDevice(layout.positions, m_placement.device);
    piece.targets = onDevice(layout.targets, m_placement.device);
    piece.targetRows = onDevice(layout.targetRows, m_placement.device);
    if (shared > 0)
        piece.keyRows = onDevice(layout.keyRows, m_placement.device);
    if (m_placement.device.is_cuda()) {
        piece.attention.starts = onDevice(batch.segments, m_placement.device);
        piece.attention.longest = layout.longest;
    }
    piece.table = m_rope.forLength(layout.longest);
    return piece;
}

Piece Decoder::emptyPiece() const
{
    Piece piece;
    piece.attention.heads = m_spec.heads;
    piece.attention.kvHeads = m_spec.kvHeads;
    piece.attention.headDim = m_spec.headDim;
    piece.attention.scale = m_spec.attentionScale > 0 ? m_spec.attentionScale : 1.0 / std::sqrt(static_cast<double>(m_spec.headDim));
    return piece;
}

/// The rows of the table, wherever it lies.
void Decoder::embed(const Piece& piece, at::Tensor out) const
{
    if (m_embedding.device() == out.device()) {
        at::index_select_out(out, m_embedding, 0, piece.ids);
        return;
    }
    auto rows = at::empty(out.sizes(), m_embedding.options().pinned_memory(true));
    at::index_select_out(rows, m_embedding, 0, piece.ids);
    out.copy_(rows, true);
}

/// Layers from here on keep what they computed until their backward pass; those below keep their input.
std::size_t Decoder::firstKeptLayer() const
{
    const auto layers = static_cast<std::int64_t>(m_layers.size());
    return static_cast<std::size_t>(m_keptLayers < 0 ? 0 : std::max<std::int64_t>(0, layers - m_keptLayers));
}

/// The state that layer l computes in, with its input in place.
LayerState& Decoder::stateOf(std::size_t l, Keeps keeps)
{
    if (keeps == Keeps::Nothing)
        return m_states[l % 2];
    if (l >= firstKeptLayer())
        return m_states[l];
    m_passing.x = m_states[l].x;
    return m_passing;
}

/// Takes a state for each layer that needs one, and the rows of the embedding as the first one's input.
void Decoder::beginLayers(const Piece& piece, Keeps keeps)
{
    const auto states = keeps == Keeps::States ? m_layers.size() : std::min<std::size_t>(m_layers.size(), 2);
    if (m_states.size() < states)
        m_states.resize(states);
    const auto x = inputRoom(0, piece.tokens, keeps);
    embed(piece, x);
    inputWritten(0, x, keeps);
}

/// Where the input of layer l goes.
at::Tensor Decoder::inputRoom(std::size_t l, std::int64_t rows, Keeps keeps)
{
    if (isInputOnHost(l, keeps))
        return m_hostInputs->room(l, rows, m_spec.hiddenSize, activations());
    return m_states[keeps == Keeps::States ? l : l % 2].input.take(rows, m_spec.hiddenSize, activations());
}

void Decoder::inputWritten(std::size_t l, const at::Tensor& x, Keeps keeps)
{
    m_states[keeps == Keeps::States ? l : l % 2].x = x;
    if (isInputOnHost(l, keeps))
        m_hostInputs->send(l);
}

at::Tensor Decoder::runLayers(const Piece& piece, Keeps keeps, DecoderCache* cache)
{
    const auto L = m_layers.size();
    const auto C = m_spec.hiddenSize;
    const auto options = activations();
    at::Tensor result;
    for (std::size_t l = 0; l < L; ++l) {
        auto& state = stateOf(l, keeps);
        const auto forLayer = pieceFor(piece, l);
        m_layers[l].attention->forward(forLayer, state, m_workspace, cache ? &cache->layers[l] : nullptr, cache ? cache->used : 0);
        const auto rows = state.h.size(0);
        result = l + 1 < L ? inputRoom(l + 1, rows, keeps) : m_workspace.headRows.take(rows, C, options);
        m_layers[l].mlp->forward(forLayer, state, m_workspace, result);
        if (l + 1 < L)
            inputWritten(l + 1, result, keeps);
    }
    return result;
}

/// In the last layer only the rows that a loss needs go on.
Piece Decoder::pieceFor(const Piece& piece, std::size_t l) const
{
    auto result = piece;
    result.onlyTargets = piece.onlyTargets && l + 1 == m_layers.size();
    return result;
}

/// What layer l computed in the forward pass: kept, or computed once more. The last layer's is there in any case.
LayerState& Decoder::stateAgain(const Piece& piece, std::size_t l)
{
    if (isInputOnHost(l, Keeps::States))
        m_states[l].x = m_hostInputs->fetch(l);
    auto& state = stateOf(l, Keeps::States);
    if (l < firstKeptLayer() && l + 1 < m_layers.size()) {
        m_layers[l].attention->forward(piece, state, m_workspace);
        m_layers[l].mlp->recompute(piece, state, m_workspace);
    }
    return state;
}

void Decoder::backward(const Piece& piece, const at::Tensor& gradHead)
{
    auto grad = gradHead;
    for (std::size_t l = m_layers.size(); l-- > 0;) {
        const auto forLayer = pieceFor(piece, l);
        auto& state = stateAgain(forLayer, l);
        // Nothing below the first layer with a trained tensor needs a gradient.
        const bool needsInput = l > m_firstTrainedLayer || m_embeddingMaster;
        m_layers[l].mlp->backward(forLayer, state, m_workspace, grad);
        const auto below = forLayer.onlyTargets ? m_workspace.gradX.take(piece.tokens, m_spec.hiddenSize, grad.options()) : grad;
        m_layers[l].attention->backward(forLayer, state, m_workspace, grad, below,
            needsInput ? LinearGroup::InputGradient::Wanted : LinearGroup::InputGradient::NotNeeded);
        if (!needsInput)
            return;
        grad = below;
    }
    if (m_embeddingMaster)
        m_embeddingMaster->grad.index_add_(0, piece.ids, grad.to(at::kFloat));
}

at::Tensor Decoder::accumulatePiece(const PackedBatch& batch, double gradScale)
{
    const SplitProducts splits;
    const bool isDropping = m_isTraining && m_hasDropout;
    const auto stream = mixed(m_dropoutSeed ^ mixed(m_dropoutCounter++));
    if (!isDropping && isWorthRecording(batch.tokens()))
        return accumulateRecorded(batch, gradScale);
    auto piece = pieceOf(batch, !isDropping);  // each row draws masks of its own
    piece.onlyTargets = true;
    piece.dropout = {isDropping, stream};
    piece.gradScale = at::full({}, gradScale, at::TensorOptions().dtype(at::kFloat).device(m_placement.device));
    beginLayers(piece, Keeps::States);
    return passBothWays(piece);
}

/// From the first layer's input to all gradients; the sum of the losses.
at::Tensor Decoder::passBothWays(const Piece& piece)
{
    const auto x = runLayers(piece, Keeps::States, nullptr);
    const auto gradHead = m_workspace.gradFull.take(x.size(0), x.size(1), x.options());
    const auto loss = m_head->lossBackward(x, piece.targets, piece.gradScale, m_workspace, gradHead);
    backward(piece, gradHead);
    return loss;
}

/// In full fine-tuning on a CPU a step is spared two passes over the gradients of all matrices: the first product overwrites them.
/// (Recorded steps of a card always add.)
void Decoder::beginStep()
{
    const at::NoGradGuard noGrad;
    if (!m_placement.trainsBase || !m_placement.device.is_cpu())
        return CausalLm::beginStep();
    std::set<const Parameter*> overwritten {m_headMaster ? m_headMaster.get() : m_embeddingMaster.get()};
    m_head->overwriteGradient();
    overGroups(0, static_cast<std::int64_t>(m_layers.size()), [&](LinearGroup& group) {
        group.overwriteGradients();
        for (const auto& linear : group.linears())
            overwritten.insert(linear.weight.get());
    });
    for (const auto* parameter : parameters())
        if (!overwritten.contains(parameter))
            parameter->grad.zero_();
}

at::Tensor Decoder::accumulate(const PackedBatch& batch, double gradScale)
{
    const at::NoGradGuard noGrad;
    auto total = at::zeros({}, at::TensorOptions().dtype(at::kFloat).device(m_placement.device));
    for (const auto& piece : split(batch, m_pieceTokens)) {
        if (piece.trained > 0)
            total += accumulatePiece(piece, gradScale);
    }
    if (m_placement.trainsBase) {
        m_head->settleGradient();
        overGroups(0, static_cast<std::int64_t>(m_layers.size()), [](LinearGroup& group) { group.settleGradients(); });
    }
    return total;
}

at::Tensor Decoder::lossSum(const PackedBatch& batch)
{
    const at::NoGradGuard noGrad;
    auto total = at::zeros({}, at::TensorOptions().dtype(at::kFloat).device(m_placement.device));
    for (const auto& part : split(batch, m_pieceTokens)) {
        if (part.trained == 0)
            continue;
        auto piece = pieceOf(part, true);
        piece.onlyTargets = true;
        beginLayers(piece, Keeps::Nothing);
        total += m_head->loss(runLayers(piece, Keeps::Nothing, nullptr), piece.targets, m_workspace);
    }
    return total;
}

at::Tensor Decoder::logits(std::span<const std::int32_t> ids)
{
    const at::NoGradGuard noGrad;
    PackedBatch batch;
    batch.ids.assign(ids.begin(), ids.end());
    batch.segments = {0, static_cast<std::int32_t>(ids.size())};
    const auto piece = pieceOf(batch, false);
    beginLayers(piece, Keeps::Nothing);
    return m_head->logits(runLayers(piece, Keeps::Nothing, nullptr), m_workspace);
}

std::unique_ptr<KvCache> Decoder::newCache(std::int64_t maxTokens)
{
    auto cache = std::make_unique<DecoderCache>();
    cache->capacity = maxTokens;
    for (std::size_t l = 0; l < m_layers.size(); ++l) {
        const auto rows = [&] { return at::empty({maxTokens, m_spec.kvWidth()}, activations()); };
        cache->layers.push_back({rows(), rows()});
    }
    return cache;
}

at::Tensor Decoder::forward(std::span<const std::int32_t> ids, KvCache& cache)
{
    const at::NoGradGuard noGrad;
    constexpr std::size_t kChunk = 512;  // bounds the buffers of a long prompt
    at::Tensor result;
    for (std::size_t begin = 0; begin < ids.size(); begin += kChunk)
        result = forwardChunk(ids.subspan(begin, std::min(kChunk, ids.size() - begin)), dynamic_cast<DecoderCache&>(cache));
    return result;
}

at::Tensor Decoder::forwardChunk(std::span<const std::int32_t> ids, DecoderCache& cache)
{
    const auto T = static_cast<std::int32_t>(ids.size());
    TORCH_CHECK(cache.used + T <= cache.capacity, "the key-value cache holds ", cache.capacity, " tokens");
    PackedBatch batch;
    batch.ids.assign(ids.begin(), ids.end());
    batch.segments = {0, T};
    auto piece = pieceOf(batch, false);
    piece.positions.add_(cache.used);
    piece.table = m_rope.forLength(cache.used + T);
    piece.attention.segments = {{0, T, 0, static_cast<std::int32_t>(cache.used) + T}};
    piece.attention.starts.reset();  // the keys are those of the cache
    beginLayers(piece, Keeps::Nothing);
    const auto x = runLayers(piece, Keeps::Nothing, &cache);
    cache.used += T;
    return m_head->logits(x.narrow(0, T - 1, 1), m_workspace).view({-1});
}

void Decoder::setPieceTokens(std::int64_t tokens)
{
    if (tokens < m_pieceTokens)
        releaseBuffers();
    m_pieceTokens = tokens;
}

void Decoder::setKeptLayers(std::int64_t layers)
{
    m_keptLayers = layers;
    releaseBuffers();
}

void Decoder::setInputsOnHost(bool areOnHost)
{
    m_hostInputs = areOnHost ? std::make_unique<HostInputs>() : nullptr;
    releaseBuffers();
}

/// With what was recorded of their addresses.
void Decoder::releaseBuffers()
{
    if (m_hostInputs)
        m_hostInputs = std::make_unique<HostInputs>();
    m_states.clear();
    m_passing = {};
    m_workspace = {};
    forgetRecorded();
}

void Decoder::seedDropout(std::uint64_t seed)
{
    m_dropoutSeed = seed;
    m_dropoutCounter = 0;
    m_hasDropout = std::ranges::any_of(linears(), [](const Linear* l) { return l->adapter && l->adapter->dropout > 0; });
}

std::string Decoder::generatorState() const
{
    return fmt::format("{} {}", m_dropoutSeed, m_dropoutCounter);
}

void Decoder::setGeneratorState(const std::string& state)
{
    char* end = nullptr;
    m_dropoutSeed = std::strtoull(state.c_str(), &end, 10);
    m_dropoutCounter = std::strtoull(end, nullptr, 10);
}

Status Decoder::save(const std::string& folder, const std::string& baseName)
{
    if (!m_saver)
        return fail(ErrorCode::Unsupported, "This model has no adapter and is not being trained, so there is nothing to save.", "Add an adapter first.");
    return m_saver(*this, folder, baseName);
}

}
