// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace attune::model {

/// The 8-bit code of Dettmers et al. 2022 (arXiv:2110.02861, "dynamic tree"; formats.md §7.3), finer towards zero: for each
/// power of ten from 1e-6 to 1 the midpoints of an even division of [0.1, 1] times it, then 0 and 1; ascending, 256 values.
/// The signed one halves each division and has the negatives, too. Plain data: the CPU kernels read it.
struct DynamicMap {
    /// Keys are the upper half of a float32 (sign, exponent, 7 bits behind the point): values of one key lie closer together
    /// than two neighbouring codes, so that each has at most one bound.
    static constexpr std::int32_t kFirstKey = 0x3400, kKeys = 0x3f80 - kFirstKey + 1;  // 2^-23 to 1

    float values[256] = {};          ///< what a code stands for
    float bounds[256] = {};          ///< by magnitude, from zero: half-way between the k-th and the next
    std::int32_t atKey[kKeys] = {};  ///< the magnitude nearest to the least value of a key
    std::int32_t zero = 0;           ///< the code of 0; a magnitude k has the codes zero + k and zero - k
    std::int32_t mostNegative = 0;   ///< the largest magnitude that has a negative: -1 is no code
};

const DynamicMap& signedDynamicMap();
const DynamicMap& unsignedDynamicMap();

}
