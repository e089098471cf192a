// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace attune::model::kernels {

// The operations between two matrix products of a decoder block, forward and backward, without an
// autograd tape. On the CPU they run our own vectorised code for the instruction set that the machine
// has (cpu_table.h), on a card the kernels of core/cuda (on_card.h); elsewhere the plain ATen formulas of
// kernels::reference, which the tests compare against. Tensors are float32 or bfloat16 (elsewhere also float16), rows may be strided, the last
// dimension is dense. Arithmetic is float32. Shapes: T tokens, C channels, H heads, D head size,
// F width of the MLP, V vocabulary.

/// Which queries attend to which keys: query i of the segment sees the keys up to
/// i + keyLength - queryLength (causal). Packed training: query == key ranges, one per row.
struct Segment {
    std::int32_t query = 0, queryLength = 0;  ///< rows of q
    std::int32_t key = 0, keyLength = 0;      ///< rows of k and v
};

struct AttentionShape {
    std::int64_t heads = 0, kvHeads = 0, headDim = 0;
    double scale = 1.0;
    std::vector<Segment> segments;
    at::Tensor starts;          ///< int32 [S+1] on the card, of packed training: then segments may be empty; made when it is missing
    std::int64_t longest = 0;   ///< of those segments, or more
};

/// out = x / sqrt(mean(x²) + epsilon) · weight (RMSNorm, Zhang & Sennrich 2019). x, out: [T, C].
void rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& out);
/// gradX += dL/dx. gradWeight (float32 [C], += dL/dweight) may be undefined.
void rmsNormBackward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& weight, double epsilon,
    const at::Tensor& gradX, const at::Tensor& gradWeight);

enum class Rotation { Forward, Inverse };
/// Rotates the halves of each head of x [T, heads · D] in place by its token's angles; Inverse is the
/// gradient. table: float32 [positions, 2, D/2] with cosines then sines; positions: int32 [T].
void rotary(const at::Tensor& x, std::int64_t heads, const at::Tensor& table, const at::Tensor& positions, Rotation rotation);

/// out [T, F] = silu(gate) · up, with gateUp [T, 2F] = gate | up (Shazeer 2020).
void swiglu(const at::Tensor& gateUp, const at::Tensor& out);
/// Replaces gateUp by its gradient, and gradOut by what swiglu() gave where restoresOutput is set.
void swigluBackward(const at::Tensor& gradOut, const at::Tensor& gateUp, bool restoresOutput = false);

/// Causal attention over packed segments (Dao et al. 2022: no score matrix is kept). q, out:
/// [Tq, H·D]; k, v: [Tk, Hkv·D]; logSumExp: float32 [H, Tq], may be undefined. Head h reads key-value
/// head h / (H / Hkv).
void attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionShape& shape,
    const at::Tensor& out, const at::Tensor& logSumExp);
/// Writes gradQ, gradK, gradV. Needs what attention() gave and got; ranges of keys must not overlap.
void attentionBackward(const at::Tensor& gradOut, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
    const at::Tensor& out, const at::Tensor& logSumExp, const AttentionShape& shape, const at::Tensor& gradQ,
    const at::Tensor& gradK, const at::Tensor& gradV);

/// losses [N] float32 = -log softmax(logits)[target], logits [N, V], targets int64 [N]; 0 where the target is below 0.
void crossEntropy(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& losses);
/// The same, and replaces the logits by gradScale · (softmax - one-hot). gradScale: a float32 scalar where the logits lie.
void crossEntropyBackward(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& gradScale, const at::Tensor& losses);

/// out = x / (1 - p) where kept, else 0. The mask depends on stream and element only, so that the
/// backward pass makes it again instead of storing it. x, out: [T, C].
void dropout(const at::Tensor& x, double p, std::uint64_t stream, const at::Tensor& out);

/// The same operations in ATen calls, on any device.
namespace reference {
void rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon, const at::Tensor& out);
void rmsNormBackward(const at::Tensor& gradOut, const at::Tensor& x, const at::Tensor& weight, double epsilon,
    const at::Tensor& gradX, const at::Tensor& gradWeight);
void rotary(const at::Tensor& x, std::int64_t heads, const at::Tensor& table, const at::Tensor& positions, Rotation rotation);
void swiglu(const at::Tensor& gateUp, const at::Tensor& out);
void swigluBackward(const at::Tensor& gradOut, const at::Tensor& gateUp);
void attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionShape& shape,
    const at::Tensor& out, const at::Tensor& logSumExp);
void attentionBackward(const at::Tensor& gradOut, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
    const at::Tensor& out, const at::Tensor& logSumExp, const AttentionShape& shape, const at::Tensor& gradQ,
    const at::Tensor& gradK, const at::Tensor& gradV);
void crossEntropy(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& losses);
void crossEntropyBackward(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& gradScale, const at::Tensor& losses);
void dropout(const at::Tensor& x, double p, std::uint64_t stream, const at::Tensor& out);
}

}
