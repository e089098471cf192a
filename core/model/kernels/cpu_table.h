// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/quantised/dynamic_map.h"

#include <cstdint>
#ifndef ATTUNE_KERNELS_NAME
#include <string_view>
#include <vector>
#endif

namespace attune::model::kernels {

/// Element type of a buffer.
enum class Element { Float32, Bfloat16 };

/// Rows of a matrix: the row stride is in elements.
struct Rows {
    void* data = nullptr;
    std::int64_t stride = 0;
};

/// One key-value head of one segment, and the query heads that read it: the unit of work of attention.
struct AttentionTask {
    std::int64_t queryLength = 0, keyLength = 0, headDim = 0, groupHeads = 0;
    float scale = 1.0f;
    Rows q, k, v, out;             ///< first row and first head of the group; heads follow headDim apart
    float* logSumExp = nullptr;    ///< of the first head; may be null
    std::int64_t logSumExpStride = 0;
    Rows gradOut, gradQ, gradK, gradV;  ///< backward only
};

/// One step of AdamW over a tensor (adamw.h).
struct AdamwTask {
    float* value = nullptr;
    const float* gradient = nullptr;
    float *mean = nullptr, *square = nullptr;
    std::uint16_t* copy = nullptr;  ///< the new values as bfloat16; may be null
    float gradientScale = 1;
    float meanRate = 0;             ///< 1 - beta1
    float beta2 = 0, squareRate = 0;  ///< squareRate: 1 - beta2
    float epsilon = 0;
    float decay = 1;     ///< 1 - lr · weight decay
    float stepSize = 0;  ///< lr / (1 - beta1^t)
    float root = 1;      ///< sqrt(1 - beta2^t)
};

/// One step of AdamW over a tensor whose moments lie in 8 bits (adamw8.h).
struct Adamw8Task {
    static constexpr int kBlock = 256;  ///< values that share a scale
    float* value = nullptr;
    const float* gradient = nullptr;
    std::uint8_t *mean = nullptr, *square = nullptr;
    float *meanScale = nullptr, *squareScale = nullptr;
    std::int64_t count = 0;  ///< values
    const DynamicMap *meanMap = nullptr, *squareMap = nullptr;
    float beta1 = 0, beta2 = 0, epsilon = 0;
    float decay = 1;       ///< 1 - lr · weight decay
    float stepSize = 0;    ///< lr / (1 - beta1^t)
    float rootFactor = 1;  ///< 1 / sqrt(1 - beta2^t)
};

/// The operations of kernels.h on a range of rows, for one instruction set. scratch buffers are given
/// by the caller, one per thread.
struct CpuKernels {
    const char* name = "";
    void (*rmsNorm)(Element type, std::int64_t begin, std::int64_t end, std::int64_t C, Rows x, const float* weight, float epsilon, Rows out);
    /// gradWeight: float32 [C] of this thread, added to; may be null.
    void (*rmsNormBackward)(Element type, std::int64_t begin, std::int64_t end, std::int64_t C, Rows gradOut, Rows x, const float* weight, float epsilon, Rows gradX, float* gradWeight);
    void (*rotary)(Element type, std::int64_t begin, std::int64_t end, std::int64_t heads, std::int64_t headDim, std::int64_t half, Rows x, const float* table, const std::int32_t* positions, float sign);
    void (*swiglu)(Element type, std::int64_t begin, std::int64_t end, std::int64_t F, Rows gateUp, Rows out);
    void (*swigluBackward)(Element type, std::int64_t begin, std::int64_t end, std::int64_t F, Rows gradOut, Rows gateUp, bool restoresOutput);
    /// gradScale null: loss only, logits stay.
    void (*crossEntropy)(Element type, std::int64_t begin, std::int64_t end, std::int64_t V, Rows logits, const std::int64_t* targets, const float* gradScale, float* losses);
    void (*dropout)(Element type, std::int64_t begin, std::int64_t end, std::int64_t C, Rows x, float p, std::uint64_t stream, Rows out);
    void (*adamw)(const AdamwTask& task, std::int64_t begin, std::int64_t end);    ///< a range of values
    void (*adamw8)(const Adamw8Task& task, std::int64_t begin, std::int64_t end);  ///< a range of blocks
    std::int64_t (*attentionScratch)(std::int64_t queryLength, std::int64_t keyLength, std::int64_t headDim, bool isBackward);  ///< bytes
    void (*attention)(Element type, const AttentionTask& task, void* scratch);
    void (*attentionBackward)(Element type, const AttentionTask& task, void* scratch);
};

#ifndef ATTUNE_KERNELS_NAME  // not seen by the kernels themselves: see cpu_vector.inl
/// Whether the processor has the parts of AVX-512 that the sets for it, and LibTorch's oneDNN, ask for: F, BW, DQ and VL.
bool hasAvx512();

/// The set in use: the best that this CPU runs, or the one that ATTUNE_CPU_KERNELS names
/// (plain, avx2, avx512, avx512bf16, amx).
const CpuKernels& cpuKernels();
/// All that this CPU runs, from plain to best.
const std::vector<const CpuKernels*>& usableCpuKernels();
/// Changes the set, for tests and benchmarks; an unknown name means the best.
void useCpuKernels(std::string_view name);
#endif

const CpuKernels& cpuKernelsPlain();
#if defined(__x86_64__)
const CpuKernels& cpuKernelsAvx2();
const CpuKernels& cpuKernelsAvx512();
const CpuKernels& cpuKernelsAvx512Bf16();
const CpuKernels& cpuKernelsAmx();
#endif

}
