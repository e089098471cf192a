// SPDX-License-Identifier: GPL-3.0-or-later
// Row-wise operations; see kernels.h for the formulas. Included inside an unnamed namespace.

template<typename S>
inline float inverseRms(const S* x, Index C, float epsilon)
{
    Vec squares = {};
    overColumns(C, [&](Index c, int n) __attribute__((always_inline)) {
        const Vec v = load(x + c, n);
        squares += v * v;
    });
    return 1.0f / __builtin_sqrtf(sumOf(squares) / float(C) + epsilon);
}

template<typename S>
void rmsNormRows(Index begin, Index end, Index C, Rows x, const float* weight, float epsilon, Rows out)
{
    for (Index t = begin; t < end; ++t) {
        const S* from = rowOf<S>(x, t);
        S* to = rowOf<S>(out, t);
        const float r = inverseRms(from, C, epsilon);
        overColumns(C, [&](Index c, int n) __attribute__((always_inline)) { store(to + c, load(from + c, n) * r * load(weight + c, n), n); });
    }
}

template<typename S>
void rmsNormBackwardRows(Index begin, Index end, Index C, Rows gradOut, Rows x, const float* weight, float epsilon, Rows gradX, float* gradWeight)
{
    for (Index t = begin; t < end; ++t) {
        const S* from = rowOf<S>(x, t);
        const S* grad = rowOf<S>(gradOut, t);
        S* to = rowOf<S>(gradX, t);
        const float r = inverseRms(from, C, epsilon);
        Vec products = {};
        overColumns(C, [&](Index c, int n) __attribute__((always_inline)) { products += load(grad + c, n) * load(weight + c, n) * load(from + c, n); });
        const float back = sumOf(products) * r * r / float(C);
        overColumns(C, [&](Index c, int n) __attribute__((always_inline)) {
            const Vec g = load(grad + c, n), v = load(from + c, n);
            store(to + c, load(to + c, n) + r * (g * load(weight + c, n) - v * back), n);
            if (gradWeight)
                store(gradWeight + c, load(gradWeight + c, n) + g * v * r, n);
        });
    }
}

template<typename S>
void rotaryRows(Index begin, Index end, Index heads, Index headDim, Index half, Rows x, const float* table, const std::int32_t* positions, float sign)
{
    for (Index t = begin; t < end; ++t) {
        const float* cosines = table + Index(positions[t]) * 2 * half;
        const float* sines = cosines + half;
        for (Index h = 0; h < heads; ++h) {
            S* first = rowOf<S>(x, t) + h * headDim;
            S* second = first + half;
            overColumns(half, [&](Index c, int n) __attribute__((always_inline)) {
                const Vec a = load(first + c, n), b = load(second + c, n);
                const Vec cosine = load(cosines + c, n), sine = load(sines + c, n) * sign;
                store(first + c, a * cosine - b * sine, n);
                store(second + c, b * cosine + a * sine, n);
            });
        }
    }
}

template<typename S>
void swigluRows(Index begin, Index end, Index F, Rows gateUp, Rows out)
{
    for (Index t = begin; t < end; ++t) {
        const S* gate = rowOf<S>(gateUp, t);
        const S* up = gate + F;
        S* to = rowOf<S>(out, t);
        overColumns(F, [&](Index c, int n) __attribute__((always_inline)) {
            const Vec g = load(gate + c, n);
            store(to + c, g * reciprocal(1.0f + exponential(-g)) * load(up + c, n), n);
        });
    }
}

template<typename S>
void swigluBackwardRows(Index begin, Index end, Index F, Rows gradOut, Rows gateUp, bool restoresOutput)
{
    for (Index t = begin; t < end; ++t) {
        S* gate = rowOf<S>(gateUp, t);
        S* up = gate + F;
        S* grad = rowOf<S>(gradOut, t);
        overColumns(F, [&](Index c, int n) __attribute__((always_inline)) {
            const Vec g = load(gate + c, n), u = load(up + c, n), d = load(grad + c, n);
            const Vec sigmoid = reciprocal(1.0f + exponential(-g)), silu = g * sigmoid;
            store(gate + c, d * u * sigmoid * (1.0f + g * (1.0f - sigmoid)), n);
            store(up + c, d * silu, n);
            if (restoresOutput)
                store(grad + c, silu * u, n);
        });
    }
}

template<typename S>
void crossEntropyRows(Index begin, Index end, Index V, Rows logits, const std::int64_t* targets, const float* gradScale, float* losses)
{
    for (Index t = begin; t < end; ++t) {
        S* row = rowOf<S>(logits, t);
        if (targets[t] < 0) {
            losses[t] = 0.0f;
            if (gradScale)
                __builtin_memset(row, 0, static_cast<std::size_t>(V) * sizeof(S));
            continue;
        }
        Vec greatest = splat(toFloat(row[0]));
        overColumns(V, [&](Index c, int n) __attribute__((always_inline)) { greatest = n == W ? greater(greatest, loadAll(row + c)) : greatest; });
        float top = greatestOf(greatest);
        for (Index c = V / W * W; c < V; ++c)
            top = toFloat(row[c]) > top ? toFloat(row[c]) : top;
        const IVec lanes = laneNumbers();
        Vec total = {};
        overColumns(V, [&](Index c, int n) __attribute__((always_inline)) {
            const Vec e = exponential(load(row + c, n) - top);
            total += lanes < n ? e : Vec {};
        });
        const float sum = sumOf(total);
        losses[t] = __builtin_logf(sum) + top - toFloat(row[targets[t]]);
        if (!gradScale)
            continue;
        const float wanted = toFloat(row[targets[t]]);
        const float factor = *gradScale / sum;
        overColumns(V, [&](Index c, int n) __attribute__((always_inline)) { store(row + c, exponential(load(row + c, n) - top) * factor, n); });
        // The target's own entry once more, so that p - 1 is rounded once.
        S part[W] = {};
        storeAll(part, splat((__builtin_expf(wanted - top) / sum - 1.0f) * *gradScale));
        row[targets[t]] = part[0];
    }
}

inline std::uint64_t mixedBits(std::uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/// Four elements of 16 random bits from one SplitMix64 draw at (stream, row, column / 4).
template<typename S>
void dropoutRows(Index begin, Index end, Index C, Rows x, float p, std::uint64_t stream, Rows out)
{
    const auto threshold = std::uint64_t(double(p) * 65536.0 + 0.5);
    const float factor = 1.0f / (1.0f - p);
    for (Index t = begin; t < end; ++t) {
        const S* from = rowOf<S>(x, t);
        S* to = rowOf<S>(out, t);
        float kept[64];
        for (Index c = 0; c < C; c += 64) {
            for (int i = 0; i < 64; i += 4) {
                const std::uint64_t bits = mixedBits(stream + (std::uint64_t(t) * 0x100000 + std::uint64_t(c + i) / 4 + 1) * 0x9e3779b97f4a7c15ULL);
                for (int j = 0; j < 4; ++j)
                    kept[i + j] = ((bits >> (16 * j)) & 0xffff) >= threshold ? factor : 0.0f;
            }
            const Index width = least(64, C - c);
            overColumns(width, [&](Index i, int n) __attribute__((always_inline)) { store(to + c + i, load(from + c + i, n) * load(kept + i, n), n); });
        }
    }
}
