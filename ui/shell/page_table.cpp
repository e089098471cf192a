// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/pages.h"
#include "shell/page.h"

#include <QCoreApplication>

namespace attune::shell {

const PageInfo* pageTable()
{
    static const PageInfo table[kPageCount] = {
        {PageId::Home, "home", QT_TRANSLATE_NOOP("attune::shell::Sidebar", "Home"), "Ctrl+1", pages::makeHome},
        {PageId::Datasets, "dataset", QT_TRANSLATE_NOOP("attune::shell::Sidebar", "Datasets"), "Ctrl+2", pages::makeDatasets},
        {PageId::Models, "model", QT_TRANSLATE_NOOP("attune::shell::Sidebar", "Models"), "Ctrl+3", pages::makeModels},
        {PageId::Train, "train", QT_TRANSLATE_NOOP("attune::shell::Sidebar", "Train"), "Ctrl+4", pages::makeTrain},
        {PageId::Runs, "runs", QT_TRANSLATE_NOOP("attune::shell::Sidebar", "Runs"), "Ctrl+5", pages::makeRuns},
        {PageId::TryOut, "tryout", QT_TRANSLATE_NOOP("attune::shell::Sidebar", "Try out"), "Ctrl+6", pages::makeTryOut},
        {PageId::Export, "export", QT_TRANSLATE_NOOP("attune::shell::Sidebar", "Export"), "Ctrl+7", pages::makeExport},
        {PageId::Activity, "activity", QT_TRANSLATE_NOOP("attune::shell::Sidebar", "Activity"), "Ctrl+8", pages::makeActivity},
        {PageId::Settings, "settings", QT_TRANSLATE_NOOP("attune::shell::Sidebar", "Settings"), "Ctrl+9", pages::makeSettings},
    };
    return table;
}

}
