// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/optimizer.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace attune::planner {

const OptimizerFacts* findOptimizerFacts(std::string_view id)
{
    const auto all = optimizerFacts();
    const auto it = std::ranges::find(all, id, &OptimizerFacts::id);
    return it == all.end() ? nullptr : *it;
}

const OptimizerFacts* optimizerOfHfName(std::string_view name)
{
    if (constexpr std::string_view paged = "paged_"; name.starts_with(paged))
        name.remove_prefix(paged.size());
    const OptimizerFacts* closest = nullptr;
    for (const auto* facts : optimizerFacts()) {
        if (std::ranges::find(facts->hfNames, name) != facts->hfNames.end())
            return facts;
        // Where the arithmetic runs or how states are stored is named behind it: adamw_torch_xla.
        if (name.starts_with(facts->id) && (!closest || facts->id.size() > closest->id.size()))
            closest = facts;
    }
    return closest;
}

std::int64_t valueCount(std::span<const std::int64_t> shape)
{
    return std::accumulate(shape.begin(), shape.end(), std::int64_t(1), std::multiplies<>());
}

}
