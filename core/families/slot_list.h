// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_spec.h"

#include <string>
#include <vector>

namespace attune::families {

/// Builds a family's list of weights.
class SlotList
{
public:
    using Transform = TensorSlot::GgufTransform;

    std::vector<TensorSlot> slots;

    TensorSlot& add(std::string name, std::string ggufName, std::vector<std::int64_t> shape, Role role, std::int64_t layer, bool isLinear = false,
        Transform transform = Transform::None)
    {
        TensorSlot slot;
        slot.name = std::move(name);
        slot.ggufName = std::move(ggufName);
        slot.shape = std::move(shape);
        slot.role = role;
        slot.layer = layer;
        slot.isLinear = isLinear;
        slot.transform = transform;
        return slots.emplace_back(std::move(slot));
    }

    /// Names without ".weight" and ".bias".
    void linear(const std::string& name, const std::string& ggufName, std::int64_t out, std::int64_t in, Role role, std::int64_t layer, bool hasBias,
        Transform transform = Transform::None, bool isTransposed = false)
    {
        add(name + ".weight", ggufName + ".weight", {out, in}, role, layer, true, transform).isTransposed = isTransposed;
        if (hasBias)
            add(name + ".bias", ggufName + ".bias", {out}, role, layer, false, transform);
    }

    void norm(const std::string& name, const std::string& ggufName, std::int64_t width, std::int64_t layer, Transform transform = Transform::None, bool hasBias = false)
    {
        add(name + ".weight", ggufName + ".weight", {width}, Role::Norm, layer, false, transform);
        if (hasBias)
            add(name + ".bias", ggufName + ".bias", {width}, Role::Norm, layer);
    }

    /// The output matrix; a file of a tied model lacks it.
    void head(const std::string& name, const ModelSpec& spec)
    {
        linear(name, "output", spec.vocabSize, spec.hiddenSize, Role::LmHead, -1, false);
        slots.back().isOptional = spec.tiedEmbeddings;
    }
};

}
