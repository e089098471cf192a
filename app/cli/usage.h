// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace attune::cli {

/// A direct subcommand by name, or null; CLI11 2.3 throws where there is none.
const CLI::App* childOf(const CLI::App& app, const std::string& name);

/// What is wrong with a command line, in our words and with a suggestion. what: CLI11's message; empty
/// when a command is missing. Error: Usage.
Error usageError(const CLI::App& app, const std::vector<std::string>& arguments, const std::string& what);

}
