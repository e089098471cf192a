// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/cleaned_dataset.h"
#include "store/store.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// Steps that made a version, empty for an import. Errors: FileMissing, FileCorrupt.
Result<std::vector<cleaner::Step>> stepsOf(const store::DatasetRow& row);
/// A version's rows as numbers of its import, in its order. Errors: FileMissing, FileCorrupt.
Result<cleaner::Selection> rowsOfImport(const store::DatasetRow& row);

/// The version of `name` that has more steps than `from`; `kept` are positions in `from`, `columns` what comes
/// out. Splits move along: rows that stay keep their split. Errors: those of writing.
Result<store::DatasetRow> addCleaned(store::Store& store, const std::string& name, const store::DatasetRow& from, const std::vector<cleaner::Step>& more,
    const cleaner::Selection& kept, const std::vector<importer::Column>& columns);

/// The row that a DATASET to be changed names: a registered version, neither a file nor a split.
/// Errors: Usage (a split), BadName, DatasetMissing.
Result<store::DatasetRow> changeable(store::Store& store, const std::string& dataset);

}
