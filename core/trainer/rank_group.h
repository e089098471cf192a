// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "pipeline/ranks.h"
#include "trainer/card_group.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

namespace attune::trainer {

/// The processes that train one model together, each with its share of every step (data parallel). They meet through
/// c10d's TCPStore and talk through Gloo, in the same order of calls everywhere. Tensors on a device go over host memory, or from card
/// to card once all have met there.
/// Errors of all calls: DeviceMissing, when another process ended or did not answer in time. Training thread only.
class RankGroup
{
public:
    /// Waits until all processes are there. ATTUNE_RANK_TIMEOUT: seconds that one may wait for another, half an hour if not set.
    static Result<std::shared_ptr<RankGroup>> join(const pipeline::Ranks& ranks);
    ~RankGroup();

    const pipeline::Ranks& ranks() const { return m_ranks; }
    bool isFirst() const { return m_ranks.isFirst(); }

    /// From here on tensors on the device are exchanged through NCCL, where each process has a card of its own; else nothing changes. All call
    /// it, each with its device.
    Status meetOnCards(at::Device device);
    bool isOnCards() const { return m_cards != nullptr; }

    /// Adds up each tensor over all processes, in place; everyone has the same bits afterwards. float32 or int64.
    Status sum(const std::vector<at::Tensor>& tensors);
    /// Gives everyone the first process's values, in place. float32 or int64.
    Status share(const std::vector<at::Tensor>& tensors);
    /// Gives everyone the first process's text.
    Result<std::string> share(const std::string& text);

private:
    struct Connection;
    RankGroup(const pipeline::Ranks& ranks, std::unique_ptr<Connection> connection);
    Status forEachBucket(const std::vector<at::Tensor>& tensors, bool isSum);

    const pipeline::Ranks m_ranks;
    std::unique_ptr<Connection> m_connection;
    std::unique_ptr<CardGroup> m_cards;  ///< null: not met on cards
};

}
