// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

#include <fmt/format.h>

namespace attune {

Error Error::in(std::string_view place) const
{
    Error outer = *this;
    outer.where = where.empty() ? std::string(place) : fmt::format("{}: {}", place, where);
    return outer;
}

std::string Error::codeName() const
{
    return fmt::format("E-{:03}", static_cast<int>(code));
}

ErrorKind Error::kind() const
{
    return kindOf(code);
}

int Error::exitCode() const
{
    return exitCodeOf(kind());
}

ErrorKind kindOf(ErrorCode code)
{
    switch (code) {
#define ATTUNE_ERROR(number, name, kind, text) case ErrorCode::name: return ErrorKind::kind;
#include "base/error_codes.inc"
#undef ATTUNE_ERROR
    }
    return ErrorKind::Internal;
}

std::string_view descriptionOf(ErrorCode code)
{
    switch (code) {
#define ATTUNE_ERROR(number, name, kind, text) case ErrorCode::name: return text;
#include "base/error_codes.inc"
#undef ATTUNE_ERROR
    }
    return {};
}

int exitCodeOf(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::Internal: return 1;
    case ErrorKind::Usage: return 2;
    case ErrorKind::Recipe: return 3;
    case ErrorKind::Data: return 4;
    case ErrorKind::Memory:
    case ErrorKind::Disk: return 5;
    case ErrorKind::Device: return 6;
    case ErrorKind::Safety: return 7;
    case ErrorKind::Verification: return 8;
    case ErrorKind::Locked: return 9;
    case ErrorKind::Cancelled: return 130;
    }
    return 1;
}

}
