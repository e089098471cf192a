// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/store.h"

namespace attune::store {

/// Forgets one version of a dataset; the files stay where they are. By a connection of its own, as another process
/// would. Errors: StoreCorrupt, DiskFull, DiskWrite.
Status removeDatasetVersion(const Store& store, const std::string& name, int version);

}
