// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/bench_text.h"

namespace attune::cli {

const Command& bench_tokenizer()
{
    static const Command command {"bench tokenizer", "Text to ids, beside HF tokenizers where they are installed", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<BenchFlags>();
        flags->amount = 64;
        addBenchFlags(app, *flags, true);
        app.add_option("--megabytes", flags->amount, "How much text to tokenise")->check(CLI::Range(std::int64_t(1), std::int64_t(4096)));
        return [flags](Session& session) -> Status {
            ATTUNE_TRY(const auto options, benchOptions(session, *flags, "tokenizer"));
            ATTUNE_TRY(const auto lines, pipeline::benchmarkTokenizer(options, session.context()));
            printBenchmark(session, lines, fmt::format("{} MB of text", flags->amount));
            return {};
        };
    }};
    return command;
}

}
