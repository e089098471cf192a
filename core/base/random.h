// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace attune {

/// SplitMix64 (Steele, Lea, Flood 2014): a whole generator in one number, the same on every machine and
/// compiler, which std::shuffle is not. For orders of rows and splits; not for cryptography.
class SplitMix64
{
public:
    explicit SplitMix64(std::uint64_t seed) : m_state(seed) {}

    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }
    /// Uniform in [0, bound), bound > 0; without modulo bias (Lemire 2019, the multiply-and-reject way).
    std::uint64_t below(std::uint64_t bound)
    {
        const std::uint64_t threshold = (0 - bound) % bound;
        while (true) {
            const auto product = static_cast<Wide>(next()) * bound;
            if (static_cast<std::uint64_t>(product) >= threshold)
                return static_cast<std::uint64_t>(product >> 64);
        }
    }
    std::uint64_t state() const { return m_state; }

    /// Fisher-Yates from the back.
    template<typename T>
    void shuffle(std::vector<T>& values)
    {
        for (std::size_t i = values.size(); i > 1; --i)
            std::swap(values[i - 1], values[below(i)]);
    }

private:
    __extension__ using Wide = unsigned __int128;
    std::uint64_t m_state;
};

/// 0 … n-1 in a random order that the seed decides.
inline std::vector<std::int64_t> permutation(std::int64_t n, std::uint64_t seed)
{
    std::vector<std::int64_t> order(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i)
        order[static_cast<std::size_t>(i)] = i;
    SplitMix64(seed).shuffle(order);
    return order;
}

}
