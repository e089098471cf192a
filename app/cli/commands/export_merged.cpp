// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/export_command.h"

namespace attune::cli {

const Command& export_merged()
{
    static const Command command {"export merged", "Merge the training into the base model, as a Hugging Face folder", [](CLI::App& app) -> Action {
        return configureExport(app, "merged", "f16", "f32, f16 or bf16");
    }};
    return command;
}

}
