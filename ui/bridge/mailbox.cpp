// SPDX-License-Identifier: GPL-3.0-or-later
#include "bridge/mailbox.h"

#include <algorithm>

namespace attune::bridge {

void Mailbox::post(pipeline::Event event)
{
    const std::lock_guard lock(m_mutex);
    m_events.push_back(std::move(event));
    if (m_events.size() <= m_bound)
        return;
    const auto isStep = [](const pipeline::Event& e) { return std::holds_alternative<pipeline::StepDone>(e); };
    // Counted so that the newest step stays: it is what the window shows as the latest value.
    bool drop = std::count_if(m_events.begin(), m_events.end(), isStep) % 2 != 0;
    std::erase_if(m_events, [&](const pipeline::Event& e) {
        if (!isStep(e))
            return false;
        drop = !drop;
        return drop;
    });
}

std::vector<pipeline::Event> Mailbox::drain()
{
    std::vector<pipeline::Event> events;
    const std::lock_guard lock(m_mutex);
    events.swap(m_events);
    return events;
}

}
