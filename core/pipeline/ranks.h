// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <functional>
#include <optional>
#include <string>

namespace attune::pipeline {

/// Which of the processes of a data-parallel run this one is, and where they meet.
struct Ranks {
    int rank = 0, size = 1;
    int localRank = 0, localSize = 1;  ///< among those on this computer: device and threads are shared out by it
    std::string address;               ///< of the first process, or of the launcher's store
    int port = 0;
    std::string storePrefix;           ///< torchrun: its agent holds the store, a restart has its own keys; else empty

    bool isAlone() const { return size < 2; }
    bool isFirst() const { return rank == 0; }
};

/// Reads RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR and MASTER_PORT as torchrun sets them, else what srun sets
/// (SLURM_PROCID, SLURM_STEP_NUM_TASKS, SLURM_LOCALID, SLURM_STEP_NODELIST). Neither: a process alone.
/// variable: a lookup, getenv outside of tests. Errors: Usage, where only a part is set or a number is none.
Result<Ranks> ranksFrom(const std::function<std::optional<std::string>(const char* name)>& variable);
Result<Ranks> ranksFromEnvironment();

/// The first computer of a Slurm list: "gpu[003-010,17],x1" is "gpu003".
std::string firstNode(const std::string& list);

}
