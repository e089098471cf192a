// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace attune {

/// How far a job is. total 0 = unknown.
struct Progress {
    std::string phase;  ///< what is being done, in words: "Reading rows"
    std::uint64_t done = 0;
    std::uint64_t total = 0;
};

/// What every long function takes: a way to be told to stop and a way to tell how far it is.
/// Copyable; report() may be called from any thread and never blocks for long.
struct JobContext {
    std::stop_token stop;
    std::function<void(const Progress&)> onProgress;

    bool isCancelled() const { return stop.stop_requested(); }
    void report(std::string phase, std::uint64_t done, std::uint64_t total) const
    {
        if (onProgress)
            onProgress(Progress {std::move(phase), done, total});
    }
};

}
