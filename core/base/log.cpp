// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/log.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

namespace attune {
namespace {

std::mutex g_mutex;
std::shared_ptr<spdlog::logger> g_logger;  // guarded by g_mutex

spdlog::level::level_enum levelOf(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug: return spdlog::level::debug;
    case LogLevel::Info: return spdlog::level::info;
    case LogLevel::Warning: return spdlog::level::warn;
    case LogLevel::Error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

}

void openLog(const std::string& path, LogLevel toFile, LogLevel toStderr)
{
    std::vector<spdlog::sink_ptr> sinks;
    auto console = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    console->set_level(levelOf(toStderr));
    console->set_pattern("%v");
    sinks.push_back(console);
    if (!path.empty()) {
        try {
            auto file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, 4u << 20, 3);
            file->set_level(levelOf(toFile));
            sinks.push_back(file);
        } catch (const spdlog::spdlog_ex&) {
            // A log that cannot be written must not stop the work.
        }
    }
    auto logger = std::make_shared<spdlog::logger>("attune", sinks.begin(), sinks.end());
    logger->set_level(spdlog::level::debug);
    logger->flush_on(spdlog::level::warn);
    const std::lock_guard lock(g_mutex);
    g_logger = std::move(logger);
}

void logLine(LogLevel level, const std::string& text)
{
    std::shared_ptr<spdlog::logger> logger;
    {
        const std::lock_guard lock(g_mutex);
        logger = g_logger;
    }
    if (logger)
        logger->log(levelOf(level), text);
}

}
