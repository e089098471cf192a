// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/hash.h"
#include "base/progress.h"
#include "base/result.h"

#include <functional>
#include <memory>
#include <string_view>

namespace attune::importer {

/// How many threads a job over data gets: the request, or one per core this process may use.
unsigned workerCount(unsigned requested);

/// Runs work(chunk, worker) for chunks 0 … count-1 on `workers` threads, in order of their start.
/// Errors: Cancelled (checked between chunks), OutOfMemory.
Status forEachChunk(std::size_t count, unsigned workers, const JobContext& context,
    const std::function<void(std::size_t chunk, unsigned worker)>& work);

/// The XXH3-128 of one long text, computed by whichever thread has time, in order: a thread reports
/// the chunks it has read, and the bytes are hashed while they are still in the cache.
class RunningHash
{
public:
    RunningHash(std::string_view text, std::size_t chunkBytes);
    ~RunningHash();
    /// Thread-safe; returns at once when another thread is hashing.
    void chunkDone(std::size_t chunk);
    /// Hashes what is left. Call once, when all threads are done.
    std::string finish();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}
