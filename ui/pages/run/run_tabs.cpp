// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_tab.h"

#include <array>

namespace attune::pages {

std::span<const RunTabInfo> runTabs()
{
    static const std::array<RunTabInfo, 9> table {{
        {"charts", QT_TRANSLATE_NOOP("attune::pages::RunView", "Charts"), makeChartsTab},
        {"samples", QT_TRANSLATE_NOOP("attune::pages::RunView", "Samples"), makeSamplesTab},
        {"classes", QT_TRANSLATE_NOOP("attune::pages::RunView", "Classes"), makeClassesTab, [](const RunData& data) { return data.classes.is_object(); }},
        {"config", QT_TRANSLATE_NOOP("attune::pages::RunView", "Config"), makeConfigTab},
        {"data", QT_TRANSLATE_NOOP("attune::pages::RunView", "Data"), makeDataTab},
        {"system", QT_TRANSLATE_NOOP("attune::pages::RunView", "System"), makeSystemTab},
        {"log", QT_TRANSLATE_NOOP("attune::pages::RunView", "Log"), makeLogTab},
        {"files", QT_TRANSLATE_NOOP("attune::pages::RunView", "Files"), makeFilesTab},
        {"notes", QT_TRANSLATE_NOOP("attune::pages::RunView", "Notes"), makeNotesTab},
    }};
    return table;
}

}
