// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/errors.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

namespace attune::model {
namespace {

std::string firstLine(std::string text)
{
    text.resize(std::min(text.find('\n'), text.size()));
    return text;
}

Error outOfMemory(const std::string& device)
{
    return fail(ErrorCode::OutOfMemory, fmt::format("The {} ran out of memory.", device),
        "Lower training.batch_size or data.max_length, or close other programs. The last checkpoint is safe.");
}

/// The CPU allocator throws a plain c10::Error whose text tells.
bool saysOutOfMemory(const std::string& text)
{
    return text.find("not enough memory") != std::string::npos || text.find("can't allocate memory") != std::string::npos
        || text.find("out of memory") != std::string::npos;
}

}

Error errorFromException(const std::exception_ptr& exception)
{
    try {
        std::rethrow_exception(exception);
    } catch (const c10::OutOfMemoryError& e) {
        return outOfMemory("GPU");
    } catch (const c10::Error& e) {
        const std::string text = e.what_without_backtrace();
        if (saysOutOfMemory(text))
            return outOfMemory("computer");
        return fail(ErrorCode::Internal, fmt::format("LibTorch stopped: {}", firstLine(text)), "Please report it with the log.");
    } catch (const std::bad_alloc&) {
        return outOfMemory("computer");
    } catch (const std::exception& e) {
        return fail(ErrorCode::Internal, fmt::format("Attune hit a problem it did not expect: {}", firstLine(e.what())), "Please report it with the log.");
    } catch (...) {
        return fail(ErrorCode::Internal, "Attune hit a problem it did not expect.", "Please report it with the log.");
    }
}

}
