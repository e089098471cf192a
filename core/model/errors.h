// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <exception>
#include <type_traits>

namespace attune::model {

/// Turns an exception of LibTorch or of the standard library into an Error: running out of memory on the
/// host or a device gets its own code and a hint, everything else is Internal with the first line of what
/// it said. The one place where exceptions of attune_engine end.
Error errorFromException(const std::exception_ptr& exception);

/// Calls a function that returns Result or Status, and returns what it throws as an Error.
template<typename Function>
auto guarded(Function&& function) -> std::invoke_result_t<Function>
{
    try {
        return function();
    } catch (...) {
        return errorFromException(std::current_exception());
    }
}

}
