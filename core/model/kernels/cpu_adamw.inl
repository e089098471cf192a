// SPDX-License-Identifier: GPL-3.0-or-later
// AdamW over float32 moments; see adamw.h. Included inside an unnamed namespace. The loop over values is a plain one: the compiler makes
// vectors of it.

inline void adamwBlock(const AdamwTask& task, Index first, Index n)
{
    float* __restrict value = task.value + first;
    float* __restrict mean = task.mean + first;
    float* __restrict square = task.square + first;
    const float* __restrict gradient = task.gradient + first;
    const float scale = task.gradientScale, meanRate = task.meanRate, beta2 = task.beta2, squareRate = task.squareRate;
    const float decay = task.decay, stepSize = task.stepSize, root = task.root, epsilon = task.epsilon;
    for (Index i = 0; i < n; ++i) {
        const float g = gradient[i] * scale;
        const float m = mean[i] + meanRate * (g - mean[i]);
        const float v = beta2 * square[i] + squareRate * g * g;
        mean[i] = m;
        square[i] = v;
        value[i] = decay * value[i] - stepSize * m / (__builtin_sqrtf(v) / root + epsilon);
    }
}

void adamwValues(const AdamwTask& task, Index begin, Index end)
{
    constexpr Index kBlock = 1024;  // stays in the first-level cache until it is copied
    for (Index first = begin; first < end; first += kBlock) {
        const Index n = least(kBlock, end - first);
        adamwBlock(task, first, n);
        if (task.copy)
            overColumns(n, [&](Index c, int lanes) __attribute__((always_inline)) { store(task.copy + first + c, load(task.value + first + c, lanes), lanes); });
    }
}
