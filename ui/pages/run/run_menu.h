// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/run/run_data.h"
#include "shell/page.h"

class QMenu;

namespace attune::pages {

/// What one can do with a run beside its buttons, the same in the run's page and in the table of runs.
void fillRunMenu(QMenu& menu, shell::Context& context, const store::RunRow& run, QWidget* parent);
/// Moves a run to the trash after asking; its folder can be taken back from there by hand.
void confirmRemoveRun(shell::Context& context, const store::RunRow& run, QWidget* parent);
/// Archives runs or takes them back, with Undo.
void archiveRuns(shell::Context& context, const std::vector<store::RunRow>& runs, bool isArchived);
/// The recipe in another trainer's words, into a file that one chooses.
void exportConfig(shell::Context& context, const store::RunRow& run, const std::string& target, QWidget* parent);

}
