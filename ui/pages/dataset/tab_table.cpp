// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/tabs.h"

#include <QCoreApplication>

namespace attune::pages {

std::span<const TabInfo> tabTable()
{
    static constexpr TabInfo table[] = {
        {"overview", QT_TRANSLATE_NOOP("attune::pages::DatasetView", "Overview"), makeOverviewTab},
        {"rows", QT_TRANSLATE_NOOP("attune::pages::DatasetView", "Rows"), makeRowsTab},
        {"duplicates", QT_TRANSLATE_NOOP("attune::pages::DatasetView", "Duplicates"), makeDuplicatesTab},
        {"issues", QT_TRANSLATE_NOOP("attune::pages::DatasetView", "Issues"), makeIssuesTab},
        {"split", QT_TRANSLATE_NOOP("attune::pages::DatasetView", "Split"), makeSplitTab},
        {"history", QT_TRANSLATE_NOOP("attune::pages::DatasetView", "History"), makeHistoryTab},
    };
    return table;
}

}
