// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/options.h"

#include <vector>

namespace attune::pipeline::schema {

// One file and one function per section of the recipe, in the order of the recipe. A new setting is
// one row in its section's file; form, CLI, validation and help follow (design: recipe.md).

std::vector<Option> generalOptions();
std::vector<Option> modelOptions();
std::vector<Option> dataOptions();
std::vector<Option> objectiveOptions();
std::vector<Option> methodOptions();  ///< method.type and the options of all registered methods
std::vector<Option> trainingOptions();
std::vector<Option> evalOptions();
std::vector<Option> checkpointOptions();
std::vector<Option> safetyOptions();
std::vector<Option> runtimeOptions();

}
