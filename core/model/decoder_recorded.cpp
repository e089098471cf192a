// SPDX-License-Identifier: GPL-3.0-or-later
// Steps that a card is told of once (see recorded_steps.h); the rest of the decoder is in decoder.cpp.
#include "model/decoder.h"
#include "model/recorded_steps.h"
#include "model/tensor_memory.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstring>

namespace attune::model {

namespace {

/// Lays values out in one block of bytes, each on a border of 16.
class Inputs
{
public:
    template<typename T>
    void add(std::span<const T> values)
    {
        const auto begin = (m_bytes.size() + 15) / 16 * 16;
        m_bytes.resize(begin + values.size_bytes());
        std::memcpy(m_bytes.data() + begin, values.data(), values.size_bytes());
        m_begins.push_back(static_cast<std::int64_t>(begin));
    }

    /// The block on a device; from pinned memory a copy does not wait for what the card is doing.
    void copyTo(at::Tensor& device, const at::TensorOptions& options) const
    {
        const auto size = static_cast<std::int64_t>(m_bytes.size());
        const auto host = at::empty({size}, at::dtype(at::kByte).pinned_memory(options.device().is_cuda()));
        std::memcpy(host.data_ptr(), m_bytes.data(), m_bytes.size());
        if (!device.defined())
            device = at::empty({size}, options.dtype(at::kByte));
        device.copy_(host, true);
    }

    /// The values that were added as number `index`.
    at::Tensor view(const at::Tensor& device, std::size_t index, std::int64_t count, at::ScalarType type) const
    {
        return device.narrow(0, m_begins[index], count * static_cast<std::int64_t>(c10::elementSize(type))).view(type);
    }

private:
    std::vector<std::uint8_t> m_bytes;
    std::vector<std::int64_t> m_begins;
};

/// Where segments begin, and where the last one ends.
std::vector<std::int32_t> startsOf(const PieceLayout& layout)
{
    std::vector<std::int32_t> starts;
    for (const auto& segment : layout.segments)
        starts.push_back(segment.query);
    starts.push_back(static_cast<std::int32_t>(layout.ids.size()));
    return starts;
}

/// The layout's values in the places that the recorded launches read.
void fill(RecordedStep& step, const PieceLayout& layout, double gradScale, const at::TensorOptions& options)
{
    const auto starts = startsOf(layout);
    const float scale = static_cast<float>(gradScale);
    Inputs inputs;
    inputs.add<std::int64_t>(layout.ids);
    inputs.add<std::int64_t>(layout.targets);
    inputs.add<std::int64_t>(layout.targetRows);
    inputs.add<std::int32_t>(layout.positions);
    inputs.add<std::int32_t>(starts);
    inputs.add<float>({&scale, 1});
    inputs.copyTo(step.inputs, options);

    auto& piece = step.piece;
    piece.tokens = static_cast<std::int64_t>(layout.ids.size());
    piece.trained = static_cast<std::int64_t>(layout.targets.size());
    piece.onlyTargets = true;
    piece.attention.segments = layout.segments;
    piece.attention.longest = layout.longest;
    piece.ids = inputs.view(step.inputs, 0, piece.tokens, at::kLong);
    piece.targets = inputs.view(step.inputs, 1, piece.trained, at::kLong);
    piece.targetRows = inputs.view(step.inputs, 2, piece.trained, at::kLong);
    piece.positions = inputs.view(step.inputs, 3, piece.tokens, at::kInt);
    if (options.device().is_cuda())
        piece.attention.starts = inputs.view(step.inputs, 4, static_cast<std::int64_t>(starts.size()), at::kInt);
    piece.gradScale = inputs.view(step.inputs, 5, 1, at::kFloat).select(0, 0);
}

}

Decoder::~Decoder() = default;

PieceShape RecordedSteps::shapeFor(const PieceLayout& layout)
{
    auto shape = roundedShape(layout);
    const auto known = steps.find(shape.tokens);
    if (known == steps.end() && steps.size() >= kMostSteps)
        steps.clear();
    else if (known != steps.end()) {
        const auto& most = known->second.shape;
        shape.targets = std::max(shape.targets, most.targets);
        shape.segments = std::max(shape.segments, most.segments);
        shape.longest = std::max(shape.longest, most.longest);
    }
    return shape;
}

void Decoder::setRecording(bool isRecording)
{
    // Angles that follow from a row's length are another table for each; float32 attention is launched segment by segment.
    const bool canRecord = m_spec.rope.kind != families::RopeSpec::Kind::LongRope && m_spec.rope.kind != families::RopeSpec::Kind::Dynamic
        && (m_placement.device.is_cpu() || m_placement.compute != at::kFloat);
    if (!isRecording || !canRecord)
        m_recorded.reset();
    else if (!m_recorded)
        m_recorded = std::make_unique<RecordedSteps>();
}

void Decoder::setTraining(bool isTraining)
{
    m_isTraining = isTraining;
    if (!isTraining)
        return;
    m_head->pack();
    if (m_placement.device.is_cpu())
        at::parallel_for(0, static_cast<std::int64_t>(m_layers.size()), 1, [this](std::int64_t begin, std::int64_t end) {
            overGroups(begin, end, [this](LinearGroup& group) { group.prepareTraining(m_adapterScale); });
        });
    // Where layers have to be computed again, memory is short and the model so large that the host keeps up with the card.
    if (m_placement.device.is_cuda())
        setRecording(LaunchGraph::isAvailable() && firstKeptLayer() == 0);
}

void Decoder::forgetRecorded()
{
    if (m_recorded)
        *m_recorded = {};
}

/// Whether a card would wait for the host between the kernels of such a piece: 2 ms of launches a layer against its products. Larger
/// pieces are launched as they are, without padding; the figure is that of the fastest cards.
bool Decoder::isWorthRecording(std::int64_t tokens) const
{
    constexpr double kMostProducts = 2.5e11;
    const auto weights = m_spec.hiddenSize * (2 * m_spec.queryWidth() + 2 * m_spec.kvWidth() + 3 * m_spec.intermediateSize);
    return m_recorded && static_cast<double>(weights) * static_cast<double>(tokens) < kMostProducts;
}

/// The first pass over a shape finds room for it, the second is recorded, later ones are replayed.
at::Tensor Decoder::accumulateRecorded(const PackedBatch& batch, double gradScale)
{
    auto layout = layoutOf(batch, 0);
    const auto shape = m_recorded->shapeFor(layout);
    auto& step = m_recorded->steps[shape.tokens];
    if (step.shape != shape) {
        step = {};
        step.shape = shape;
        step.piece = emptyPiece();
    }
    padTo(layout, shape);
    fill(step, layout, gradScale, activations());
    const bool isEmbeddingHere = m_embedding.device() == m_placement.device;
    auto piece = step.piece;
    if (!isEmbeddingHere) {
        piece.ids = at::tensor(layout.ids);
        beginLayers(piece, Keeps::States);
    }
    const auto run = [&] {
        if (isEmbeddingHere)
            beginLayers(step.piece, Keeps::States);
        step.loss = passBothWays(step.piece);
    };
    if (step.moves != Buffer::moves() || !step.piece.table.defined()) {
        step.graph.reset();
        step.hasRun = false;
        step.piece.table = m_rope.forLength(shape.longest);
    }
    if (step.hasRun && !step.graph && m_recorded->canRecord && m_placement.device.is_cuda()) {
        // What the passes before it left free is not held beside what the recording takes.
        releaseFreeMemory(m_placement.device);
        step.graph = LaunchGraph::record(run, "A training step");
        m_recorded->canRecord = step.graph != nullptr;
    }
    if (step.graph) {
        step.graph->replay();
        return step.loss;
    }
    run();
    step.hasRun = true;
    step.moves = Buffer::moves();
    return step.loss;
}

/// Whether the compute copies were renewed by a replay. The masters and the copies never move.
bool Decoder::refreshRecorded()
{
    constexpr int kWarmUps = 2;
    if (!m_recorded->canRecord || (!m_recorded->refresh && ++m_recorded->refreshes <= kWarmUps))
        return false;
    if (!m_recorded->refresh) {
        m_recorded->refresh = LaunchGraph::record([this] { refreshLayers(0, static_cast<std::int64_t>(m_layers.size())); }, "The renewal of the weights");
        m_recorded->canRecord = m_recorded->refresh != nullptr;
    }
    if (m_recorded->refresh)
        m_recorded->refresh->replay();
    return m_recorded->refresh != nullptr;
}

}
