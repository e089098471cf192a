// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/quantised/dynamic_map.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace attune::model {

namespace {

/// The positive values of both maps, in the float32 arithmetic of the reference.
std::vector<float> magnitudes(bool isSigned)
{
    std::vector<float> result {0.0f};
    for (int i = 0; i < 7; ++i) {
        const auto items = (std::int64_t(1) << (isSigned ? i : i + 1)) + 1;
        const auto bounds = at::linspace(0.1, 1, items, at::kFloat);
        const auto means = (bounds.narrow(0, 0, items - 1) + bounds.narrow(0, 1, items - 1)) / 2.0;
        const auto scaled = (means * std::pow(10.0, i - 6)).contiguous();
        result.insert(result.end(), scaled.data_ptr<float>(), scaled.data_ptr<float>() + items - 1);
    }
    result.push_back(1.0f);
    return result;
}

DynamicMap makeMap(bool isSigned)
{
    const auto positive = magnitudes(isSigned);
    DynamicMap map;
    map.zero = 256 - static_cast<std::int32_t>(positive.size());
    map.mostNegative = isSigned ? map.zero : 0;
    for (std::size_t k = 0; k < positive.size(); ++k) {
        map.values[static_cast<std::size_t>(map.zero) + k] = positive[k];
        if (k > 0 && static_cast<std::int32_t>(k) <= map.mostNegative)
            map.values[static_cast<std::size_t>(map.zero) - k] = -positive[k];
        map.bounds[k] = k + 1 < positive.size() ? (positive[k] + positive[k + 1]) / 2 : INFINITY;
    }
    for (std::int32_t key = 0; key < DynamicMap::kKeys; ++key) {
        const float least = std::bit_cast<float>((key + DynamicMap::kFirstKey) << 16);
        map.atKey[key] = static_cast<std::int32_t>(std::lower_bound(map.bounds, map.bounds + positive.size(), least) - map.bounds);
    }
    return map;
}

}

const DynamicMap& signedDynamicMap()
{
    static const DynamicMap map = makeMap(true);
    return map;
}

const DynamicMap& unsignedDynamicMap()
{
    static const DynamicMap map = makeMap(false);
    return map;
}

}
