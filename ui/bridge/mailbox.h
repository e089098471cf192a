// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/events.h"

#include <mutex>
#include <vector>

namespace attune::bridge {

/// Takes events from a job thread and keeps them until the window drains them. post() may be called
/// from any thread and never waits for the window. Past the bound step events are thinned (every
/// second is dropped); no other event ever is.
class Mailbox final : public pipeline::EventSink
{
public:
    explicit Mailbox(std::size_t bound = 4096) : m_bound(bound) {}
    void post(pipeline::Event event) override;
    std::vector<pipeline::Event> drain();

private:
    std::mutex m_mutex;
    std::vector<pipeline::Event> m_events;  // guarded by m_mutex
    const std::size_t m_bound;
};

}
