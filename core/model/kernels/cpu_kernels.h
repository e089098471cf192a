// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace attune::model::kernels::cpu {

// Vectorised kernels over raw memory (Highway: AVX2, AVX-512, chosen at run time). No torch here: the
// files are compiled once per instruction set. Arithmetic is float32; storage float32 or bfloat16
// (rounded to nearest even). Every function works on rows [begin, end), so that callers spread them
// over threads. Any thread.

enum class Element : std::uint8_t { Float32, BFloat16 };

/// A row-major matrix whose rows may be strided; the last dimension is dense.
struct Matrix {
    void* data = nullptr;
    std::int64_t stride = 0;  ///< elements between the starts of two rows
    Element type = Element::Float32;

    Matrix rowsFrom(std::int64_t row, std::int64_t column = 0) const
    {
        const std::int64_t size = type == Element::Float32 ? 4 : 2;
        return {static_cast<char*>(data) + (row * stride + column) * size, stride, type};
    }
};

/// See kernels.h for the formulas; the names are the same.
void rmsNorm(Matrix x, Matrix weight, double epsilon, Matrix out, std::int64_t channels, std::int64_t begin, std::int64_t end);
/// gradWeight: float32 [channels] of this thread, += ; may be null.
void rmsNormBackward(Matrix gradOut, Matrix x, Matrix weight, double epsilon, Matrix gradX, float* gradWeight,
    std::int64_t channels, std::int64_t begin, std::int64_t end);
/// sign +1 rotates, -1 undoes. table: [positions, 2, half] cosines then sines.
void rotary(Matrix x, std::int64_t heads, std::int64_t headDim, const float* table, std::int64_t half,
    const std::int32_t* positions, float sign, std::int64_t begin, std::int64_t end);
void swiglu(Matrix gateUp, Matrix out, std::int64_t width, std::int64_t begin, std::int64_t end);
void swigluBackward(Matrix gradOut, Matrix gateUp, std::int64_t width, std::int64_t begin, std::int64_t end);
/// gradScale null: losses only; else the logits are replaced by gradScale · (softmax - one-hot).
void crossEntropy(Matrix logits, const std::int64_t* targets, std::int64_t vocabulary, const double* gradScale, float* losses,
    std::int64_t begin, std::int64_t end);

/// One row range against one key-value head; see kernels::Segment.
struct AttentionTask {
    std::int64_t query = 0, queryLength = 0, key = 0, keyLength = 0;
    std::int64_t kvHead = 0;
    std::int64_t firstHead = 0, heads = 0;  ///< query heads to do: all that share kvHead in the backward pass
};

struct AttentionMatrices {
    Matrix q, k, v, out;
    float* logSumExp = nullptr;          ///< [H, Tq], may be null in the forward pass
    std::int64_t logSumExpStride = 0;
    Matrix gradOut, gradQ, gradK, gradV; ///< backward only
    std::int64_t headDim = 0;
    float scale = 1.0F;
};

/// Floats of scratch that one thread needs for a task.
std::int64_t attentionScratch(std::int64_t queryLength, std::int64_t keyLength, std::int64_t headDim, bool backward);
void attention(const AttentionMatrices& m, const AttentionTask& task, float* scratch);
void attentionBackward(const AttentionMatrices& m, const AttentionTask& task, float* scratch);

}
