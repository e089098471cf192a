// SPDX-License-Identifier: GPL-3.0-or-later
// AdamW over moments of 8 bits, block by block; see adamw8.h. Included inside an unnamed namespace. Loops over a block are
// plain ones of known length that read the tables of DynamicMap: the compiler makes vectors and gathers of them.

constexpr int kMomentBlock = Adamw8Task::kBlock;

inline void decodeMoments(const DynamicMap& map, const std::uint8_t* codes, float scale, Index n, float* __restrict moments)
{
    for (Index i = 0; i < n; ++i)
        moments[i] = map.values[codes[i]] * scale;
}

/// The codes nearest to moments / scale.
inline void encodeMoments(const DynamicMap& map, const float* __restrict moments, float scale, Index n, std::uint8_t* __restrict codes)
{
    constexpr std::int32_t last = DynamicMap::kKeys - 1;
    for (Index i = 0; i < n; ++i) {
        const float share = scale > 0.0f ? moments[i] / scale : 0.0f;
        const float size = __builtin_fabsf(share);
        std::int32_t bits;
        __builtin_memcpy(&bits, &size, 4);
        std::int32_t key = (bits >> 16) - DynamicMap::kFirstKey;
        key = key < 0 ? 0 : key > last ? last : key;
        std::int32_t k = map.atKey[key];
        k += size > map.bounds[k] ? 1 : 0;
        const std::int32_t negative = k < map.mostNegative ? k : map.mostNegative;
        codes[i] = static_cast<std::uint8_t>(share < 0.0f ? map.zero - negative : map.zero + k);
    }
}

inline float largestMoment(const float* moments, Index n)
{
    Vec largest = {};
    overColumns(n, [&](Index c, int lanes) __attribute__((always_inline)) {
        const Vec v = load(moments + c, lanes);
        largest = greater(greater(largest, v), -v);
    });
    return greatestOf(largest);
}

inline void adamw8Block(const Adamw8Task& task, Index block, Index n)
{
    const Index first = block * kMomentBlock;
    float* __restrict value = task.value + first;
    const float* __restrict gradient = task.gradient + first;
    float mean[kMomentBlock], square[kMomentBlock];
    decodeMoments(*task.meanMap, task.mean + first, task.meanScale[block], n, mean);
    decodeMoments(*task.squareMap, task.square + first, task.squareScale[block], n, square);
    const float beta1 = task.beta1, beta2 = task.beta2, decay = task.decay, stepSize = task.stepSize, rootFactor = task.rootFactor, epsilon = task.epsilon;
    for (Index i = 0; i < n; ++i) {
        const float g = gradient[i];
        const float m = beta1 * mean[i] + (1.0f - beta1) * g;
        const float v = beta2 * square[i] + (1.0f - beta2) * g * g;
        mean[i] = m;
        square[i] = v;
        value[i] = decay * value[i] - stepSize * m / (__builtin_sqrtf(v) * rootFactor + epsilon);
    }
    task.meanScale[block] = largestMoment(mean, n);
    task.squareScale[block] = largestMoment(square, n);
    encodeMoments(*task.meanMap, mean, task.meanScale[block], n, task.mean + first);
    encodeMoments(*task.squareMap, square, task.squareScale[block], n, task.square + first);
}

void adamw8Blocks(const Adamw8Task& task, Index begin, Index end)
{
    for (Index block = begin; block < end; ++block) {
        if ((block + 1) * kMomentBlock <= task.count)
            adamw8Block(task, block, kMomentBlock);
        else
            adamw8Block(task, block, task.count - block * kMomentBlock);
    }
}
