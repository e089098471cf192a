// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/ranks.h"

#include <ATen/core/Tensor.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace attune::trainer {

/// The cards of the processes that train one model together, one card each: sums go from card to card through NCCL, not over host
/// memory. RankGroup decides whether it serves and does without it otherwise. Training thread only.
class CardGroup
{
public:
    /// What a process says of its device to the others.
    struct Place {
        bool canJoin = false;         ///< a card, with NCCL
        std::int64_t identity = 0;  ///< of the card
    };
    static Place placeOf(at::Device device);
    /// Whether all can join, each with a card of its own: NCCL serves no two processes on one.
    static bool serves(const std::vector<Place>& places);

    /// The first process's, for all to join with; empty where NCCL gives none.
    static std::string makeId();
    /// Waits for all processes. Null where NCCL did not come about; the log says why.
    static std::unique_ptr<CardGroup> join(const std::string& id, const pipeline::Ranks& ranks, at::Device device);
    ~CardGroup();
    CardGroup(const CardGroup&) = delete;
    CardGroup& operator=(const CardGroup&) = delete;

    /// In place, of tensors on the card, float32 or int64: their sum over all processes (isSum), or the first process's values. Throws
    /// std::runtime_error with NCCL's reason where another process ended or did not answer in time.
    void exchange(const std::vector<at::Tensor>& tensors, bool isSum, std::chrono::milliseconds timeout);

private:
    explicit CardGroup(void* group)
        : m_group(group)
    {
    }
    void* const m_group;
};

}
