// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/card_group.h"

#include "base/log.h"
#include "model/cuda_library.h"

#include <c10/core/DeviceGuard.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <stdexcept>

namespace attune::trainer {
namespace {

using Reason = std::array<char, 512>;

/// Null where there is no card, no driver or no NCCL.
const cuda::CudaCollectives* collectives()
{
    const auto* api = model::cudaLibrary();
    return api && api->collectives && api->collectives->isThere() ? api->collectives : nullptr;
}

}

CardGroup::Place CardGroup::placeOf(at::Device device)
{
    if (!device.is_cuda() || !collectives())
        return {};
    cuda::DeviceFacts facts;
    const bool isKnown = model::cudaLibrary()->deviceFacts(std::max<int>(0, device.index()), facts);
    return {isKnown, static_cast<std::int64_t>(facts.identity)};
}

bool CardGroup::serves(const std::vector<Place>& places)
{
    std::set<std::int64_t> cards;
    return std::ranges::all_of(places, [&](const Place& place) { return place.canJoin && cards.insert(place.identity).second; });
}

std::string CardGroup::makeId()
{
    cuda::CollectiveId id;
    Reason reason {};
    if (collectives()->makeId(id, reason.data(), reason.size()))
        return {id.bytes, sizeof id.bytes};
    logWarning("NCCL cannot be used ({}); the processes talk over host memory.", reason.data());
    return {};
}

std::unique_ptr<CardGroup> CardGroup::join(const std::string& text, const pipeline::Ranks& ranks, at::Device device)
{
    cuda::CollectiveId id;
    if (text.size() != sizeof id.bytes)
        return nullptr;
    std::memcpy(id.bytes, text.data(), text.size());
    const c10::DeviceGuard guard(device);
    Reason reason {};
    if (void* group = collectives()->join(id, ranks.rank, ranks.size, reason.data(), reason.size()))
        return std::unique_ptr<CardGroup>(new CardGroup(group));
    logWarning("NCCL cannot be used ({}); the processes talk over host memory.", reason.data());
    return nullptr;
}

CardGroup::~CardGroup()
{
    collectives()->leave(m_group);
}

void CardGroup::exchange(const std::vector<at::Tensor>& tensors, bool isSum, std::chrono::milliseconds timeout)
{
    const c10::DeviceGuard guard(tensors.front().device());
    std::vector<at::Tensor> dense;
    std::vector<cuda::CollectivePart> parts;
    for (const auto& tensor : tensors) {
        const auto& part = dense.emplace_back(tensor.detach().contiguous());
        parts.push_back({part.mutable_data_ptr(), part.numel(), part.scalar_type() == at::kFloat});
    }
    Reason reason {};
    const double seconds = std::chrono::duration<double>(timeout).count();
    if (!collectives()->exchange(m_group, parts.data(), static_cast<int>(parts.size()), isSum, seconds, reason.data(), reason.size()))
        throw std::runtime_error(reason.data());
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (!dense[i].is_alias_of(tensors[i]))
            tensors[i].detach().copy_(dense[i]);
}

}
