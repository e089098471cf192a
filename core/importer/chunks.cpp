// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/chunks.h"

#include <xxhash.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <new>
#include <thread>

namespace attune::importer {

unsigned workerCount(unsigned requested)
{
    return requested ? requested : std::max(1u, std::thread::hardware_concurrency());
}

Status forEachChunk(std::size_t count, unsigned workers, const JobContext& context,
    const std::function<void(std::size_t, unsigned)>& work)
{
    std::atomic<std::size_t> next {0};
    std::atomic<bool> isStopped {false};
    std::mutex mutex;
    std::exception_ptr problem;
    auto loop = [&](unsigned worker) {
        try {
            while (!isStopped && !context.isCancelled()) {
                const std::size_t chunk = next++;
                if (chunk >= count)
                    return;
                work(chunk, worker);
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            problem = std::current_exception();
            isStopped = true;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < workers && i < count; ++i)
            threads.emplace_back(loop, i);
        loop(0);
    }
    if (problem) {
        try {
            std::rethrow_exception(problem);
        } catch (const std::bad_alloc&) {
            return fail(ErrorCode::OutOfMemory, "There is not enough memory to read this file.", "Close other programs, or split the file.");
        }
    }
    if (context.isCancelled())
        return fail(ErrorCode::Cancelled, "Reading was cancelled.", "Nothing was changed.");
    return {};
}

struct RunningHash::Private {
    std::string_view text;
    std::size_t chunkBytes = 0;
    std::mutex mutex;
    std::unique_ptr<std::atomic<bool>[]> done;
    std::size_t chunks = 0;
    std::size_t next = 0;
    std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state {XXH3_createState(), XXH3_freeState};

    void hashUpTo(std::size_t end)
    {
        const std::size_t from = next * chunkBytes;
        const std::string_view part = text.substr(from, std::min(end * chunkBytes, text.size()) - from);
        XXH3_128bits_update(state.get(), part.data(), part.size());
        next = end;
    }
};

RunningHash::RunningHash(std::string_view text, std::size_t chunkBytes)
    : d(std::make_unique<Private>())
{
    d->text = text;
    d->chunkBytes = chunkBytes;
    d->chunks = (text.size() + chunkBytes - 1) / chunkBytes;
    d->done = std::make_unique<std::atomic<bool>[]>(d->chunks + 1);
    XXH3_128bits_reset(d->state.get());
}

RunningHash::~RunningHash() = default;

void RunningHash::chunkDone(std::size_t chunk)
{
    d->done[chunk] = true;
    const std::unique_lock lock(d->mutex, std::try_to_lock);
    while (lock.owns_lock() && d->next < d->chunks && d->done[d->next])
        d->hashUpTo(d->next + 1);
}

std::string RunningHash::finish()
{
    if (d->next < d->chunks)
        d->hashUpTo(d->chunks);
    const XXH128_hash_t hash = XXH3_128bits_digest(d->state.get());
    return Hash128 {hash.low64, hash.high64}.hex();
}

}
