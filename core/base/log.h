// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <string>

namespace attune {

/// The program's log: a rotating file and, with -v, standard error. Any thread.
enum class LogLevel { Debug, Info, Warning, Error };

/// Where log lines go; called once by each program. An empty path keeps no file.
void openLog(const std::string& path, LogLevel toFile, LogLevel toStderr);
void logLine(LogLevel level, const std::string& text);

template<typename... Args>
void logInfo(fmt::format_string<Args...> format, Args&&... args)
{
    logLine(LogLevel::Info, fmt::format(format, std::forward<Args>(args)...));
}
template<typename... Args>
void logWarning(fmt::format_string<Args...> format, Args&&... args)
{
    logLine(LogLevel::Warning, fmt::format(format, std::forward<Args>(args)...));
}

}
