// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/session.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <span>
#include <string>

namespace attune::cli {

/// What a command does once its flags are parsed. Errors become the exit code and the error object.
using Action = std::function<Status(Session&)>;

/// One command: "data import". configure() adds flags and arguments to its CLI11 app and returns the
/// action; values live in a shared_ptr that both capture. One file per command in commands/.
struct Command {
    std::string path;     ///< words, at most two: "version", "data import"
    std::string summary;  ///< one line for --help
    std::function<Action(CLI::App&)> configure;
};

/// All commands, sorted by file name; generated from commands/*.cpp.
std::span<const Command* const> all();

/// Runs the program: parses, dispatches, prints; returns the exit code. Used by main() and by tests,
/// which pass their own streams.
int run(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out, std::ostream& err);

}
