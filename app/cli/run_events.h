// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/session.h"
#include "pipeline/run_job.h"

#include <mutex>

namespace attune::cli {

/// A run's events on the command line: JSON lines on standard output with --jsonl, else what a person wants
/// to see on standard error. Any thread.
class RunPrinter final : public pipeline::EventSink
{
public:
    explicit RunPrinter(Session& session) : m_session(session) {}
    void post(pipeline::Event event) override;
    const std::string& run() const { return m_run; }

private:
    void tell(const pipeline::Event& event);

    std::mutex m_mutex;
    Session& m_session;
    std::string m_run;
    std::int64_t m_steps = 0;
};

/// Ends `run start` and `run resume`: prints the run's row unless events were asked for. A stop by Ctrl-C
/// becomes Cancelled (exit 130), one from outside is a success.
Status finishRun(Session& session, const RunPrinter& printer, const Result<pipeline::RunFinished>& result);
/// The same for a process of a run that is not the first (torchrun, srun): it prints nothing but its error.
Status helperStatus(const Result<pipeline::RunFinished>& result);

}
