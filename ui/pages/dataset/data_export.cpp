// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/data_export.h"

#include "pages/dataset/export_dialog.h"

namespace attune::pages {

void showExport(shell::Context& context, const OpenedPtr& opened, QWidget* parent)
{
    auto* dialog = new DataExportDialog(context, opened, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

}
