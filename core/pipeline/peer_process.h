// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

/// How another program ran: for benchmarks, which measure Attune and its peers from outside in the same way.
struct ProcessReport {
    int code = -1;                   ///< exit code, or minus the signal that ended it
    double seconds = 0;              ///< from its start to its end
    std::int64_t peakBytes = 0;      ///< of resident memory
    std::string errors;              ///< the end of its standard error
};

/// Runs a program to its end. onLine sees each line of its standard output with the seconds since the start, on the calling
/// thread. Its standard error is kept in a file of `folder`. Errors: Cancelled (the program is ended), DiskWrite.
Result<ProcessReport> runProcess(const std::vector<std::string>& arguments, const std::string& folder,
    const std::function<void(const std::string& line, double seconds)>& onLine, const JobContext& context);

/// A program that takes turns with another.
struct TurnTaker {
    std::vector<std::string> arguments;
    /// Sees each line of its standard output with the seconds that the program itself has been running; true: its turn ends here.
    std::function<bool(const std::string& line, double seconds)> onLine;
};

/// Runs programs of which only one is running at a time while the others are stopped (SIGSTOP), so that whatever else the machine
/// does slows all alike: turns go A B B A A B ..., each program to its end. Reports in the same order, their seconds of running
/// alone. Errors as of runProcess().
Result<std::vector<ProcessReport>> runByTurns(const std::vector<TurnTaker>& programs, const std::string& folder, const JobContext& context);

/// The Python that has the peers: `chosen`, else $ATTUNE_REFEREE_PYTHON, else the referee's own environment, else python3.
std::string peerPython(const std::string& chosen);

/// Runs a Python script of numbers: the numbers of the last line it prints and its peak memory; nothing where it fails, as it
/// does where the peer is not installed. The script is written to `folder`.
struct PeerNumbers { std::vector<double> numbers; std::int64_t peakBytes = 0; };
std::optional<PeerNumbers> askPeer(const std::string& python, const std::string& folder, const char* script, const std::vector<std::string>& arguments,
    const JobContext& context);

}
