// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace attune {

/// What a program decides on. The exit code of the command line follows from it (design: cli.md).
enum class ErrorKind {
    Internal,         ///< a bug of ours; exit 1
    Usage,            ///< wrong verb, flag or name; exit 2
    Recipe,           ///< recipe missing, not YAML, unknown key or value out of range; exit 3
    Data,             ///< file, model, dataset, run missing, damaged or empty; exit 4
    Memory,           ///< not enough memory; exit 5
    Disk,             ///< not enough disk, or it cannot be written; exit 5
    Device,           ///< CUDA asked for and not there; exit 6
    Safety,           ///< a safety rule stopped a run; exit 7
    Verification,     ///< an export differs from what it was made from; exit 8
    Locked,           ///< another process owns it; exit 9
    Cancelled,        ///< the user asked to stop; exit 130
};

/// One row of the table of all errors. The codes are permanent: the manual lists them.
enum class ErrorCode {
#define ATTUNE_ERROR(number, name, kind, text) name = number,
#include "base/error_codes.inc"
#undef ATTUNE_ERROR
};

/// One error as a person reads it. Copyable value; any thread.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;  ///< one sentence: what failed, on what (file, row, tensor, value)
    std::string hint;     ///< what to do about it
    std::string where;    ///< outermost first: "data.jsonl: line 17"
    std::string details;  ///< JSON array of {key, message, hint} when there are several, else empty

    /// Adds an outer place: `error.in("line 17").in("data.jsonl")` reads "data.jsonl: line 17".
    Error in(std::string_view place) const;
    /// The permanent name of the code: "E-203".
    std::string codeName() const;
    ErrorKind kind() const;
    int exitCode() const;
};

ErrorKind kindOf(ErrorCode code);
/// The general description of a code, for the manual and for errors without a hint of their own.
std::string_view descriptionOf(ErrorCode code);
int exitCodeOf(ErrorKind kind);

}
