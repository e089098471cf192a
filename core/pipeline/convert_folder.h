// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pipeline/convert.h"
#include "store/store.h"

#include <string>

namespace attune::pipeline {

/// Writes what another trainer needs to train the same: config.yaml, the rows as train.jsonl, and a README with what does
/// not map and how it is started. The folder is made. Errors: those of convertRecipe, of the data and of the disk.
Result<ConvertedRecipe> writeConversion(store::Store& store, const Recipe& recipe, const std::string& target, const std::string& folder, const JobContext& context);

}
