// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "bridge/workspace.h"

namespace attune::bridge {

/// Work that only the newest request of matters: a form is checked anew at each change. A new start() asks the one before
/// to stop and forgets its answer. The work runs on a pool thread with a store of its own. UI thread only.
class LatestJob
{
public:
    LatestJob() = default;
    ~LatestJob() { cancel(); }
    LatestJob(const LatestJob&) = delete;
    LatestJob& operator=(const LatestJob&) = delete;

    template<typename T>
    void start(QObject* receiver, const std::string& workspace, std::function<Result<T>(store::Store&, const JobContext&)> work, std::function<void(Result<T>)> done)
    {
        cancel();
        m_stop = std::stop_source();
        const int generation = ++*m_generation;
        compute<Result<T>>(
            receiver,
            [workspace, work = std::move(work), stop = m_stop.get_token()]() -> Result<T> {
                if (stop.stop_requested())
                    return fail(ErrorCode::Cancelled, "A newer request took its place.");
                ATTUNE_TRY(const auto store, store::Store::open(workspace));
                return work(*store, JobContext {stop, {}});
            },
            [generation, newest = std::weak_ptr<int>(m_generation), done = std::move(done)](Result<T> result) {
                if (const auto alive = newest.lock(); alive && *alive == generation)
                    done(std::move(result));
            });
    }

    void cancel()
    {
        m_stop.request_stop();
        ++*m_generation;
    }

private:
    std::stop_source m_stop;
    std::shared_ptr<int> m_generation = std::make_shared<int>(0);
};

}
