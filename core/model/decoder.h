// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_source.h"
#include "model/blocks/attention_block.h"
#include "model/blocks/head.h"
#include "model/blocks/mlp_block.h"
#include "model/causal_lm.h"
#include "model/forward_state.h"
#include "model/host_inputs.h"
#include "model/linear_group.h"
#include "model/rope.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attune::model {

/// Reads one weight of a model: any float type, on the CPU, laid out as Hugging Face has it.
using ReadTensor = std::function<Result<at::Tensor>(const families::TensorSlot&)>;

/// Where and in what a model is held.
struct Placement {
    at::Device device = at::Device(at::kCPU);
    at::ScalarType stored = at::kFloat;   ///< the frozen base
    at::ScalarType compute = at::kFloat;  ///< activations and products
    bool trainsBase = false;
};

/// One decoder layer: h = x + attention(norm(x)); h + mlp(norm(h)).
struct DecoderLayer {
    std::unique_ptr<AttentionBlock> attention;
    std::unique_ptr<MlpBlock> mlp;
};

struct RecordedSteps;

/// Keys and values of all layers.
class DecoderCache final : public KvCache
{
public:
    std::int64_t length() const override { return used; }
    void truncate(std::int64_t length) override { used = std::min(used, length); }

    std::vector<LayerCache> layers;
    std::int64_t used = 0, capacity = 0;
};

/// A decoder of the Llama kind (Touvron et al. 2023: RMSNorm, rotary positions, grouped-query attention,
/// SwiGLU), built from a ModelSpec, with a forward and backward pass written out by hand: no autograd
/// tape, activations in buffers that are reused from step to step, gradients only where something
/// trains. Threads: as CausalLm.
class Decoder final : public CausalLm
{
public:
    /// Errors: ModelUnsupported (a feature of the spec that blocks/ lacks), ModelCorrupt, Cancelled.
    static Result<std::unique_ptr<Decoder>> build(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots,
        const Placement& placement, const ReadTensor& read, const JobContext& context, const GiveSource& source = {});

    ~Decoder() override;

    const families::ModelSpec& spec() const override { return m_spec; }
    std::vector<Parameter*> parameters() override;
    void parametersChanged() override;
    void beginStep() override;
    at::Tensor accumulate(const PackedBatch& batch, double gradScale) override;
    at::Tensor lossSum(const PackedBatch& batch) override;
    at::Tensor logits(std::span<const std::int32_t> ids) override;
    std::unique_ptr<KvCache> newCache(std::int64_t maxTokens) override;
    at::Tensor forward(std::span<const std::int32_t> ids, KvCache& cache) override;
    void setAdapterScale(double scale) override;
    void setTraining(bool isTraining) override;
    std::string generatorState() const override;
    void setGeneratorState(const std::string& state) override;
    /// Smaller pieces than before: buffers are given up, for memory is short.
    void setPieceTokens(std::int64_t tokens) override;
    /// How many layers, from the last one down, keep what they computed until their backward pass; the others keep their input
    /// only and are computed once more (Chen et al. 2016). Negative: all keep it.
    void setKeptLayers(std::int64_t layers);
    /// Whether the inputs of layers that keep nothing else wait in the host's memory (HostInputs).
    void setInputsOnHost(bool areOnHost);
    at::Tensor mergedWeight(const std::string& name) override;
    Status save(const std::string& folder, const std::string& baseName) override;
    ValuesWriter valuesWriter(const std::string& baseName) override { return m_writerMaker ? m_writerMaker(*this, baseName) : ValuesWriter(); }

    // ---- what core/peft works with
    const Placement& placement() const { return m_placement; }
    const std::vector<families::TensorSlot>& slots() const { return m_slots; }
    /// All linears that an adapter can sit on, in the order of the layers.
    std::vector<Linear*> linears();
    Linear* findLinear(const std::string& name);
    /// Puts an adapter on a linear (float32 A [R, in] and B [out, R]); replaces the one there. Call
    /// parametersChanged() after the last.
    void setAdapter(const std::string& linear, std::unique_ptr<LowRank> adapter);
    std::int64_t inputsOf(const std::string& linear);
    bool trainsBase() const { return m_placement.trainsBase; }
    /// Whether steps are computed in rounded shapes, each of which is recorded once and then started as a whole, where the device
    /// can (LaunchGraph). As setTraining() chooses; for tests.
    void setRecording(bool isRecording);
    /// How save() writes this model; set by the method that was applied.
    using Saver = std::function<Status(Decoder&, const std::string& folder, const std::string& baseName)>;
    void setSaver(Saver saver) { m_saver = std::move(saver); }
    /// How it is written from copies of the trained tensors.
    using WriterMaker = std::function<ValuesWriter(Decoder&, const std::string& baseName)>;
    void setWriterMaker(WriterMaker maker) { m_writerMaker = std::move(maker); }
    /// Starts the dropout generator of the adapters.
    void seedDropout(std::uint64_t seed);
    /// What the base was read from; a model made in memory has only family and spec here.
    families::ModelSource source;

private:
    Decoder(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, const Placement& placement);

    LinearGroup* groupOf(const std::string& linear, std::size_t& member);
    /// sharesBeginning: what all rows begin with (a system prompt) is computed once, where that changes nothing.
    Piece pieceOf(const PackedBatch& batch, bool sharesBeginning);
    Piece emptyPiece() const;
    at::TensorOptions activations() const { return at::TensorOptions().device(m_placement.device).dtype(m_placement.compute); }
    std::vector<Norm*> norms();
    enum class Keeps { Nothing, States };
    void embed(const Piece& piece, at::Tensor out) const;
    std::size_t firstKeptLayer() const;
    LayerState& stateOf(std::size_t l, Keeps keeps);
    LayerState& stateAgain(const Piece& piece, std::size_t l);
    Piece pieceFor(const Piece& piece, std::size_t l) const;
    /// Runs all layers; states of all for a backward pass, or two that take turns. Returns what goes into the head:
    /// rows of targets only, or all rows.
    at::Tensor runLayers(const Piece& piece, Keeps keeps, DecoderCache* cache);
    void beginLayers(const Piece& piece, Keeps keeps);
    bool isInputOnHost(std::size_t l, Keeps keeps) const { return m_hostInputs && keeps == Keeps::States && l < firstKeptLayer(); }
    at::Tensor inputRoom(std::size_t l, std::int64_t rows, Keeps keeps);
    void inputWritten(std::size_t l, const at::Tensor& x, Keeps keeps);
    void backward(const Piece& piece, const at::Tensor& gradHead);
    at::Tensor accumulatePiece(const PackedBatch& batch, double gradScale);
    at::Tensor passBothWays(const Piece& piece);
    /// Of layers [begin, end).
    void overGroups(std::int64_t begin, std::int64_t end, const std::function<void(LinearGroup&)>& function);
    void refreshLayers(std::int64_t begin, std::int64_t end);
    at::Tensor accumulateRecorded(const PackedBatch& batch, double gradScale);
    bool isWorthRecording(std::int64_t tokens) const;
    bool refreshRecorded();
    void forgetRecorded();
    void releaseBuffers();
    at::Tensor forwardChunk(std::span<const std::int32_t> ids, DecoderCache& cache);

    const families::ModelSpec m_spec;
    const std::vector<families::TensorSlot> m_slots;
    const Placement m_placement;
    at::Tensor m_embedding;                   ///< [V, C] compute type; beside a quantised base on a card, where it is no head, on the host
    std::unique_ptr<Parameter> m_embeddingMaster, m_headMaster;  ///< full fine-tuning only; null when frozen or tied
    std::vector<DecoderLayer> m_layers;
    std::unique_ptr<Head> m_head;
    RopeTable m_rope;
    Saver m_saver;
    WriterMaker m_writerMaker;

    Workspace m_workspace;
    std::vector<LayerState> m_states;         ///< of layers that keep nothing else: their input
    std::unique_ptr<HostInputs> m_hostInputs; ///< where those inputs lie; null: in their states
    LayerState m_passing;                     ///< what such layers compute in, one after another
    std::int64_t m_keptLayers = -1;
    std::unique_ptr<RecordedSteps> m_recorded;  ///< null: each launch is made anew
    double m_adapterScale = 1.0;
    bool m_isTraining = false, m_hasDropout = false;
    std::size_t m_firstTrainedLayer = 0;
    std::uint64_t m_dropoutSeed = 0, m_dropoutCounter = 0;
    std::int64_t m_pieceTokens = 1024;
};

}
