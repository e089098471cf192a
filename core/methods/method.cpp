// SPDX-License-Identifier: GPL-3.0-or-later
#include "methods/method.h"

#include "base/edit_distance.h"
#include "families/task_head.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <regex>
#include <set>

namespace attune::methods {
namespace {

using families::Role;
using families::TensorSlot;

/// PEFT leaves the language head and a classifier's own layers out of all-linear.
bool isHeadOrEmbedding(const TensorSlot& slot)
{
    return slot.role == Role::LmHead || slot.role == Role::Embedding || families::isOfHead(slot);
}

bool isEmbedding(const TensorSlot& slot)
{
    return slot.role == Role::Embedding && slot.shape.size() == 2;
}

/// PEFT's matching: the whole module path, or a suffix of it behind a dot; roles beside.
bool matches(const TensorSlot& slot, std::string_view target)
{
    const std::string_view path = modulePath(slot);
    return families::roleName(slot.role) == target || path == target
        || (path.size() > target.size() && path.ends_with(target) && path[path.size() - target.size() - 1] == '.');
}

/// The value that a pattern map gives a slot; the first match in the file's order wins, as in PEFT.
const Json* patternValue(const Values& values, const char* map, const TensorSlot& slot)
{
    const auto it = values.find(map);
    if (it == values.end() || !it->is_object())
        return nullptr;
    for (const auto& [name, value] : it->items())
        if (value.is_number() && namesSlot(name, slot))
            return &value;
    return nullptr;
}

Error matchesNothing(const std::vector<TensorSlot>& slots, const std::string& target)
{
    std::set<std::string> names;
    for (const auto& slot : slots) {
        if (!slot.isLinear || isHeadOrEmbedding(slot))
            continue;
        const std::string_view path = modulePath(slot);
        names.emplace(path.substr(path.rfind('.') + 1));
        names.emplace(families::roleName(slot.role));
    }
    const std::vector<std::string> known(names.begin(), names.end());
    const std::string near = nearest(target, known);
    return fail(ErrorCode::RecipeValue, fmt::format("method.target_modules names \"{}\", which no linear layer of this model is called.", target),
        near.empty() ? fmt::format("This model has {}.", fmt::join(known, ", ")) : fmt::format("Did you mean {}? This model has {}.", near, fmt::join(known, ", ")));
}

}

const Method* findById(std::string_view id)
{
    for (const Method* method : all())
        if (method->id == id)
            return method;
    return nullptr;
}

std::string_view modulePath(const TensorSlot& slot)
{
    const std::string_view name = slot.name;
    return name.ends_with(".weight") || name.ends_with(".bias") ? name.substr(0, name.rfind('.')) : name;
}

Result<std::vector<TensorSlot>> targetSlots(const std::vector<TensorSlot>& slots, const Json& targetModules)
{
    std::vector<TensorSlot> chosen;
    const bool isAll = targetModules == "all-linear" || (targetModules.is_array() && targetModules.size() == 1 && targetModules[0] == "all-linear");
    if (isAll) {
        std::copy_if(slots.begin(), slots.end(), std::back_inserter(chosen), [](const TensorSlot& s) { return s.isLinear && !isHeadOrEmbedding(s); });
        return chosen;
    }
    const Json targets = targetModules.is_array() ? targetModules : Json::array({targetModules});
    std::set<std::string> used;
    for (const auto& slot : slots)
        for (const auto& target : targets)
            if ((slot.isLinear || isEmbedding(slot)) && target.is_string() && matches(slot, target.get_ref<const std::string&>())) {
                used.insert(target.get<std::string>());
                if (chosen.empty() || chosen.back().name != slot.name)
                    chosen.push_back(slot);
            }
    for (const auto& target : targets)
        if (!target.is_string() || !used.contains(target.get<std::string>()))
            return matchesNothing(slots, target.is_string() ? target.get<std::string>() : toLine(target));
    if (chosen.empty())
        return fail(ErrorCode::RecipeValue, "method.target_modules is empty: nothing would be trained.", "Use all-linear, or name layers such as q_proj.");
    return chosen;
}

bool namesSlot(const std::string& name, const TensorSlot& slot)
{
    if (matches(slot, name))
        return true;
    if (name.find_first_of("\\*+?[](){}|^$") == std::string::npos || name.size() > 1000)
        return false;
    try {
        const std::string path(modulePath(slot));
        return std::regex_match(path, std::regex("(.*\\.)?(" + name + ")"));
    } catch (const std::regex_error&) {
        return false;
    }
}

std::int64_t rankOf(const TensorSlot& slot, const Values& values)
{
    const Json* own = patternValue(values, "rank_pattern", slot);
    return own ? own->get<std::int64_t>() : values.value("r", std::int64_t(16));
}

double alphaOf(const TensorSlot& slot, const Values& values)
{
    const Json* own = patternValue(values, "alpha_pattern", slot);
    return own ? own->get<double>() : values.value("lora_alpha", 32.0);
}

std::vector<TensorSlot> savedSlots(const std::vector<TensorSlot>& slots, const Values& values)
{
    std::vector<TensorSlot> saved;
    const auto names = values.find("modules_to_save");
    if (names == values.end() || !names->is_array())
        return saved;
    for (const auto& slot : slots)
        if (std::any_of(names->begin(), names->end(), [&](const Json& name) { return name.is_string() && namesSlot(name.get<std::string>(), slot); }))
            saved.push_back(slot);
    return saved;
}

bool isFeedForward(const TensorSlot& slot, const Values& values)
{
    const auto names = values.find("feedforward_modules");
    if (names == values.end() || !names->is_array() || names->empty() || (*names)[0] == "auto")
        return slot.role == Role::MlpDown;
    return std::any_of(names->begin(), names->end(), [&](const Json& name) { return name.is_string() && namesSlot(name.get<std::string>(), slot); });
}

std::int64_t bottleneckWidth(const families::ModelSpec& spec, const Values& values)
{
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(spec.hiddenSize) / values.value("reduction_factor", 16.0)));
}

std::vector<TensorSlot> biasSlots(const std::vector<TensorSlot>& slots)
{
    std::vector<TensorSlot> biases;
    std::copy_if(slots.begin(), slots.end(), std::back_inserter(biases), [](const TensorSlot& slot) { return slot.name.ends_with(".bias"); });
    if (std::none_of(biases.begin(), biases.end(), [](const TensorSlot& slot) { return slot.layer >= 0; }))
        biases.clear();
    return biases;
}

std::vector<TensorSlot> normSlots(const std::vector<TensorSlot>& slots)
{
    std::set<std::string_view> modules;
    for (const auto& slot : slots)
        if (slot.role == Role::Norm)
            modules.insert(modulePath(slot));
    std::vector<TensorSlot> norms;
    std::copy_if(slots.begin(), slots.end(), std::back_inserter(norms), [&](const TensorSlot& slot) { return modules.contains(modulePath(slot)); });
    return norms;
}

std::vector<TensorSlot> unfrozenSlots(const families::ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values)
{
    const auto first = std::max<std::int64_t>(0, spec.layers - values.value("train_layers", std::int64_t(2)));
    const bool embeddings = values.value("train_embeddings", false), norms = values.value("train_norms", false);
    std::set<std::string> normNames;
    for (const auto& slot : normSlots(slots))
        normNames.insert(slot.name);
    std::vector<TensorSlot> chosen;
    std::copy_if(slots.begin(), slots.end(), std::back_inserter(chosen), [&](const TensorSlot& slot) {
        return (slot.layer >= first && slot.layer >= 0) || (norms && normNames.contains(slot.name)) || (embeddings && isHeadOrEmbedding(slot));
    });
    return chosen;
}

std::int64_t Method::trainableParameters(const families::ModelSpec& spec, const std::vector<TensorSlot>& slots, const Values& values) const
{
    std::int64_t total = 0;
    for (const auto& shape : trainedShapes(spec, slots, values))
        total += std::accumulate(shape.begin(), shape.end(), std::int64_t(1), std::multiplies<>());
    return total;
}

}
