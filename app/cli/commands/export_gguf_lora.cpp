// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/export_command.h"

namespace attune::cli {

const Command& export_gguf_lora()
{
    static const Command command {"export gguf-lora", "Write the adapter as a GGUF file for llama.cpp", [](CLI::App& app) -> Action {
        return configureExport(app, "gguf-lora", "f16", "f32 or f16");
    }};
    return command;
}

}
