// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/data_export.h"

#include "pipeline/dataset_export.h"

#include <QCoreApplication>
#include <QFileDialog>

namespace attune::pages {

void showExport(shell::Context& context, const OpenedPtr& opened, QWidget* parent)
{
    const auto say = [](const char* text) { return QCoreApplication::translate("attune::pages::DataExport", text); };
    const QString name = bridge::toQString(opened->row.name);
    const QString path = QFileDialog::getSaveFileName(parent, say("Export rows"), name + QStringLiteral(".jsonl"), say("Data (*.jsonl *.json *.csv *.tsv *.txt *.parquet)"));
    if (path.isEmpty())
        return;
    auto report = std::make_shared<pipeline::DataExportReport>();
    context.jobs.start(say("Export of %1").arg(name),
        [=, data = opened->data](const JobContext& job) -> Status {
            ATTUNE_TRY(*report, pipeline::exportDataset(*data, bridge::toStd(path), "columns", job));
            return {};
        },
        parent,
        [&context, report, say](const Status& status) {
            context.navigator.toast(status ? say("%1 rows were written to %2.").arg(bridge::grouped(report->rows), bridge::toQString(report->path)) : bridge::toQString(status.error().message));
        });
}

}
