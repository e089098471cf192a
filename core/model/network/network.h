// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_source.h"
#include "model/causal_lm.h"
#include "model/decoder.h"
#include "model/network/hooks.h"
#include "model/network/linear.h"
#include "model/rope.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace attune::model {

/// Tokens of one forward pass: rows one after another, with those of virtual tokens among them.
struct NetworkInput;
struct NetworkRow;
class NetworkCache;

/// The norms and linears of one layer, by what they do; null where the model has none.
struct NetworkLayer {
    std::int64_t index = 0;
    bool isSliding = false;
    bool isCausal = true;   ///< tokens see those before them only
    NetworkTensor *attentionNorm = nullptr, *attentionNormBias = nullptr;      ///< before attention
    NetworkTensor *attentionPostNorm = nullptr, *attentionPostNormBias = nullptr;  ///< on attention's output, or on the sum (encoders)
    NetworkTensor *mlpNorm = nullptr, *mlpNormBias = nullptr;                  ///< before the MLP
    NetworkTensor *mlpPostNorm = nullptr, *mlpPostNormBias = nullptr;
    NetworkTensor *queryNorm = nullptr, *queryNormBias = nullptr, *keyNorm = nullptr, *keyNormBias = nullptr;
    NetworkLinear *qkv = nullptr, *query = nullptr, *key = nullptr, *value = nullptr, *attentionOutput = nullptr;
    NetworkTensor *crossNorm = nullptr;                                        ///< decoders of an encoder-decoder: attention to the source
    NetworkLinear *crossQuery = nullptr, *crossKey = nullptr, *crossValue = nullptr, *crossOutput = nullptr;
    NetworkLinear *gate = nullptr, *up = nullptr, *down = nullptr;             ///< up holds gate and up where they are fused
};

/// What a network is made of, beside its spec and slots.
struct NetworkOptions {
    Placement placement;
    /// Reads a weight on the CPU in the given type, laid out as the slot says; undefined when an optional one is absent.
    std::function<Result<at::Tensor>(const families::TensorSlot&, at::ScalarType)> read;
    /// Gives a weight that is not held as plain values, or null; may be empty.
    GiveSource source;
};

/// A model of any family on LibTorch's autograd: slower than Decoder's hand-written passes, but it runs
/// every family, method and objective. Where the tape of a pass would grow large, layers keep their input only
/// and are computed again in the backward pass (Chen et al. 2016). The structure comes from the spec and from which slots there are,
/// found by the names that llama.cpp gives them. Threads: as CausalLm.
class Network final : public CausalLm
{
public:
    /// Errors: ModelUnsupported, ModelCorrupt, Cancelled.
    static Result<std::unique_ptr<Network>> build(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots,
        NetworkOptions options, const JobContext& context);

    // ---- CausalLm
    const families::ModelSpec& spec() const override { return m_spec; }
    std::vector<Parameter*> parameters() override;
    void parametersChanged() override {}
    at::Tensor accumulate(const PackedBatch& batch, double gradScale) override;
    at::Tensor lossSum(const PackedBatch& batch) override;
    at::Tensor logits(std::span<const std::int32_t> ids) override;
    std::unique_ptr<KvCache> newCache(std::int64_t maxTokens) override;
    at::Tensor forward(std::span<const std::int32_t> ids, KvCache& cache) override;
    void setAdapterScale(double scale) override;
    void setTraining(bool isTraining) override { m_state.isTraining = isTraining; }
    std::string generatorState() const override;
    void setGeneratorState(const std::string& state) override;
    void setPieceTokens(std::int64_t tokens) override { m_pieceTokens = tokens; }
    at::Tensor mergedWeight(const std::string& name) override;
    Status save(const std::string& folder, const std::string& baseName) override;
    std::function<Status(const std::string& folder)> snapshot(const std::string& baseName) override
    {
        return m_snapshotter ? m_snapshotter(*this, baseName) : std::function<Status(const std::string&)>();
    }

    // ---- building blocks of objectives; on the tape unless a NoGradGuard stands
    /// [T, C] in the compute type, after the final norm; rows as in the batch, virtual tokens left out.
    at::Tensor hidden(const PackedBatch& batch);
    /// [S, C]: of each sequence what stands for all of it: an encoder's first token, the mean of its tokens where the model asks for
    /// it, a decoder's last, which alone has read all. As in PEFT, virtual tokens count.
    at::Tensor pooled(const PackedBatch& batch);
    /// The activation of a head's dense layer and its norm.
    at::Tensor throughHead(const at::Tensor& x, families::Activation activation, const std::string& dense, const std::string& norm);
    /// Whether logitsOf() names tokens: an encoder may have no head for that.
    bool hasTextHead() const { return m_head != nullptr; }
    /// float32 [N, V]: head, scale and soft-cap on rows of hidden().
    at::Tensor logitsOf(const at::Tensor& rows);
    /// float32 [N]: the cross-entropy of each row of hidden() with its target (int64 [N]), which is minus the
    /// logarithm of the target's probability. Logits exist for kLossRows rows at a time only.
    at::Tensor tokenLosses(const at::Tensor& rows, const at::Tensor& targets);
    static constexpr std::int64_t kLossRows = 256;
    /// Sum of the cross-entropies over the batch's targets: the loss where none is set.
    at::Tensor crossEntropy(const PackedBatch& batch);
    /// Returns the sum of losses of a batch as a scalar on the tape.
    using Loss = std::function<at::Tensor(Network&, const PackedBatch&)>;
    void setLoss(Loss loss) { m_loss = std::move(loss); }
    const HookState& state() const { return m_state; }
    /// How much a pass may keep for its backward pass before layers keep their inputs only.
    void setKeptBytes(std::int64_t bytes) { m_keptBytes = bytes; }

    // ---- what core/peft works with
    const Placement& placement() const { return m_placement; }
    const std::vector<families::TensorSlot>& slots() const { return m_slots; }
    /// All linears, in the order of the slots; the head (role LmHead) among them, also when it is tied.
    std::vector<NetworkLinear*> linears();
    NetworkLinear* findLinear(const std::string& name);
    /// A weight by HF or GGUF name; null when the model lacks it.
    NetworkTensor* find(const std::string& name);
    /// Makes a weight a parameter, float32 values from the file. decay as HF: not for biases and norms.
    /// Errors: ModelCorrupt, Internal when there is none of that name.
    /// keepsBase: the file's values stay for adapterScale 0, where every weight does not train anyway.
    Result<Parameter*> train(const std::string& name, bool keepsBase = true);
    /// Uses other values (float32) than the file's, without training them. Errors: Internal.
    Status setValues(const std::string& name, const at::Tensor& values);
    void setEmbeddingHook(std::shared_ptr<EmbeddingHook> hook) { m_embeddingHook = std::move(hook); }
    EmbeddingHook* embeddingHook() const { return m_embeddingHook.get(); }
    /// For all layers' attention (isMlp false) or MLP.
    void setBlockHook(std::int64_t layer, bool isMlp, std::shared_ptr<BlockHook> hook);
    void setVirtualTokens(std::shared_ptr<VirtualTokens> tokens) { m_virtualTokens = std::move(tokens); }
    VirtualTokens* virtualTokens() const { return m_virtualTokens.get(); }
    /// Rows of the embedding table for ids, without scale and hooks, float32 (text initialisation of prompts).
    at::Tensor embeddingRows(std::span<const std::int32_t> ids);
    bool trainsBase() const { return m_placement.trainsBase; }
    std::uint64_t baseBytes() const;  ///< of all base weights as they are held

    using Saver = std::function<Status(Network&, const std::string& folder, const std::string& baseName)>;
    void setSaver(Saver saver) { m_saver = std::move(saver); }
    using Snapshotter = std::function<std::function<Status(const std::string& folder)>(Network&, const std::string& baseName)>;
    void setSnapshotter(Snapshotter snapshotter) { m_snapshotter = std::move(snapshotter); }
    /// Starts the generator of dropout and noise.
    void seedDropout(std::uint64_t seed);
    /// What the base was read from; a model made in memory has only family and spec here.
    families::ModelSource source;
    /// Weights of a head that the base's files do not hold: they began by chance and mean nothing before they are trained.
    std::set<std::string> newSlots;

private:
    Network(const families::ModelSpec& spec, const std::vector<families::TensorSlot>& slots, NetworkOptions options);

    Status readTensors(const JobContext& context);
    Status assemble();
    NetworkLayer layerOf(std::int64_t index);
    Status checkLayer(const NetworkLayer& layer) const;

    at::Tensor norm(const at::Tensor& x, const NetworkTensor* weight, const NetworkTensor* bias) const;
    NetworkInput inputOf(const PackedBatch& batch, std::int64_t past);
    at::Tensor embed(const NetworkInput& input);
    at::Tensor finishEmbeddings(at::Tensor x, const NetworkInput& input);
    at::Tensor runLayers(const std::shared_ptr<NetworkInput>& input, NetworkCache* cache);
    at::Tensor runLayers(std::int64_t first, std::int64_t last, at::Tensor x, const std::shared_ptr<NetworkInput>& input, NetworkCache* cache);
    at::Tensor hiddenOfPairs(const PackedBatch& batch);
    at::Tensor crossAttention(const NetworkLayer& layer, const at::Tensor& x, const NetworkInput& input);
    at::Tensor distanceBias(const NetworkLayer& layer, std::int64_t n, std::int64_t m);
    at::Tensor runRecomputed(const NetworkLayer& layer, const at::Tensor& x, const std::shared_ptr<NetworkInput>& input, std::uint64_t seed);
    bool isTrained(const NetworkLinear& linear) const;
    bool isHeadTrained();
    std::vector<bool> trainedLayers() const;
    bool recomputes(const NetworkInput& input) const;
    at::Tensor runLayer(const NetworkLayer& layer, const at::Tensor& x, NetworkInput& input, NetworkCache* cache);
    at::Tensor combine(const NetworkLayer& layer, bool isMlp, const at::Tensor& input, const at::Tensor& output, const at::Tensor& residual);
    at::Tensor attention(const NetworkLayer& layer, const at::Tensor& x, NetworkInput& input, NetworkCache* cache);
    at::Tensor attendRow(const NetworkLayer& layer, const NetworkRow& row, const at::Tensor& q, at::Tensor k, at::Tensor v, NetworkInput& input, NetworkCache* cache);
    at::Tensor explicitAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask, double scale) const;
    at::Tensor biasedAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask, const at::Tensor& bias, double scale) const;
    at::Tensor alibiSlopes() const;
    at::Tensor mlp(const NetworkLayer& layer, const at::Tensor& x);
    at::Tensor activated(families::Activation activation, const at::Tensor& x) const;
    at::Tensor lossOf(const PackedBatch& piece);
    void startPass();

    const families::ModelSpec m_spec;
    const std::vector<families::TensorSlot> m_slots;
    const Placement m_placement;
    NetworkOptions m_options;
    std::deque<NetworkTensor> m_tensors;
    std::deque<NetworkLinear> m_linears;
    std::map<std::string, NetworkTensor*, std::less<>> m_byName;  ///< HF and GGUF names
    std::vector<NetworkLayer> m_layers;
    NetworkLinear* m_head = nullptr;
    RopeTable m_rope;
    std::optional<RopeTable> m_localRope;

    std::shared_ptr<EmbeddingHook> m_embeddingHook;
    std::map<std::pair<std::int64_t, bool>, std::shared_ptr<BlockHook>> m_blockHooks;
    std::shared_ptr<VirtualTokens> m_virtualTokens;
    Loss m_loss;
    Saver m_saver;
    Snapshotter m_snapshotter;

    HookState m_state;
    at::Generator m_generator;
    std::uint64_t m_dropoutSeed = 0, m_dropoutCounter = 0;
    std::int64_t m_pieceTokens = 1024, m_keptBytes = std::int64_t(1) << 29;
};

}
