// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/run/run_data.h"
#include "plots/chart_controls.h"
#include "shell/page.h"

#include <span>

namespace attune::pages {

/// One tab of a run's page. It shows what it is given and keeps nothing of another run.
class RunTab : public QWidget
{
    Q_OBJECT
public:
    explicit RunTab(shell::Context& context, QWidget* parent = nullptr)
        : QWidget(parent)
        , m_context(context)
    {
    }
    /// The run changed, or the tab is opened. Called for the tab that is shown only.
    virtual void show(const RunData& runData) = 0;
    /// Another run comes: positions, zoom and texts of the former one go.
    virtual void clear() {}
    /// Controls that stand at the right of the tabs while this one is open; or null.
    virtual plots::ChartControls* controls() { return nullptr; }

protected:
    shell::Context& m_context;
};

struct RunTabInfo {
    const char* key;
    const char* name;
    RunTab* (*make)(shell::Context&);
    /// Null: always there.
    bool (*isThere)(const RunData&) = nullptr;
};

/// The tabs in their order. To add one: a file here that has its make function, and a row in run_tabs.cpp.
std::span<const RunTabInfo> runTabs();

RunTab* makeChartsTab(shell::Context& context);
RunTab* makeSamplesTab(shell::Context& context);
RunTab* makeClassesTab(shell::Context& context);
RunTab* makeConfigTab(shell::Context& context);
RunTab* makeDataTab(shell::Context& context);
RunTab* makeSystemTab(shell::Context& context);
RunTab* makeLogTab(shell::Context& context);
RunTab* makeFilesTab(shell::Context& context);
RunTab* makeNotesTab(shell::Context& context);

}
