// SPDX-License-Identifier: GPL-3.0-or-later
// Vectors of kVectorFloats floats for the instruction set that the including file is compiled for.
// Included inside an unnamed namespace: nothing in here may be shared between files, or the linker
// could hand AVX-512 code to a CPU that lacks it. For the same reason no inline function of the
// standard library is used.

typedef float Vec __attribute__((vector_size(kVectorFloats * 4)));
typedef std::uint32_t UVec __attribute__((vector_size(kVectorFloats * 4)));
typedef std::int32_t IVec __attribute__((vector_size(kVectorFloats * 4)));
typedef std::uint16_t HVec __attribute__((vector_size(kVectorFloats * 2)));

constexpr int W = kVectorFloats;
typedef std::uint16_t Bf16;
typedef std::int64_t Index;

inline Index least(Index a, Index b) { return a < b ? a : b; }
inline Index roundUp(Index n, Index step) { return (n + step - 1) / step * step; }

inline Vec splat(float x) { return x - Vec {}; }

inline float toFloat(float x) { return x; }
inline float toFloat(Bf16 x)
{
    const std::uint32_t bits = std::uint32_t(x) << 16;
    float value;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

inline Vec loadAll(const float* p)
{
    Vec v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}
inline Vec loadAll(const Bf16* p)
{
    HVec h;
    __builtin_memcpy(&h, p, sizeof h);
    return (Vec)(__builtin_convertvector(h, UVec) << 16);
}

/// Round to nearest even; NaN stays NaN.
inline HVec roundToBf16(Vec v)
{
#if ATTUNE_HAS_DPBF16
    const __m256bh h = _mm512_cvtneps_pbh((__m512)v);
    HVec result;
    __builtin_memcpy(&result, &h, sizeof result);
    return result;
#else
    const UVec u = (UVec)v;
    UVec rounded = (u + 0x7fff + ((u >> 16) & 1)) >> 16;
    rounded = v == v ? rounded : (u >> 16) | 0x40;
    return __builtin_convertvector(rounded, HVec);
#endif
}
inline void storeAll(float* p, Vec v) { __builtin_memcpy(p, &v, sizeof v); }
inline void storeAll(Bf16* p, Vec v)
{
    const HVec h = roundToBf16(v);
    __builtin_memcpy(p, &h, sizeof h);
}

/// The first n lanes; the others are 0.
template<typename S>
inline Vec load(const S* p, int n)
{
    if (n == W)
        return loadAll(p);
    S part[W] = {};
    for (int i = 0; i < n; ++i)
        part[i] = p[i];
    return loadAll(part);
}
template<typename S>
inline void store(S* p, Vec v, int n)
{
    if (n == W)
        return storeAll(p, v);
    S part[W];
    storeAll(part, v);
    for (int i = 0; i < n; ++i)
        p[i] = part[i];
}

/// f(column, lanes) for all columns, W at a time.
template<typename F>
inline __attribute__((always_inline)) void overColumns(Index C, F f)
{
    Index c = 0;
    for (; c + W <= C; c += W)
        f(c, W);
    if (c < C)
        f(c, int(C - c));
}

inline float sumOf(Vec v)
{
    float part[W];
    storeAll(part, v);
    float sum = 0;
    for (int i = 0; i < W; ++i)
        sum += part[i];
    return sum;
}
inline float greatestOf(Vec v)
{
    float part[W];
    storeAll(part, v);
    float greatest = part[0];
    for (int i = 1; i < W; ++i)
        greatest = part[i] > greatest ? part[i] : greatest;
    return greatest;
}
inline Vec greater(Vec a, Vec b) { return a > b ? a : b; }

/// e^x to 2 units in the last place (polynomial of Cephes, Moshier 1984); NaN stays NaN, large
/// negative x gives about 1e-38.
inline Vec exponential(Vec x)
{
    const Vec high = splat(88.3762626647949f), low = splat(-87.3365478515625f);
    x = x > high ? high : x;
    x = x < low ? low : x;
    const Vec shift = splat(12582912.0f);  // 1.5 · 2^23: adding it rounds to an integer
    const Vec shifted = x * 1.44269504088896341f + shift;
    const Vec n = shifted - shift;
    const Vec r = x - n * 0.693359375f - n * -2.12194440e-4f;
    Vec p = splat(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const Vec e = p * r * r + r + 1.0f;
    const IVec exponent = ((IVec)shifted - 0x4B400000 + 127) << 23;
    return e * (Vec)exponent;
}

/// 1 / x to an unit in the last place or two: the estimate and one step of Newton's, where a division takes four times as long.
inline Vec reciprocal(Vec x)
{
#if ATTUNE_HAS_DPBF16
    const Vec estimate = (Vec)_mm512_rcp14_ps((__m512)x);
    return estimate * (2.0f - x * estimate);
#else
    return 1.0f / x;
#endif
}

inline IVec laneNumbers()
{
    IVec lanes;
    for (int i = 0; i < W; ++i)
        lanes[i] = i;
    return lanes;
}

template<typename S>
inline S* rowOf(Rows rows, Index row)
{
    return static_cast<S*>(rows.data) + row * rows.stride;
}
