// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/file.h"
#include "importer/index.h"
#include "store/store.h"

#include <functional>
#include <string>

namespace attune::pipeline {

/// Makes a dataset's next version: `fill` writes into a fresh folder and sets the row's fields; only
/// when it succeeded does the folder get its name and the row its place in the database.
Result<store::DatasetRow> addVersion(store::Store& store, const std::string& name, const std::function<Status(const std::string& folder, store::DatasetRow& row)>& fill);

/// [{path, bytes, hash, rows, format, encoding}] of an import.
Json sourcesJson(const importer::IndexHeader& header);
/// The facts that the database keeps of an import whose index lies in `base`.
Json infoOfImport(const importer::IndexHeader& header, const std::string& base);

}
