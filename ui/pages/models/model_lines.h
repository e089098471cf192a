// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/model_details.h"
#include "pipeline/model_scan.h"
#include "widgets/table.h"

#include <QList>

namespace attune::pages {

/// A line of the Models page: a registered model, or one that another program keeps here.
struct ModelLine {
    QString id;               ///< the registered name; of a found one its path
    bool isFound = false;     ///< not on the list yet
    bool isGone = false;      ///< on the list, but its file or folder is not where it was
    store::ModelRow row {};   ///< of a registered one
    pipeline::FoundModel found {};
    QString name {}, weights {}, source {}, licence {};
    double parameters = 0, bytes = 0;
    int adapters = 0;
    pipeline::TrainVerdict verdict {};
};

/// The registered models and those found elsewhere that are not among them. Opens every file, so on a worker thread.
Result<QList<ModelLine>> modelLines(store::Store& store, const JobContext& context);

widgets::TableRow tableRow(const ModelLine& line);
QList<widgets::TableColumn> modelColumns();

}
