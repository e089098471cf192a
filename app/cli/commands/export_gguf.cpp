// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/export_command.h"

namespace attune::cli {

const Command& export_gguf()
{
    static const Command command {"export gguf", "Merge and write one GGUF file", [](CLI::App& app) -> Action {
        return configureExport(app, "gguf", "f16", "f32, f16, bf16, q8_0, Q6_K, Q5_K_M, Q4_K_M, Q4_K_S, Q3_K_M, Q2_K and others");
    }};
    return command;
}

}
