// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/cpu_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu_attention.cpp"
#include <hwy/foreach_target.h>  // compiles this file once per instruction set

#include "model/kernels/cpu_vector-inl.h"

#include <algorithm>
#include <cmath>

#ifndef ATTUNE_CPU_ATTENTION_ONCE
#define ATTUNE_CPU_ATTENTION_ONCE
namespace attune::model::kernels::cpu {

// Queries are done in blocks of this many rows against all the keys they see: the block's scores stay
// in the first-level cache at training lengths, and little is computed above the diagonal.
constexpr std::size_t kBlock = 16;
// Widths are padded to two vectors of the widest instruction set.
constexpr std::size_t kPad = 32;

constexpr std::size_t padded(std::size_t n)
{
    return (n + kPad - 1) / kPad * kPad;
}

/// The parts of one thread's scratch, in floats. Kt and Vt are transposed: [D, keys].
struct Scratch {
    float *q, *out, *p, *k, *kt, *v, *vt, *gradOut, *gradP, *gradQ, *gradK, *gradV;
    std::size_t total = 0;

    Scratch(float* base, std::size_t keys, std::size_t D, bool backward)
    {
        const std::size_t L = padded(keys), P = padded(D);
        const auto take = [&](std::size_t n) {
            float* part = base ? base + total : nullptr;
            total += n;
            return part;
        };
        q = take(kBlock * P);
        out = take(kBlock * P);
        p = take(kBlock * L);
        k = take(L * P);
        kt = take(P * L);
        v = take(L * P);
        vt = backward ? take(P * L) : nullptr;
        gradOut = backward ? take(kBlock * P) : nullptr;
        gradP = backward ? take(kBlock * L) : nullptr;
        gradQ = backward ? take(kBlock * P) : nullptr;
        gradK = backward ? take(L * P) : nullptr;
        gradV = backward ? take(L * P) : nullptr;
    }
};

}
#endif

HWY_BEFORE_NAMESPACE();
namespace attune::model::kernels::cpu {
namespace HWY_NAMESPACE {

// Rows of C that one tile keeps in registers, two vectors wide: 16 accumulators of 32 registers with
// AVX-512, 8 of 16 with AVX2.
#if HWY_TARGET <= HWY_AVX3
constexpr std::size_t kTile = 8;
#else
constexpr std::size_t kTile = 4;
#endif

/// C[M, 2 vectors] (+)= A[M, K] · B[K, 2 vectors]; A(m, k) = a[m·rowStep + k·columnStep].
template<std::size_t M>
HWY_INLINE void tile(const float* HWY_RESTRICT a, std::size_t rowStep, std::size_t columnStep, const float* HWY_RESTRICT b,
    std::size_t ldb, std::size_t K, float* HWY_RESTRICT c, std::size_t ldc, bool accumulate)
{
    const std::size_t L = hn::Lanes(D());
    V left[M], right[M];
#pragma GCC unroll 8
    for (std::size_t m = 0; m < M; ++m) {
        left[m] = accumulate ? hn::LoadU(D(), c + m * ldc) : hn::Zero(D());
        right[m] = accumulate ? hn::LoadU(D(), c + m * ldc + L) : hn::Zero(D());
    }
    for (std::size_t k = 0; k < K; ++k) {
        const auto b0 = hn::LoadU(D(), b + k * ldb), b1 = hn::LoadU(D(), b + k * ldb + L);
        const float* column = a + k * columnStep;
#pragma GCC unroll 8
        for (std::size_t m = 0; m < M; ++m) {
            const auto value = hn::Set(D(), column[m * rowStep]);
            left[m] = hn::MulAdd(value, b0, left[m]);
            right[m] = hn::MulAdd(value, b1, right[m]);
        }
    }
#pragma GCC unroll 8
    for (std::size_t m = 0; m < M; ++m) {
        hn::StoreU(left[m], D(), c + m * ldc);
        hn::StoreU(right[m], D(), c + m * ldc + L);
    }
}

/// C[rows, columns] (+)= A · B; columns is a multiple of kPad.
void product(const float* a, std::size_t rowStep, std::size_t columnStep, const float* b, std::size_t ldb, std::size_t K, float* c,
    std::size_t ldc, std::size_t rows, std::size_t columns, bool accumulate)
{
    const std::size_t width = 2 * hn::Lanes(D());
    for (std::size_t j = 0; j < columns; j += width) {
        std::size_t i = 0;
        for (; i + kTile <= rows; i += kTile)
            tile<kTile>(a + i * rowStep, rowStep, columnStep, b + j, ldb, K, c + i * ldc + j, ldc, accumulate);
        for (; i < rows; ++i)
            tile<1>(a + i * rowStep, rowStep, columnStep, b + j, ldb, K, c + i * ldc + j, ldc, accumulate);
    }
}

/// Rows of one head as float32 [rows, padded(D)], zeros behind.
void gather(const Matrix& m, std::int64_t row, std::int64_t head, std::size_t rows, std::size_t rowsPadded, std::size_t width, float* to)
{
    const std::size_t L = hn::Lanes(D()), P = padded(width);
    withType(m.rowsFrom(row, head * static_cast<std::int64_t>(width)), [&](const auto* from) {
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t i = 0; i < P; i += L)
                store(i < width ? loadUpTo(from + static_cast<std::int64_t>(r) * m.stride + i, width - i) : hn::Zero(D()), to + r * P + i);
    });
    std::fill(to + rows * P, to + rowsPadded * P, 0.0F);
}

void scatter(const float* from, const Matrix& m, std::int64_t row, std::int64_t head, std::size_t rows, std::size_t width)
{
    const std::size_t L = hn::Lanes(D()), P = padded(width);
    withType(m.rowsFrom(row, head * static_cast<std::int64_t>(width)), [&](auto* to) {
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t i = 0; i < width; i += L)
                storeUpTo(load(from + r * P + i), to + static_cast<std::int64_t>(r) * m.stride + i, width - i);
    });
}

/// to[P, L] = transpose of from[L, P].
void transpose(const float* from, std::size_t keys, std::size_t P, float* to)
{
    const std::size_t L = hn::Lanes(D());
    const hn::RebindToSigned<D> di;
    const auto steps = hn::Mul(hn::Iota(di, 0), hn::Set(di, static_cast<std::int32_t>(P)));
    for (std::size_t j = 0; j < keys; j += L)
        for (std::size_t d = 0; d < P; ++d)
            hn::StoreU(hn::GatherIndex(D(), from + j * P + d, steps), D(), to + d * keys + j);
}

/// What one block of queries sees.
struct Block {
    std::size_t row = 0, rows = 0;  ///< within the segment
    std::size_t visible = 0;        ///< keys that its last row sees
    std::size_t columns = 0;        ///< visible, padded
};

Block blockAt(const AttentionTask& task, std::size_t row)
{
    const auto length = static_cast<std::size_t>(task.queryLength);
    Block b {row, std::min(kBlock, length - row), 0, 0};
    b.visible = static_cast<std::size_t>(task.keyLength - task.queryLength) + row + b.rows;
    b.columns = padded(b.visible);
    return b;
}

/// p = exp(score · scale - shift) where the row may look, 0 behind; returns the sum.
HWY_INLINE float exponentialRow(float* p, std::size_t seen, std::size_t columns, float scale, float shift)
{
    const std::size_t L = hn::Lanes(D());
    const auto factor = hn::Set(D(), scale), offset = hn::Set(D(), shift);
    auto total = hn::Zero(D());
    std::size_t j = 0;
    for (; j + L <= seen; j += L) {
        const auto e = exponential(hn::MulSub(hn::LoadU(D(), p + j), factor, offset));
        total = hn::Add(total, e);
        hn::StoreU(e, D(), p + j);
    }
    if (j < seen) {
        const auto e = hn::IfThenElseZero(hn::FirstN(D(), seen - j), exponential(hn::MulSub(hn::LoadU(D(), p + j), factor, offset)));
        total = hn::Add(total, e);
        hn::StoreU(e, D(), p + j);
        j += L;
    }
    std::fill(p + std::min(j, columns), p + columns, 0.0F);
    return sum(total);
}

HWY_INLINE float highest(const float* p, std::size_t n)
{
    const std::size_t L = hn::Lanes(D());
    auto top = hn::Set(D(), p[0]);
    std::size_t j = 0;
    for (; j + L <= n; j += L)
        top = hn::Max(top, hn::LoadU(D(), p + j));
    float value = hn::GetLane(hn::MaxOfLanes(D(), top));
    for (; j < n; ++j)
        value = std::max(value, p[j]);
    return value;
}

void Attention(const AttentionMatrices& m, const AttentionTask& task, float* base)
{
    const auto keys = static_cast<std::size_t>(task.keyLength), width = static_cast<std::size_t>(m.headDim);
    const std::size_t L = padded(keys), P = padded(width);
    const Scratch s(base, keys, width, false);
    gather(m.k, task.key, task.kvHead, keys, L, width, s.k);
    transpose(s.k, L, P, s.kt);
    gather(m.v, task.key, task.kvHead, keys, L, width, s.v);
    for (auto head = task.firstHead; head < task.firstHead + task.heads; ++head) {
        for (std::size_t row = 0; row < static_cast<std::size_t>(task.queryLength); row += kBlock) {
            const Block b = blockAt(task, row);
            const auto query = task.query + static_cast<std::int64_t>(row);
            gather(m.q, query, head, b.rows, b.rows, width, s.q);
            product(s.q, P, 1, s.kt, L, width, s.p, L, b.rows, b.columns, false);
            float inverse[kBlock];
            for (std::size_t i = 0; i < b.rows; ++i) {
                const std::size_t seen = b.visible - b.rows + i + 1;
                const float top = highest(s.p + i * L, seen) * m.scale;
                const float total = exponentialRow(s.p + i * L, seen, b.columns, m.scale, top);
                inverse[i] = 1.0F / total;
                if (m.logSumExp)
                    m.logSumExp[head * m.logSumExpStride + query + static_cast<std::int64_t>(i)] = top + std::log(total);
            }
            product(s.p, L, 1, s.v, P, b.visible, s.out, P, b.rows, P, false);
            for (std::size_t i = 0; i < b.rows; ++i)
                for (std::size_t d = 0; d < P; d += hn::Lanes(D()))
                    hn::StoreU(hn::Mul(hn::LoadU(D(), s.out + i * P + d), hn::Set(D(), inverse[i])), D(), s.out + i * P + d);
            scatter(s.out, m.out, query, head, b.rows, width);
        }
    }
}

/// gradP becomes gradS = p · (gradP - delta) · scale; delta = Σ gradOut · out.
HWY_INLINE void scoreGradient(const float* p, float* gradP, std::size_t columns, float delta, float scale)
{
    const auto d = hn::Set(D(), delta), f = hn::Set(D(), scale);
    for (std::size_t j = 0; j < columns; j += hn::Lanes(D())) {
        const auto g = hn::Sub(hn::LoadU(D(), gradP + j), d);
        hn::StoreU(hn::Mul(hn::Mul(hn::LoadU(D(), p + j), g), f), D(), gradP + j);
    }
}

HWY_INLINE float dot(const float* a, const float* b, std::size_t n)
{
    auto total = hn::Zero(D());
    for (std::size_t i = 0; i < n; i += hn::Lanes(D()))
        total = hn::MulAdd(hn::LoadU(D(), a + i), hn::LoadU(D(), b + i), total);
    return sum(total);
}

void AttentionBackward(const AttentionMatrices& m, const AttentionTask& task, float* base)
{
    const auto keys = static_cast<std::size_t>(task.keyLength), width = static_cast<std::size_t>(m.headDim);
    const std::size_t L = padded(keys), P = padded(width);
    const Scratch s(base, keys, width, true);
    gather(m.k, task.key, task.kvHead, keys, L, width, s.k);
    transpose(s.k, L, P, s.kt);
    gather(m.v, task.key, task.kvHead, keys, L, width, s.v);
    transpose(s.v, L, P, s.vt);
    std::fill(s.gradK, s.gradK + L * P, 0.0F);
    std::fill(s.gradV, s.gradV + L * P, 0.0F);
    for (auto head = task.firstHead; head < task.firstHead + task.heads; ++head) {
        for (std::size_t row = 0; row < static_cast<std::size_t>(task.queryLength); row += kBlock) {
            const Block b = blockAt(task, row);
            const auto query = task.query + static_cast<std::int64_t>(row);
            gather(m.q, query, head, b.rows, b.rows, width, s.q);
            gather(m.out, query, head, b.rows, b.rows, width, s.out);
            gather(m.gradOut, query, head, b.rows, b.rows, width, s.gradOut);
            product(s.q, P, 1, s.kt, L, width, s.p, L, b.rows, b.columns, false);
            product(s.gradOut, P, 1, s.vt, L, width, s.gradP, L, b.rows, b.columns, false);
            for (std::size_t i = 0; i < b.rows; ++i) {
                const float lse = m.logSumExp[head * m.logSumExpStride + query + static_cast<std::int64_t>(i)];
                exponentialRow(s.p + i * L, b.visible - b.rows + i + 1, b.columns, m.scale, lse);
                scoreGradient(s.p + i * L, s.gradP + i * L, b.columns, dot(s.gradOut + i * P, s.out + i * P, P), m.scale);
            }
            product(s.p, 1, L, s.gradOut, P, b.rows, s.gradV, P, b.visible, P, true);
            product(s.gradP, 1, L, s.q, P, b.rows, s.gradK, P, b.visible, P, true);
            product(s.gradP, L, 1, s.k, P, b.visible, s.gradQ, P, b.rows, P, false);
            scatter(s.gradQ, m.gradQ, query, head, b.rows, width);
        }
    }
    scatter(s.gradK, m.gradK, task.key, task.kvHead, keys, width);
    scatter(s.gradV, m.gradV, task.key, task.kvHead, keys, width);
}

}
}
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attune::model::kernels::cpu {

HWY_EXPORT(Attention);
HWY_EXPORT(AttentionBackward);

std::int64_t attentionScratch(std::int64_t, std::int64_t keyLength, std::int64_t headDim, bool backward)
{
    return static_cast<std::int64_t>(
        Scratch(nullptr, static_cast<std::size_t>(keyLength), static_cast<std::size_t>(headDim), backward).total + kPad);
}

void attention(const AttentionMatrices& m, const AttentionTask& task, float* scratch)
{
    HWY_DYNAMIC_DISPATCH(Attention)(m, task, scratch);
}

void attentionBackward(const AttentionMatrices& m, const AttentionTask& task, float* scratch)
{
    HWY_DYNAMIC_DISPATCH(AttentionBackward)(m, task, scratch);
}

}
#endif
