// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/export_command.h"

namespace attune::cli {

const Command& export_peft()
{
    static const Command command {"export peft", "Write the adapter as a PEFT folder", [](CLI::App& app) -> Action {
        return configureExport(app, "peft", "f32", "");
    }};
    return command;
}

}
