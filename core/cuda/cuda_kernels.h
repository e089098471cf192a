// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace attune::cuda {

/// What a buffer holds.
enum class Element : std::int32_t { Float32, Bfloat16, Float16 };

/// A matrix on the card; stride in elements.
struct Matrix {
    void* data = nullptr;
    std::int64_t stride = 0;
    std::int64_t rows = 0, columns = 0;
    Element element = Element::Float32;
};

/// A weight in 4-bit NormalFloat on the card, row after row (model/quantised/nf4.h).
struct Nf4Blocks {
    const std::uint8_t* codes = nullptr;       ///< two a byte, the first in the high half
    const std::uint8_t* scaleCodes = nullptr;  ///< one per block of 64 values
    const float* scaleScales = nullptr;        ///< one per 256 of those
    const float* scaleLevels = nullptr;        ///< [256] what scaleCodes stand for
    float scaleOffset = 0;
};

/// One step of AdamW over a tensor whose moments lie in 8 bits (model/kernels/adamw8.h); all pointers on the card.
struct EightBitAdamw {
    float* value = nullptr;
    const float* gradient = nullptr;
    std::uint8_t* mean = nullptr;
    std::uint8_t* square = nullptr;
    float* meanScale = nullptr;    ///< one a block of 256 values
    float* squareScale = nullptr;
    std::int64_t count = 0;        ///< values
    const float* maps = nullptr;       ///< [2, 256]: what the codes of mean and square stand for
    const float* stepCount = nullptr;  ///< updates with this one
    const float* foundInf = nullptr;   ///< 1: nothing changes
    double learningRate = 0, beta1 = 0, beta2 = 0, epsilon = 0, weightDecay = 0;
};

/// Our own CUDA kernels: the operations between two matrix products of a decoder block, with the
/// meaning and the arithmetic (float32) of model/kernels/kernels.h, whose ATen reference the tests hold
/// them against. They run on the current stream of the current device and never wait for it.
/// null where this build had no nvcc.
struct CudaKernels {
    /// out = x / sqrt(mean(x²) + epsilon) · weight; weight float32 [C]
    void (*rmsNorm)(const Matrix& x, const float* weight, float epsilon, const Matrix& out) = nullptr;
    /// gradX += dL/dx; gradWeight (float32 [C], may be null) += dL/dweight, summed in a fixed order; scratch: float32 [rows]
    /// of the caller's where there is a gradWeight
    void (*rmsNormBackward)(const Matrix& gradOut, const Matrix& x, const float* weight, float epsilon, const Matrix& gradX, float* gradWeight, float* scratch) = nullptr;
    /// Rotates the first 2 · half columns of every head in place; sign −1 is the inverse.
    void (*rotary)(const Matrix& x, std::int64_t heads, std::int64_t half, const float* table, const std::int32_t* positions, float sign) = nullptr;
    void (*swiglu)(const Matrix& gateUp, const Matrix& out) = nullptr;
    void (*swigluBackward)(const Matrix& gradOut, const Matrix& gateUp) = nullptr;
    /// losses = −log softmax(logits)[target]; with gradScale (one value on the card) the logits become
    /// gradScale · (softmax − one-hot). A target below 0 is none: loss and gradient 0.
    void (*crossEntropy)(const Matrix& logits, const std::int64_t* targets, const float* gradScale, float* losses) = nullptr;
    /// The mask depends on stream and place alone and is the CPU's.
    void (*dropout)(const Matrix& x, float p, std::uint64_t stream, const Matrix& out) = nullptr;
    void (*dequantiseNf4)(const Nf4Blocks& blocks, const Matrix& out) = nullptr;
    /// count: a multiple of 64. codes [count / 2] as in Nf4Blocks, scales float32 [count / 64]: the largest of each block.
    void (*quantiseNf4)(const float* values, std::int64_t count, std::uint8_t* codes, float* scales) = nullptr;
    /// int8 rows: out[r][c] = codes[r][c] · scale[r]
    void (*dequantiseInt8)(const std::int8_t* codes, const float* scales, const Matrix& out) = nullptr;
    void (*adamw8)(const EightBitAdamw& step) = nullptr;
    /// What this thread's last launch failed of, in CUDA's words; null when it did not.
    const char* (*launchError)() = nullptr;
};

}
