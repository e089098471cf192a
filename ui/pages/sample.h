// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <string>

namespace attune::pages {

/// Where the starter model and the sample datasets lie: <bin>/../share/attune; empty if they are not there.
std::string sharePath();
constexpr const char* kSampleModel = "smollm2-135m-instruct";
constexpr const char* kSampleData = "gsm8k-sample";
/// Registers the starter model and the sample dataset in the workspace, where they are not yet. Job thread.
Status openSample(const std::string& workspace, const JobContext& context);

}
