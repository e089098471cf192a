// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/result.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace attune {

void failCheck(const char* condition, const std::string& message, const char* file, int line)
{
    throw LogicError(fmt::format("{} ({}) at {}:{}", message, condition, file, line));
}

Error fail(ErrorCode code, std::string message, std::string hint)
{
    Error error;
    error.code = code;
    error.message = std::move(message);
    error.hint = hint.empty() ? std::string(descriptionOf(code)) : std::move(hint);
    return error;
}

Error failSystem(const std::string& path, const char* doing, int errorNumber)
{
    switch (errorNumber) {
    case ENOENT:
        return fail(ErrorCode::FileMissing, fmt::format("Cannot {} {}: it does not exist.", doing, path),
            "Check the path for a typing error, or whether the drive is mounted.");
    case ENOSPC:
    case EDQUOT:
        return fail(ErrorCode::DiskFull, fmt::format("Cannot {} {}: the disk is full.", doing, path),
            "Free some space, or choose a workspace on another disk.");
    case EFBIG:
        return fail(ErrorCode::DiskFull, fmt::format("Cannot {} {}: the file would be larger than the disk or a limit allows.", doing, path),
            "Choose a workspace on another disk, or raise the limit (ulimit -f).");
    case EROFS:
        return fail(ErrorCode::DiskWrite, fmt::format("Cannot {} {}: the file system is read-only.", doing, path),
            "Choose another folder.");
    case ELOOP:
        return fail(ErrorCode::FileUnreadable, fmt::format("Cannot {} {}: its links form a loop.", doing, path),
            "Give the path of the real file.");
    case ENOMEM:
        return fail(ErrorCode::OutOfMemory, fmt::format("Cannot {} {}: not enough memory.", doing, path),
            "Close other programs and try again.");
    default:
        return fail(ErrorCode::FileUnreadable,
            fmt::format("Cannot {} {}: {}.", doing, path, std::strerror(errorNumber)),
            "Check the permissions of the file and its folder.");
    }
}

}
