// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/dataset/dataset_tab.h"

#include <span>

namespace attune::pages {

DatasetTab* makeOverviewTab(shell::Context& context);
DatasetTab* makeRowsTab(shell::Context& context);
DatasetTab* makeDuplicatesTab(shell::Context& context);
DatasetTab* makeIssuesTab(shell::Context& context);
DatasetTab* makeSplitTab(shell::Context& context);
DatasetTab* makeHistoryTab(shell::Context& context);

struct TabInfo {
    const char* id;
    const char* name;
    DatasetTab* (*make)(shell::Context&);
};
/// The tabs of a dataset's page, in their order.
std::span<const TabInfo> tabTable();

}
