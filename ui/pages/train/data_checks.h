// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "pages/train/check_list.h"
#include "store/store.h"

namespace attune::pages {

/// Personal data in the training rows: what the dataset's last scan found, or a new scan of a set that is not large. A
/// worker thread. Nothing is redacted: a line says how many rows, and Review shows them.
Result<QList<CheckList::Line>> checkPersonalData(store::Store& store, const std::string& dataset, const JobContext& context);

}
