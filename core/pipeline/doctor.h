// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// One thing that training needs, looked at for real.
struct HealthCheck {
    enum class Status { Pass, Warn, Fail } status = Status::Pass;
    std::string name;
    std::string detail;  ///< the measured fact
    std::string fix;     ///< what to do; empty when all is well
    Json toJson() const; ///< {name, status, detail, fix}
};

/// Looks at processor, memory, disk, workspace, database, engine, llama.cpp, starter model and GPU.
/// Nothing here fails as a whole: what cannot be looked at is a failed check. Makes the workspace's
/// folder if it is not there. Blocks up to seconds (nvidia-smi); any thread.
std::vector<HealthCheck> checkHealth(const std::string& workspace);

}
