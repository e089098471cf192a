// SPDX-License-Identifier: GPL-3.0-or-later
// fill_workspace DIR: a workspace with runs, for screenshots and for trying the interface.
#include "support/history.h"

#include <cstdio>

int main(int argc, char** argv)
{
    if (argc != 2)
        return std::fprintf(stderr, "usage: fill_workspace DIR\n"), 2;
    auto store = attune::store::Store::open(argv[1]);
    if (!store)
        return std::fprintf(stderr, "%s\n", store.error().message.c_str()), 1;
    using attune::store::RunStatus;
    attune::tests::addRun(**store, "maths-tutor", RunStatus::Completed, 420, 420, 1);
    attune::tests::addRun(**store, "maths-tutor", RunStatus::Completed, 600, 600, 2);
    attune::tests::addRun(**store, "bank-intents", RunStatus::Stopped, 180, 500, 3);
    attune::tests::addRun(**store, "maths-tutor", RunStatus::Interrupted, 1240, 2120, 0);
    return 0;
}
