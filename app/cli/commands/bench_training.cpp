// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/bench_text.h"

namespace attune::cli {

const Command& bench_training()
{
    static const Command command {"bench training", "Training, beside HF Trainer and PEFT where they are installed, by turns", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<BenchFlags>();
        flags->amount = 8;
        addBenchFlags(app, *flags, true);
        auto dtype = std::make_shared<std::string>(), method = std::make_shared<std::string>("lora");
        app.add_option("--dtype", *dtype, "float32 or bfloat16 (else what the processor is fastest with)")->check(CLI::IsMember({"float32", "bfloat16"}));
        app.add_option("--method", *method, "lora or full")->check(CLI::IsMember({"lora", "full"}));
        app.add_option("--turns", flags->amount, "How many steps of each are measured, by turns")->check(CLI::Range(std::int64_t(2), std::int64_t(25)));
        return [flags, dtype, method](Session& session) -> Status {
            ATTUNE_TRY(auto options, benchOptions(session, *flags, "training"));
            options.dtype = *dtype;
            options.method = *method;
            ATTUNE_TRY(const auto lines, pipeline::benchmarkTraining(options, session.context()));
            printBenchmark(session, lines, fmt::format("{}, B=8, max_length 512, {} steps each by turns", *method == "full" ? "all weights" : "LoRA r=16 on all linears", flags->amount));
            return {};
        };
    }};
    return command;
}

}
