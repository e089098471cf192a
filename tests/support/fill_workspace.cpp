// SPDX-License-Identifier: GPL-3.0-or-later
// fill_workspace DIR: a workspace with runs, for screenshots and for trying the interface.
#include "base/file.h"
#include "pipeline/dataset_jobs.h"
#include "support/history.h"
#include "support/tickets.h"

#include <cstdio>

namespace {

/// A dataset with steps and a split.
attune::Status addTickets(attune::store::Store& store)
{
    using namespace attune;
    const std::string path = store.workspace() + "/sources/tickets.jsonl";
    ATTUNE_RETURN_IF_ERROR(makeFolder(store.workspace() + "/sources"));
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(path, tests::ticketLines(12'480)));
    ATTUNE_TRY([[maybe_unused]] const auto imported, pipeline::importDataset(store, {path}, "support-tickets", {}, false, {}));
    const std::vector<cleaner::Step> steps {{"drop_empty", Json::object()}, {"dedupe", {{"method", "near"}, {"threshold", 0.85}}}, {"redact_pii", {{"kinds", {"email"}}}}};
    ATTUNE_TRY([[maybe_unused]] const auto cleaned, pipeline::cleanDataset(store, "support-tickets", steps, {}, {}, {}));
    pipeline::SplitOptions split;
    split.ratios = {0.95, 0.05};
    ATTUNE_TRY([[maybe_unused]] const auto parts, pipeline::splitDataset(store, "support-tickets", split, {}));
    return {};
}

}

int main(int argc, char** argv)
{
    if (argc != 2)
        return std::fprintf(stderr, "usage: fill_workspace DIR\n"), 2;
    auto store = attune::store::Store::open(argv[1]);
    if (!store)
        return std::fprintf(stderr, "%s\n", store.error().message.c_str()), 1;
    using attune::store::RunStatus;
    using namespace attune::tests;
    const auto finish = [&](const std::string& run, std::int64_t last) {
        addCheckpoint(**store, run, last);
        if (const auto row = (*store)->run(run); row && row->bestStep > 0)
            addCheckpoint(**store, run, row->bestStep);
    };
    finish(addRun(**store, "maths-tutor", RunStatus::Completed, 420, 420, 1), 420);
    finish(addRun(**store, "maths-tutor", RunStatus::Completed, 600, 600, 2), 600);
    const auto stopped = addRun(**store, "bank-intents", RunStatus::Stopped, 180, 500, 3);
    finish(stopped, 180);
    addClasses(**store, stopped, 150, {"card_arrival", "card_lost", "exchange_rate", "pin_blocked", "top_up_failed", "transfer_timing"});
    const auto failed = addRun(**store, "too-fast", RunStatus::Failed, 90, 400, 5);
    if (auto row = (*store)->run(failed); row) {
        row->error = "Loss became NaN at step 91. The learning rate (0.002) is too high.";
        (void)(*store)->updateRun(*row);
    }
    const auto newest = addRun(**store, "maths-tutor", RunStatus::Interrupted, 1240, 2120, 0);
    finish(newest, 1200);
    addAlert(**store, newest, 1200, "warning", "The model fits the training rows better than the others");
    if (const auto status = addTickets(**store); !status)
        return std::fprintf(stderr, "%s\n", status.error().message.c_str()), 1;
    return 0;
}
