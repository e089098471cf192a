// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/host_inputs.h"

#include <ATen/ops/empty.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace attune::model {

namespace {

c10::Stream currentStream(at::Device device)
{
    return c10::impl::VirtualGuardImpl(device.type()).getStream(device);
}

}

/// What the device computes from here on comes after the last copy of a place.
void HostInputs::await(const Place& place)
{
    if (place.copied)
        place.copied->block(currentStream(place.values.device()));
}

at::Tensor HostInputs::room(std::size_t layer, std::int64_t rows, std::int64_t columns, const at::TensorOptions& options)
{
    auto& place = placeOf(layer);
    await(place);
    place.values = place.buffer.take(rows, columns, options);
    place.layer = layer;
    return place.values;
}

void HostInputs::send(std::size_t layer)
{
    const auto bytes = static_cast<std::int64_t>(placeOf(layer).values.nbytes());
    if (m_host.size() <= layer)
        m_host.resize(layer + 1);
    if (auto& host = m_host[layer]; !host.defined() || host.numel() < bytes) {
        host.reset();
        host = at::empty({bytes}, at::TensorOptions().dtype(at::kByte).pinned_memory(placeOf(layer).values.is_cuda()));
    }
    copy(placeOf(layer), Way::Out);
}

/// Behind what is queued so far, and beside what is queued next.
void HostInputs::copy(Place& place, Way way)
{
    const auto device = place.values.device();
    const auto host = m_host[place.layer].narrow(0, 0, static_cast<std::int64_t>(place.values.nbytes())).view(place.values.scalar_type()).view(place.values.sizes());
    const auto& to = way == Way::Out ? host : place.values;
    const auto& from = way == Way::Out ? place.values : host;
    if (device.is_cpu()) {
        to.copy_(from);
        return;
    }
    const c10::impl::VirtualGuardImpl guard(device.type());
    if (!m_stream)
        m_stream = guard.getStreamFromGlobalPool(device);
    c10::Event before(device.type());
    before.record(currentStream(device));
    before.block(*m_stream);
    const c10::StreamGuard onCopies(*m_stream);
    to.copy_(from, /*non_blocking=*/true);
    place.copied.emplace(device.type());
    place.copied->record(*m_stream);
}

void HostInputs::bring(std::size_t layer)
{
    auto& place = placeOf(layer);
    if (place.layer == layer)
        return;
    place.layer = layer;
    copy(place, Way::In);
}

at::Tensor HostInputs::fetch(std::size_t layer)
{
    bring(layer);
    await(placeOf(layer));
    if (layer > 0)
        bring(layer - 1);
    return placeOf(layer).values;
}

}
