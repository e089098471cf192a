// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/command.h"

#include <string>

namespace attune::cli {

/// `attune export <target> RUN --out PATH …`: flags, the run's checkpoint, the engine, the row in the
/// history. The five commands differ in their target and default type only. types: for the help text.
Action configureExport(CLI::App& app, const std::string& target, const std::string& defaultType, const std::string& types);

}
