// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/export_command.h"

namespace attune::cli {

const Command& export_ollama()
{
    static const Command command {"export ollama", "Write a folder with a Modelfile for Ollama", [](CLI::App& app) -> Action {
        return configureExport(app, "ollama", "auto", "auto (base and adapter where possible), or a type as for export gguf");
    }};
    return command;
}

}
