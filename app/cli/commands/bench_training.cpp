// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/bench_text.h"

namespace attune::cli {

const Command& bench_training()
{
    static const Command command {"bench training", "LoRA training, beside HF Trainer and PEFT where they are installed, by turns", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<BenchFlags>();
        flags->amount = 2;
        addBenchFlags(app, *flags, true);
        app.add_option("--turns", flags->amount, "How often each trains")->check(CLI::Range(std::int64_t(1), std::int64_t(20)));
        return [flags](Session& session) -> Status {
            ATTUNE_TRY(const auto options, benchOptions(session, *flags, "training"));
            ATTUNE_TRY(const auto lines, pipeline::benchmarkTraining(options, session.context()));
            printBenchmark(session, lines, fmt::format("LoRA r=16 on all linears, B=8, max_length 512, {} turns", flags->amount));
            return {};
        };
    }};
    return command;
}

}
