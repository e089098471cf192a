// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/kernels/packed_matrix.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace attune::model {

/// A frozen weight W [N, K] with room for low-rank updates of R columns in all, in the order of the tile units: once for
/// W^T (forward), once for W (gradient), each with the low-rank part behind it, so that the adapted product is one pass.
/// bfloat16, or float32 whose values are all of bfloat16 (most checkpoints are stored so): then both copies together
/// are as large as W, and products are split ones (tile_product.h). Used where the base is frozen: bfloat16 on tile units or, where
/// there are none, on AVX-512's products of pairs (hasPairs()), which read the same order; float32 on tile units. Elsewhere LinearGroup calls ATen. All tensors are of the weight's type. T: tokens. Products run on all threads of ATen. Where x or
/// a result may be tiled it is bfloat16 [S, blocks, 32, 32] of S = ceil(T / 32) slices: what the tile units read and write
/// without a copy (amx_product.h).
class PackedLinear
{
public:
    /// Whether tile units or vectors of pairs serve for bfloat16 weights of this type on this device.
    static bool serves(at::ScalarType stored, at::ScalarType compute, at::Device device);
    /// Whether they serve for a float32 weight, rows dense, because it holds values of bfloat16 only.
    static bool servesFloat32(const at::Tensor& weight);

    /// weight [N, K], rows dense.
    PackedLinear(const at::Tensor& weight, std::int64_t rank);

    std::int64_t inputs() const { return m_inputs; }
    std::int64_t outputs() const { return m_outputs; }
    std::int64_t rank() const { return m_rank; }
    at::ScalarType type() const { return m_type; }

    /// Puts an adapter: A [r, K] and scaled B [out, r], for ranks from `column` and outputs from `row`.
    void setLowRank(const at::Tensor& a, const at::Tensor& b, std::int64_t column, std::int64_t row);
    /// W as it was put, [rows, K] from `row`.
    at::Tensor weight(std::int64_t row, std::int64_t rows) const;

    /// Fewer rows are dealt out over the threads by columns.
    static constexpr std::int64_t kFewRows = 64;
    /// Tiles that hold these columns.
    static std::int64_t blocksOf(std::int64_t columns) { return (columns + 31) / 32; }

    /// out [T, N] = addend + x [W | sB A]^T with low [T, R] = x A^T. x [T, K] or tiled with room for R columns behind
    /// the K; addend [T, N] may be out itself or undefined; out by rows, or tiled where nothing is added.
    void forward(const at::Tensor& x, const at::Tensor& low, const at::Tensor& out, const at::Tensor& addend) const;
    /// gradX [T, K] or tiled = dL/dx, gradLow [T, R] = dL/d(x A^T). gradOut [T, N] or tiled with room for R columns.
    void backward(const at::Tensor& gradOut, const at::Tensor& gradLow, const at::Tensor& gradX) const;

    // The same with the low-rank part behind the K columns of x, by rows.
    /// x [T, K + R]: fills its last R columns with x A^T.
    void project(const at::Tensor& x) const;
    /// out [T, N] = addend + [x | x A^T] [W | sB]^T; the addend as above. isProjected: project() was called (or dropout did it), else it is done on the way.
    void forwardRows(const at::Tensor& x, const at::Tensor& out, const at::Tensor& addend, bool isProjected) const;
    /// gradX [T, K + R] = dL/dx with A's part in it, and dL/d(x A^T) behind; isLowRankOnly: only the latter.
    void backward(const at::Tensor& gradOut, const at::Tensor& gradX, bool isLowRankOnly) const;
    /// The same without A's part: with dropout the low-rank path has an input of its own. Without ranks the weight's alone.
    void backwardBase(const at::Tensor& gradOut, const at::Tensor& gradX) const;

    /// gradient [r, C] += scale · gᵀ x with g [T, r], x [T, C] or tiled, both bfloat16; gradient float32, any strides.
    static void addGradient(const at::Tensor& g, const at::Tensor& x, double scale, const at::Tensor& gradient);

private:
    void run(kernels::AmxOperands operands, std::int64_t rows) const;
    kernels::PackedMatrix room(std::int64_t rows, std::int64_t columns, std::int64_t exact) const;
    template<typename Value>
    void putWeight(const at::Tensor& weight);
    template<typename Value>
    void putLowRank(const at::Tensor& a, const at::Tensor& b, std::int64_t column, std::int64_t row);

    const at::ScalarType m_type;
    const std::int64_t m_inputs, m_outputs, m_rank;
    kernels::PackedMatrix m_forward;   ///< [K + R, N]: W^T over (sB)^T
    kernels::PackedMatrix m_backward;  ///< [N + R, K]: W over A
    kernels::PackedMatrix m_down;      ///< [K, R]: A^T
    kernels::PackedMatrix m_up;        ///< [N, R]: sB
};

}
