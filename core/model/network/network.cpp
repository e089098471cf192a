// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/network/network.h"

#include "model/network/input.h"

#include <fmt/format.h>

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

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

at::Tensor indices(const std::vector<std::int64_t>& values, at::Device device)
{
    return at::tensor(values, at::kLong).to(device);
}

PackedBatch oneRow(std::span<const std::int32_t> ids)
{
    PackedBatch batch;
    batch.ids.assign(ids.begin(), ids.end());
    batch.segments = {0, static_cast<std::int32_t>(ids.size())};
    return batch;
}

}

std::vector<Parameter*> Network::parameters()
{
    std::vector<Parameter*> result;
    for (auto& tensor : m_tensors) {
        if (auto* parameter = tensor.parameter())
            result.push_back(parameter);
    }
    if (m_embeddingHook)
        m_embeddingHook->appendParameters(result);
    for (auto& linear : m_linears) {
        if (linear.hook())
            linear.hook()->appendParameters(result);
    }
    for (const auto& [place, hook] : m_blockHooks)
        hook->appendParameters(result);
    if (m_virtualTokens)
        m_virtualTokens->appendParameters(result);
    return result;
}

void Network::startPass()
{
    m_generator.set_current_seed(mixed(m_dropoutSeed ^ mixed(m_dropoutCounter++)));
}

at::Tensor Network::accumulate(const PackedBatch& batch, double gradScale)
{
    const at::AutoGradMode withTape(true);
    auto total = at::zeros({}, at::TensorOptions().dtype(at::kFloat).device(m_placement.device));
    for (const auto& piece : split(batch, m_pieceTokens)) {
        if (piece.trained == 0)
            continue;
        startPass();
        const auto loss = lossOf(piece);
        if (loss.requires_grad())
            (loss * gradScale).backward();
        total += loss.detach().to(at::kFloat);
    }
    return total;
}

void Network::setAdapterScale(double scale)
{
    m_state.adapterScale = scale;
    for (auto& tensor : m_tensors)
        tensor.useBase(scale == 0);
}

at::Tensor Network::lossSum(const PackedBatch& batch)
{
    const at::NoGradGuard noGrad;
    auto total = at::zeros({}, at::TensorOptions().dtype(at::kFloat).device(m_placement.device));
    for (const auto& piece : split(batch, m_pieceTokens)) {
        if (piece.trained > 0)
            total += lossOf(piece).to(at::kFloat);
    }
    return total;
}

at::Tensor Network::lossOf(const PackedBatch& piece)
{
    return m_loss ? m_loss(*this, piece) : crossEntropy(piece);
}

at::Tensor Network::crossEntropy(const PackedBatch& batch)
{
    std::vector<std::int64_t> rows, targets;
    for (std::size_t t = 0; t < batch.targets.size(); ++t) {
        if (batch.targets[t] < 0)
            continue;
        rows.push_back(static_cast<std::int64_t>(t));
        targets.push_back(batch.targets[t]);
    }
    return tokenLosses(hidden(batch).index_select(0, indices(rows, m_placement.device)), indices(targets, m_placement.device)).sum();
}

at::Tensor Network::logits(std::span<const std::int32_t> ids)
{
    const at::NoGradGuard noGrad;
    if (m_spec.kind != families::Architecture::EncoderDecoder)
        return logitsOf(hidden(oneRow(ids)));
    // The decoder writes what the encoder read, as in transformers where inputs are the labels.
    auto batch = oneRow(ids);
    std::vector<std::int32_t> shifted {static_cast<std::int32_t>(m_spec.decoderStart)};
    shifted.insert(shifted.end(), ids.begin(), ids.end() - 1);
    batch.addSequence(shifted, {});
    const auto length = static_cast<std::int64_t>(ids.size());
    return logitsOf(hidden(batch).narrow(0, length, length));
}

at::Tensor Network::logitsOf(const at::Tensor& rows)
{
    TORCH_CHECK(m_head, "the model has no head that names tokens");
    auto logits = m_head->forward(throughHead(rows, m_spec.textActivation, "mlm.dense", "mlm.norm"), m_state).to(at::kFloat);
    if (m_spec.logitScale != 1)
        logits = logits * m_spec.logitScale;
    if (m_spec.logitSoftcap > 0)
        logits = at::tanh(logits / m_spec.logitSoftcap) * m_spec.logitSoftcap;
    return logits;
}

at::Tensor Network::hidden(const PackedBatch& batch)
{
    if (m_spec.kind == families::Architecture::EncoderDecoder)
        return hiddenOfPairs(batch);
    if (m_virtualTokens && m_state.adapterScale != 0)
        m_virtualTokens->prepare(m_state);
    const auto input = std::make_shared<NetworkInput>(inputOf(batch, 0));
    const auto x = runLayers(input, nullptr);
    return input->ownRows.defined() ? x.index_select(0, input->ownRows) : x;
}

/// Sequences of an encoder-decoder come in turn: a source, and what the decoder writes about it. A source alone is possible at the end.
at::Tensor Network::hiddenOfPairs(const PackedBatch& batch)
{
    PackedBatch sources, targets;
    for (std::size_t s = 0; s + 1 < batch.segments.size(); ++s) {
        const auto begin = static_cast<std::size_t>(batch.segments[s]), length = static_cast<std::size_t>(batch.segments[s + 1]) - begin;
        (s % 2 == 0 ? sources : targets).addSequence({batch.ids.data() + begin, length}, {});
    }
    const auto sourceInput = std::make_shared<NetworkInput>(inputOf(sources, 0));
    const auto encoded = norm(runLayers(0, m_spec.encoderLayers, embed(*sourceInput), sourceInput, nullptr), find("enc.output_norm.weight"), nullptr);
    if (targets.ids.empty())
        return encoded;
    const auto input = std::make_shared<NetworkInput>(inputOf(targets, 0));
    for (const auto& row : sourceInput->rows)
        input->sources.push_back(encoded.narrow(0, row.begin, row.length));
    const auto decoded = norm(runLayers(m_spec.encoderLayers, m_spec.layers, embed(*input), input, nullptr), find("dec.output_norm.weight"), nullptr);
    std::vector<at::Tensor> parts;
    for (std::size_t s = 0; s + 1 < batch.segments.size(); ++s) {
        const bool isSource = s % 2 == 0;
        const auto& row = (isSource ? sourceInput : input)->rows[s / 2];
        parts.push_back((isSource ? encoded : decoded).narrow(0, row.begin, row.length));
    }
    return at::cat(parts);
}

at::Tensor Network::pooled(const PackedBatch& batch)
{
    if (m_virtualTokens && m_state.adapterScale != 0)
        m_virtualTokens->prepare(m_state);
    const auto input = std::make_shared<NetworkInput>(inputOf(batch, 0));
    const auto x = runLayers(input, nullptr);
    const bool isEncoder = m_spec.kind == families::Architecture::Encoder;
    if (isEncoder && m_spec.poolsMean) {
        std::vector<at::Tensor> means;
        for (const auto& row : input->rows)
            means.push_back(x.narrow(0, row.begin, row.length).to(at::kFloat).mean(0));
        return at::stack(means).to(x.scalar_type());
    }
    std::vector<std::int64_t> places;
    for (const auto& row : input->rows)
        places.push_back(isEncoder ? row.begin : row.begin + row.length - 1);
    return x.index_select(0, indices(places, m_placement.device));
}

at::Tensor Network::throughHead(const at::Tensor& x, families::Activation activation, const std::string& dense, const std::string& normName)
{
    auto* linear = findLinear(dense);
    const auto *weight = find(dense + ".weight"), *bias = find(dense + ".bias");
    if (!weight)
        return x;
    const auto y = linear ? linear->forward(x, m_state) : at::linear(x.to(at::kFloat), weight->useFloat(), bias ? std::optional<at::Tensor>(bias->useFloat()) : std::nullopt);
    return norm(activated(activation, y), find(normName + ".weight"), find(normName + ".bias"));
}

/// past: positions that a cache already holds.
NetworkInput Network::inputOf(const PackedBatch& batch, std::int64_t past)
{
    NetworkInput input;
    const bool hasVirtual = m_virtualTokens && m_state.adapterScale != 0;
    const std::int64_t before = hasVirtual && !m_virtualTokens->isPrefix() && past == 0 ? m_virtualTokens->count() : 0;
    const std::int64_t prefix = hasVirtual && m_virtualTokens->isPrefix() && past == 0 ? m_virtualTokens->count() : 0;
    std::vector<std::int64_t> positions, own, types;
    for (std::size_t s = 0; s + 1 < batch.segments.size(); ++s) {
        const std::int64_t length = batch.segments[s + 1] - batch.segments[s];
        const NetworkRow row {input.tokens, before + length, past + prefix};
        for (std::int64_t i = 0; i < row.length; ++i)
            positions.push_back(row.past + i);
        for (std::int64_t i = 0; i < length; ++i)
            own.push_back(row.begin + before + i);
        if (!batch.types.empty()) {
            types.resize(types.size() + static_cast<std::size_t>(before), 0);
            types.insert(types.end(), batch.types.begin() + batch.segments[s], batch.types.begin() + batch.segments[s + 1]);
        }
        input.tokens += row.length;
        input.rows.push_back(row);
    }
    input.virtualTokens = before;
    input.ids = indices({batch.ids.begin(), batch.ids.end()}, m_placement.device);
    input.positions = indices(positions, m_placement.device);
    if (!types.empty())
        input.types = indices(types, m_placement.device);
    if (before > 0)
        input.ownRows = indices(own, m_placement.device);
    const auto gather = [&](RopeTable& table) -> NetworkInput::Angles {
        std::int64_t longest = 0;
        for (const auto& row : input.rows)
            longest = std::max(longest, row.past + row.length);
        at::Tensor angles;
        const auto kind = m_spec.rope.kind;
        if (kind == families::RopeSpec::Kind::Dynamic || kind == families::RopeSpec::Kind::LongRope) {
            // The angles of a row follow from its own length.
            std::vector<at::Tensor> parts;
            for (const auto& row : input.rows)
                parts.push_back(table.forLength(row.past + row.length).narrow(0, row.past, row.length));
            angles = at::cat(parts);
        } else {
            angles = table.forLength(longest).index_select(0, input.positions);
        }
        return {angles.select(1, 0).unsqueeze(1), angles.select(1, 1).unsqueeze(1)};
    };
    if (m_spec.rope.kind != families::RopeSpec::Kind::None)
        input.angles = gather(m_rope);
    if (m_localRope)
        input.localAngles = gather(*m_localRope);
    return input;
}

at::Tensor Network::embed(const NetworkInput& input)
{
    auto x = find("token_embd.weight")->rows(input.ids);
    if (m_embeddingHook && m_state.adapterScale != 0)
        x = m_embeddingHook->apply(input.ids, x, m_state).to(x.scalar_type());
    if (m_spec.embeddingScale != 1)
        x = x * at::scalar_tensor(m_spec.embeddingScale, x.options());
    if (input.virtualTokens > 0) {
        const auto P = input.virtualTokens;
        const auto both = at::cat({m_virtualTokens->embeddings().to(x.scalar_type()), x});
        std::vector<std::int64_t> order;
        std::int64_t own = P;
        for (const auto& row : input.rows) {
            for (std::int64_t i = 0; i < row.length; ++i)
                order.push_back(i < P ? i : own++);
        }
        x = both.index_select(0, indices(order, m_placement.device));
    }
    return finishEmbeddings(x, input);
}

/// What encoders do to the sum of their embeddings before the first layer; a decoder has positions at most.
at::Tensor Network::finishEmbeddings(at::Tensor x, const NetworkInput& input)
{
    if (m_spec.learnedPositions)
        x = x + find("position_embd.weight")->rows(input.positions + m_spec.positionOffset);
    if (auto* types = find("token_types.weight"))
        x = x + types->rows(input.types.defined() && types->slot().shape[0] > 1 ? input.types : at::zeros_like(input.positions));
    x = norm(x, find("token_embd_norm.weight"), find("token_embd_norm.bias"));
    auto* project = findLinear("token_embd_project");
    return project ? project->forward(x, m_state) : x;
}

at::Tensor Network::runLayers(const std::shared_ptr<NetworkInput>& input, NetworkCache* cache)
{
    const bool isPair = m_spec.kind == families::Architecture::EncoderDecoder;
    const auto x = runLayers(isPair ? m_spec.encoderLayers : 0, m_spec.layers, embed(*input), input, cache);
    const std::string last = isPair ? "dec.output_norm" : "output_norm";
    return norm(x, find(last + ".weight"), find(last + ".bias"));
}

at::Tensor Network::runLayers(std::int64_t first, std::int64_t last, at::Tensor x, const std::shared_ptr<NetworkInput>& input, NetworkCache* cache)
{
    const bool keepsInputsOnly = !cache && recomputes(*input);
    const auto trained = keepsInputsOnly ? trainedLayers() : std::vector<bool>();
    for (std::int64_t l = first; l < last; ++l) {
        const auto& layer = m_layers[static_cast<std::size_t>(l)];
        const auto index = static_cast<std::size_t>(layer.index);
        if (keepsInputsOnly && (x.requires_grad() || trained[index]))
            x = runRecomputed(layer, x, input, mixed(m_dropoutSeed ^ mixed(m_dropoutCounter) ^ mixed(index + 1)));
        else
            x = runLayer(layer, x, *input, cache);
    }
    return x;
}

at::Tensor Network::runLayer(const NetworkLayer& layer, const at::Tensor& x, NetworkInput& input, NetworkCache* cache)
{
    const auto attentionInput = norm(x, layer.attentionNorm, layer.attentionNormBias);
    auto h = combine(layer, false, attentionInput, attention(layer, attentionInput, input, cache), x);
    if (layer.crossQuery)
        h = h + crossAttention(layer, norm(h, layer.crossNorm, nullptr), input);
    const auto mlpInput = norm(m_spec.parallelResidual ? x : h, layer.mlpNorm, layer.mlpNormBias);
    return combine(layer, true, mlpInput, mlp(layer, mlpInput), h);
}

/// residual + output, with the norm that the model places on either and what a method puts between.
at::Tensor Network::combine(const NetworkLayer& layer, bool isMlp, const at::Tensor& input, const at::Tensor& output, const at::Tensor& residual)
{
    const auto* weight = isMlp ? layer.mlpPostNorm : layer.attentionPostNorm;
    const auto* bias = isMlp ? layer.mlpPostNormBias : layer.attentionPostNormBias;
    // Encoders normalise the sum, decoders what is added.
    const bool isNormOfSum = m_spec.kind == families::Architecture::Encoder && m_spec.normPlacement == families::NormPlacement::Post;
    auto added = isNormOfSum ? output : norm(output, weight, bias);
    if (m_spec.residualScale != 1)
        added = added * m_spec.residualScale;
    const auto after = [&, isNormOfSum](const at::Tensor& sum) { return isNormOfSum ? norm(sum, weight, bias) : sum; };
    const auto hook = m_blockHooks.find({layer.index, isMlp});
    if (hook == m_blockHooks.end() || m_state.adapterScale == 0)
        return after(residual + added);
    return hook->second->combine({layer.index, isMlp, after}, input, added, residual, m_state).to(residual.scalar_type());
}

/// The norms compute in float32; families differ in whether the weight is multiplied before rounding.
at::Tensor Network::norm(const at::Tensor& x, const NetworkTensor* weight, const NetworkTensor* bias) const
{
    if (!weight)
        return x;
    const auto type = x.scalar_type();
    const auto wide = x.to(at::kFloat);
    const auto w = weight->useFloat();
    if (m_spec.norm == families::NormKind::LayerNorm)
        return at::layer_norm(wide, w.sizes(), w, bias ? std::optional<at::Tensor>(bias->useFloat()) : std::nullopt, m_spec.normEpsilon).to(type);
    const auto normalised = wide * at::rsqrt(wide.square().mean(-1, true) + m_spec.normEpsilon);
    if (m_spec.normAddsOne)
        return (normalised * (w + 1)).to(type);
    return m_spec.normScalesInFloat ? (normalised * w).to(type) : normalised.to(type) * w.to(type);
}

at::Tensor Network::activated(families::Activation activation, const at::Tensor& x) const
{
    switch (activation) {
    case families::Activation::Silu: return at::silu(x);
    case families::Activation::Gelu: return at::gelu(x);
    case families::Activation::GeluTanh: return at::gelu(x, "tanh");
    case families::Activation::Relu: return at::relu(x);
    case families::Activation::QuickGelu: return x * at::sigmoid(x * 1.702);
    case families::Activation::Tanh: return at::tanh(x);
    }
    return x;
}

at::Tensor Network::mlp(const NetworkLayer& layer, const at::Tensor& x)
{
    auto y = layer.up->forward(x, m_state);
    if (m_spec.fusedGateUp) {
        const auto parts = y.chunk(2, -1);
        y = activated(m_spec.activation, parts[0]) * parts[1];
    } else {
        y = m_spec.gatedMlp ? activated(m_spec.activation, layer.gate->forward(x, m_state)) * y : activated(m_spec.activation, y);
    }
    return layer.down->forward(y, m_state);
}

std::unique_ptr<KvCache> Network::newCache(std::int64_t maxTokens)
{
    auto cache = std::make_unique<NetworkCache>();
    cache->virtualTokens = m_virtualTokens && m_state.adapterScale != 0 ? m_virtualTokens->count() : 0;
    cache->capacity = maxTokens + cache->virtualTokens;
    const auto rows = [&] { return at::empty({cache->capacity, m_spec.kvHeads, m_spec.headDim}, at::TensorOptions().dtype(m_placement.compute).device(m_placement.device)); };
    for (std::size_t l = 0; l < m_layers.size(); ++l)
        cache->layers.push_back({rows(), rows()});
    return cache;
}

at::Tensor Network::forward(std::span<const std::int32_t> ids, KvCache& base)
{
    const at::NoGradGuard noGrad;
    auto& cache = dynamic_cast<NetworkCache&>(base);
    constexpr std::size_t kChunk = 512;  // bounds the buffers of a long prompt
    at::Tensor result;
    if (cache.used == 0 && cache.virtualTokens > 0)
        m_virtualTokens->prepare(m_state);
    const auto start = static_cast<std::int32_t>(m_spec.decoderStart);
    if (m_spec.kind == families::Architecture::EncoderDecoder && cache.used == 0) {
        cache.source = hidden(oneRow(ids));
        ids = {&start, 1};
    }
    for (std::size_t begin = 0; begin < ids.size(); begin += kChunk) {
        const auto input = std::make_shared<NetworkInput>(inputOf(oneRow(ids.subspan(begin, std::min(kChunk, ids.size() - begin))), cache.used));
        if (cache.source.defined())
            input->sources = {cache.source};
        const auto end = input->rows[0].past + input->tokens;
        TORCH_CHECK(end <= cache.capacity, "the key-value cache holds ", cache.capacity, " tokens");
        const auto x = runLayers(input, &cache);
        cache.used = end;
        result = x.narrow(0, x.size(0) - 1, 1);
    }
    return logitsOf(result).view({-1});
}

void Network::seedDropout(std::uint64_t seed)
{
    m_dropoutSeed = seed;
    m_dropoutCounter = 0;
    m_generator = at::globalContext().defaultGenerator(m_placement.device).clone();
}

std::string Network::generatorState() const
{
    return fmt::format("{} {}", m_dropoutSeed, m_dropoutCounter);
}

void Network::setGeneratorState(const std::string& state)
{
    char* end = nullptr;
    m_dropoutSeed = std::strtoull(state.c_str(), &end, 10);
    m_dropoutCounter = std::strtoull(end, nullptr, 10);
}

at::Tensor Network::mergedWeight(const std::string& name)
{
    const at::NoGradGuard noGrad;
    const auto dot = name.rfind('.');
    const auto part = name.substr(dot);
    if (auto* linear = findLinear(name.substr(0, dot)); linear && (part == ".weight" || linear->bias()))
        return part == ".weight" ? linear->mergedWeight(m_state.adapterScale) : linear->mergedBias(m_state.adapterScale);
    const auto* tensor = find(name);
    TORCH_CHECK(tensor, "the model has no tensor ", name);
    if (tensor->slot().role == families::Role::Embedding && m_embeddingHook && m_state.adapterScale != 0)
        return m_embeddingHook->merged(tensor->values(), m_state.adapterScale);
    return tensor->values();
}

Status Network::save(const std::string& folder, const std::string& baseName)
{
    if (!m_saver)
        return fail(ErrorCode::Unsupported, "This model has no adapter and is not being trained, so there is nothing to save.", "Add an adapter first.");
    return m_saver(*this, folder, baseName);
}

}
