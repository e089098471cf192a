// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/merged_weights.h"

#include "base/file.h"
#include "families/weights.h"

#include <ATen/ATen.h>

#include <fmt/format.h>

namespace attune::exporter {

std::vector<families::TensorSlot> slotsToWrite(const families::ModelSource& base, const TrainedModel& trained)
{
    const auto& spec = trained.model->spec();
    auto slots = families::withHead(base.family->tensors(spec), spec, trained.head);
    if (spec.tiedEmbeddings)
        std::erase_if(slots, [](const auto& slot) { return slot.role == families::Role::LmHead; });
    return slots;
}

at::Tensor mergedWeight(const TrainedModel& trained, const families::TensorSlot& slot)
{
    return trained.model->mergedWeight(slot.name).to(at::kCPU, at::kFloat).contiguous();
}

at::Tensor toGgufOrder(at::Tensor weight, const families::TensorSlot& slot, const families::ModelSpec& spec)
{
    using Transform = families::TensorSlot::GgufTransform;
    if (slot.transform == Transform::NormMinusOne)
        return weight + 1;
    if (!families::movesRows(slot))
        return weight;
    auto source = at::empty({weight.size(0)}, at::kLong);
    auto* rows = source.data_ptr<std::int64_t>();
    for (std::int64_t row = 0; row < weight.size(0); ++row)
        rows[families::ggufRow(slot, spec, row)] = row;
    return weight.index_select(0, source).contiguous();
}

Status checkFreeDisk(const std::string& path, std::uint64_t bytes)
{
    const auto available = freeDiskBytes(path);
    if (available < bytes)
        return fail(ErrorCode::DiskFull, fmt::format("The export needs {:.1f} GB at {}; {:.1f} GB are free.", static_cast<double>(bytes) / 1e9, path, static_cast<double>(available) / 1e9),
            "Make room, or export to another disk.");
    return {};
}

}
