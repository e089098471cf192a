// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace attune::families {

/// What a linear layer is for. PEFT methods choose roles, families assign them: nobody else lists
/// "q_proj for llama, c_attn for gpt2".
enum class Role { AttnQuery, AttnKey, AttnValue, AttnOutput, MlpGate, MlpUp, MlpDown, Embedding, LmHead, Norm, Other };

std::string_view roleName(Role role);  ///< "attn_q", "mlp_gate", …: the spelling of recipes

enum class Architecture { Decoder, Encoder, EncoderDecoder };
enum class NormKind { RmsNorm, LayerNorm };
enum class Activation { Silu, Gelu, GeluTanh, Relu, QuickGelu, Tanh };
enum class NormPlacement { Pre, Post, PrePost };  ///< before the block, after the residual, both sides (Gemma 2)
/// How one product holds queries, keys and values: not at all; all queries, then keys, then values; or, for
/// each head of keys in turn, its queries, its key and its value (GPT-NeoX, Falcon).
enum class FusedQkv { None, Sections, Groups };

/// Rotary position embedding (Su et al. 2021) and its scalings (formats.md §2.6).
struct RopeSpec {
    enum class Kind { None, Default, Linear, Dynamic, Llama3, Yarn, LongRope };
    Kind kind = Kind::Default;
    double theta = 10000.0;
    double factor = 1.0;
    double lowFrequencyFactor = 1.0;    ///< llama3
    double highFrequencyFactor = 4.0;   ///< llama3
    std::int64_t originalContext = 0;   ///< llama3, yarn, longrope
    double attentionFactor = 0.0;       ///< yarn, longrope; 0 = derived
    double betaFast = 32.0, betaSlow = 1.0, mscale = 0.0, mscaleAllDim = 0.0;
    double partialFactor = 1.0;         ///< share of the head that is rotated
    std::vector<double> shortFactors, longFactors;
    /// From a GGUF file: when not empty, inverse frequency i is theta^(-2i/d) / frequencyFactors[i], whatever kind says.
    std::vector<double> frequencyFactors;
};

/// Everything the builder needs to make modules, and the planner to count: a value, no tensors.
/// Filled by a family from config.json or GGUF metadata.
struct ModelSpec {
    std::string family;               ///< id of the family: "llama"
    std::string architecture;         ///< as the file names it: "llama", "LlamaForCausalLM"
    Architecture kind = Architecture::Decoder;
    std::int64_t layers = 0;
    std::int64_t hiddenSize = 0;
    std::int64_t intermediateSize = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t vocabSize = 0;
    std::int64_t contextLength = 0;
    NormKind norm = NormKind::RmsNorm;
    NormPlacement normPlacement = NormPlacement::Pre;
    double normEpsilon = 1e-5;
    bool normAddsOne = false;         ///< Gemma: weight is w + 1
    Activation activation = Activation::Silu;
    bool gatedMlp = true;
    bool attentionBias = false;       ///< q, k, v
    bool attentionOutputBias = false;
    bool mlpBias = false;
    bool queryKeyNorm = false;
    RopeSpec rope;
    double attentionScale = 0.0;      ///< 0 = headDim^-0.5
    double attentionSoftcap = 0.0;
    double logitSoftcap = 0.0;
    double logitScale = 1.0;          ///< logits are multiplied by it
    double embeddingScale = 1.0;
    double residualScale = 1.0;
    std::int64_t slidingWindow = 0;   ///< 0 = none
    std::vector<bool> slidingLayers;  ///< empty = all where a window is set
    double localRopeTheta = 0.0;      ///< base of unscaled rotation on the sliding layers; 0 = rope everywhere
    FusedQkv fusedQkv = FusedQkv::None;
    bool fusedGateUp = false;         ///< one product for gate and up, in this order
    bool parallelResidual = false;    ///< attention and MLP both read the layer's input
    bool sharedNorm = false;          ///< … through one norm (Falcon 7B)
    bool queryKeyNormIsWhole = false; ///< that norm spans all heads at once (OLMo 2)
    bool normBias = false;            ///< LayerNorm with a bias
    bool normScalesInFloat = false;   ///< RMSNorm multiplies its weight before it rounds to the compute type
    bool learnedPositions = false;    ///< a table of positions is added to the embeddings
    bool alibi = false;               ///< scores fall linearly with distance (Press et al. 2022)
    bool scoresByLayer = false;       ///< GPT-2: scores of layer i are divided by i + 1
    bool tiedEmbeddings = false;

    // ---- encoders
    std::int64_t tokenTypes = 0;      ///< rows of the table that tells a first text from a second one; 0: there is none
    std::int64_t positionOffset = 0;  ///< row of the table of positions that a text's first token takes (RoBERTa: 2)
    std::int64_t embeddingSize = 0;   ///< width of the embeddings where a product widens them (ELECTRA); 0: hiddenSize
    bool hasTextHead = false;         ///< its files hold the head that finds masked words
    bool headBias = true;             ///< the dense layer of its heads has a bias
    bool textOutputBias = true;       ///< … and the product with the vocabulary
    Activation textActivation = Activation::Gelu;   ///< behind the dense layer of the head that finds masked words
    Activation labelActivation = Activation::Tanh;  ///< behind the dense layer of a head of labels
    bool poolsMean = false;           ///< a head of labels reads the mean of a text's tokens, not the first

    // ---- encoder-decoders
    std::int64_t encoderLayers = 0;     ///< the first ones of `layers`; those of the decoder follow
    std::int64_t relativeBuckets = 0;   ///< scores depend on distance through a table of so many rows (T5); 0: there is none
    std::int64_t relativeDistance = 0;  ///< from which on all distances share the last row
    std::int64_t decoderStart = 0;      ///< the token before an answer

    std::int64_t queryWidth() const { return heads * headDim; }
    std::int64_t kvWidth() const { return kvHeads * headDim; }
    bool slidesIn(std::int64_t layer) const { return slidingWindow > 0 && (slidingLayers.empty() || slidingLayers[static_cast<std::size_t>(layer)]); }
};

/// One weight of the model: our name is the Hugging Face one ("model.layers.0.self_attn.q_proj.weight").
struct TensorSlot {
    std::string name;                  ///< HF name
    std::string ggufName;              ///< "blk.0.attn_q.weight"
    std::vector<std::int64_t> shape;   ///< row-major
    Role role = Role::Other;
    std::int64_t layer = -1;           ///< -1 outside the layers
    bool isLinear = false;             ///< weight [out, in] of a linear layer that an adapter can sit on
    bool isTransposed = false;         ///< HF files hold it as [in, out] (GPT-2's Conv1D); shape and readers say [out, in]
    /// llama.cpp interleaves rotary halves of Q and K of some families; undone on reading, redone on writing (formats.md §4.6).
    /// Fused Q, K and V of groups lie there as all Q, all K, all V.
    enum class GgufTransform { None, PermuteQ, PermuteK, NormMinusOne, Ungroup } transform = GgufTransform::None;
    bool isOptional = false;           ///< a bias or a tied head that a file may lack
};

/// The number of values of all slots (tied heads counted once).
std::int64_t parameterCount(const std::vector<TensorSlot>& slots);

}
