// SPDX-License-Identifier: GPL-3.0-or-later
#include "families/nearest.h"

#include "families/family.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace attune::families {
namespace {

constexpr std::size_t kMostNamed = 3;

/// "model.layers.7.mlp.up_proj.weight" to "layers.N.mlp.up_proj": without numbers, the model's own name and the part.
std::string kindOf(const std::string& name)
{
    std::string kind;
    for (std::size_t begin = 0; begin < name.size();) {
        const auto end = std::min(name.find('.', begin), name.size());
        const auto part = name.substr(begin, end - begin);
        const bool isNumber = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
        const bool isDropped = part == "model" || part == "transformer" || part == "language_model" || part == "weight";
        if (!isDropped)
            kind += (kind.empty() ? "" : ".") + (isNumber ? "N" : part);
        begin = end + 1;
    }
    return kind;
}

std::set<std::string> kindsOf(const Family& family, bool isGguf)
{
    const auto spec = family.fromConfig(Json {{"num_hidden_layers", 1}, {"n_layer", 1}, {"n_layers", 1}});
    std::set<std::string> kinds;
    if (!spec)
        return kinds;
    for (const auto& slot : family.tensors(*spec))
        kinds.insert(kindOf(isGguf ? slot.ggufName : slot.name));
    return kinds;
}

}

std::string unknownArchitecture(const std::string& architecture, const std::vector<std::string>& tensorNames)
{
    std::set<std::string> own;
    bool isGguf = false;
    for (const auto& name : tensorNames) {
        own.insert(kindOf(name));
        isGguf = isGguf || name.starts_with("blk.");
    }
    const Family* nearest = nullptr;
    std::vector<std::string> extra;
    double best = 0;
    for (const Family* family : all()) {
        const auto known = kindsOf(*family, isGguf);
        std::vector<std::string> shared, unknown;
        std::set_intersection(own.begin(), own.end(), known.begin(), known.end(), std::back_inserter(shared));
        std::set_difference(own.begin(), own.end(), known.begin(), known.end(), std::back_inserter(unknown));
        const double likeness = static_cast<double>(shared.size()) / static_cast<double>(std::max<std::size_t>(1, own.size() + known.size() - shared.size()));
        if (likeness > best) {
            best = likeness;
            nearest = family;
            extra = unknown;
        }
    }
    const std::string first = fmt::format("The architecture \"{}\" is not known here.", architecture);
    if (!nearest)
        return fmt::format("{} No known family names its weights alike; a description of the family and its layers would be needed.", first);
    if (extra.empty())
        return fmt::format("{} Its weights are named as those of {}; whether it computes in the same way would have to be described.", first, nearest->displayName);
    const auto more = extra.size() > kMostNamed ? fmt::format(" and {} more", extra.size() - kMostNamed) : "";
    extra.resize(std::min(extra.size(), kMostNamed));
    return fmt::format("{} Nearest is {}, which has no {}{}: a description of what these do would be needed.", first, nearest->displayName, fmt::join(extra, ", "), more);
}

}
