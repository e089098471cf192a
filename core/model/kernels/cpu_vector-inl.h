// SPDX-License-Identifier: GPL-3.0-or-later
// Loads and stores that hide float32 / bfloat16 and the tail of a row. Included once per instruction
// set by the kernels (Highway's foreach_target), so it has Highway's own guard instead of #pragma once.
#if defined(ATTUNE_CPU_VECTOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATTUNE_CPU_VECTOR_INL_H_
#undef ATTUNE_CPU_VECTOR_INL_H_
#else
#define ATTUNE_CPU_VECTOR_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace attune::model::kernels::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using U16 = hn::Rebind<std::uint16_t, D>;
using U32 = hn::Rebind<std::uint32_t, D>;
using V = hn::Vec<D>;

/// bfloat16 as it lies in memory.
using Half = std::uint16_t;

HWY_INLINE V load(const float* p)
{
    return hn::LoadU(D(), p);
}
HWY_INLINE V load(const Half* p)
{
    return hn::BitCast(D(), hn::ShiftLeft<16>(hn::PromoteTo(U32(), hn::LoadU(U16(), p))));
}
HWY_INLINE void store(V v, float* p)
{
    hn::StoreU(v, D(), p);
}
/// Round to nearest even; a NaN stays a NaN, so that a broken step is seen.
HWY_INLINE void store(V v, Half* p)
{
    const U32 du;
    const auto bits = hn::BitCast(du, v);
    const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1));
    const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7FFF))));
    const auto quiet = hn::Or(hn::ShiftRight<16>(bits), hn::Set(du, 0x40));
    const auto result = hn::IfThenElse(hn::RebindMask(du, hn::IsNaN(v)), quiet, rounded);
    hn::StoreU(hn::TruncateTo(U16(), result), U16(), p);
}

/// The first n (< lanes) values; the rest is zero.
template<typename T>
HWY_INLINE V loadTail(const T* p, std::size_t n)
{
    HWY_ALIGN T buffer[HWY_MAX_BYTES / sizeof(float)] = {};
    std::memcpy(buffer, p, n * sizeof(T));
    return load(buffer);
}
template<typename T>
HWY_INLINE void storeTail(V v, T* p, std::size_t n)
{
    HWY_ALIGN T buffer[HWY_MAX_BYTES / sizeof(float)];
    store(v, buffer);
    std::memcpy(p, buffer, n * sizeof(T));
}
template<typename T>
HWY_INLINE V loadUpTo(const T* p, std::size_t n)
{
    return HWY_LIKELY(n >= hn::Lanes(D())) ? load(p) : loadTail(p, n);
}
template<typename T>
HWY_INLINE void storeUpTo(V v, T* p, std::size_t n)
{
    if (HWY_LIKELY(n >= hn::Lanes(D())))
        store(v, p);
    else
        storeTail(v, p, n);
}

HWY_INLINE float sum(V v)
{
    return hn::GetLane(hn::SumOfLanes(D(), v));
}

/// exp to float32 accuracy.
HWY_INLINE V exponential(V v)
{
    return hn::Exp(D(), v);
}

/// Calls body with a typed pointer for the element type of a matrix.
template<typename Body>
HWY_INLINE void withType(const Matrix& m, Body body)
{
    if (m.type == Element::Float32)
        body(static_cast<float*>(m.data));
    else
        body(static_cast<Half*>(m.data));
}

}
}
HWY_AFTER_NAMESPACE();

#endif
