// SPDX-License-Identifier: GPL-3.0-or-later
// The whole set of CPU kernels, compiled once per instruction set. The including file defines
// ATTUNE_KERNELS_NAME, ATTUNE_KERNELS_FUNCTION, ATTUNE_VECTOR_FLOATS, ATTUNE_TILE_ROWS and
// ATTUNE_HAS_DPBF16, and is compiled with that instruction set's flags.
#include "model/kernels/cpu_table.h"

#include <cstddef>
#include <cstdint>
#if ATTUNE_HAS_DPBF16
#include <immintrin.h>
#endif
#ifndef ATTUNE_HAS_AMX
#define ATTUNE_HAS_AMX 0
#endif

namespace attune::model::kernels {
namespace {

constexpr int kVectorFloats = ATTUNE_VECTOR_FLOATS;
constexpr int kTileRows = ATTUNE_TILE_ROWS;

#include "model/kernels/cpu_vector.inl"
#include "model/kernels/cpu_rows.inl"
#include "model/kernels/cpu_attention.inl"
#include "model/kernels/cpu_adamw.inl"
#include "model/kernels/cpu_adamw8.inl"

constexpr bool kHasPairs = ATTUNE_HAS_DPBF16;

#define ATTUNE_BY_ELEMENT(type, function, ...) (type == Element::Float32 ? function<float>(__VA_ARGS__) : function<Bf16>(__VA_ARGS__))

void rmsNormAny(Element type, Index begin, Index end, Index C, Rows x, const float* weight, float epsilon, Rows out)
{
    ATTUNE_BY_ELEMENT(type, rmsNormRows, begin, end, C, x, weight, epsilon, out);
}
void rmsNormBackwardAny(Element type, Index begin, Index end, Index C, Rows gradOut, Rows x, const float* weight, float epsilon, Rows gradX, float* gradWeight)
{
    ATTUNE_BY_ELEMENT(type, rmsNormBackwardRows, begin, end, C, gradOut, x, weight, epsilon, gradX, gradWeight);
}
void rotaryAny(Element type, Index begin, Index end, Index heads, Index headDim, Index half, Rows x, const float* table, const std::int32_t* positions, float sign)
{
    ATTUNE_BY_ELEMENT(type, rotaryRows, begin, end, heads, headDim, half, x, table, positions, sign);
}
void swigluAny(Element type, Index begin, Index end, Index F, Rows gateUp, Rows out)
{
    ATTUNE_BY_ELEMENT(type, swigluRows, begin, end, F, gateUp, out);
}
void swigluBackwardAny(Element type, Index begin, Index end, Index F, Rows gradOut, Rows gateUp, bool restoresOutput)
{
    ATTUNE_BY_ELEMENT(type, swigluBackwardRows, begin, end, F, gradOut, gateUp, restoresOutput);
}
void crossEntropyAny(Element type, Index begin, Index end, Index V, Rows logits, const std::int64_t* targets, const float* gradScale, float* losses)
{
    ATTUNE_BY_ELEMENT(type, crossEntropyRows, begin, end, V, logits, targets, gradScale, losses);
}
void dropoutAny(Element type, Index begin, Index end, Index C, Rows x, float p, std::uint64_t stream, Rows out)
{
    ATTUNE_BY_ELEMENT(type, dropoutRows, begin, end, C, x, p, stream, out);
}
std::int64_t attentionScratch(Index nq, Index nk, Index D, bool isBackward)
{
    // The element type is not known here, and what tiles are padded to may need more than floats do.
    typedef Attention<float, false> Floats;
    typedef Attention<Bf16, kHasPairs> Pairs;
    const Index floats = isBackward ? Floats::backwardScratch(nq, nk, D) : Floats::forwardScratch(nq, nk, D);
    const Index pairs = isBackward ? Pairs::backwardScratch(nq, nk, D) : Pairs::forwardScratch(nq, nk, D);
    return floats > pairs ? floats : pairs;
}
void attentionAny(Element type, const AttentionTask& task, void* scratch)
{
#if ATTUNE_HAS_AMX
    const TileState tiles;
#endif
    type == Element::Float32 ? Attention<float, false>::forward(task, scratch) : Attention<Bf16, kHasPairs>::forward(task, scratch);
}
void attentionBackwardAny(Element type, const AttentionTask& task, void* scratch)
{
#if ATTUNE_HAS_AMX
    const TileState tiles;
#endif
    type == Element::Float32 ? Attention<float, false>::backward(task, scratch) : Attention<Bf16, kHasPairs>::backward(task, scratch);
}

}

const CpuKernels& ATTUNE_KERNELS_FUNCTION()
{
    static const CpuKernels kernels {ATTUNE_KERNELS_NAME, rmsNormAny, rmsNormBackwardAny, rotaryAny, swigluAny, swigluBackwardAny, crossEntropyAny,
        dropoutAny, adamwValues, adamw8Blocks, attentionScratch, attentionAny, attentionBackwardAny};
    return kernels;
}

}
