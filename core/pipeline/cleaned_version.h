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
/// out, `reports` what the steps in force did. Splits move along: rows that stay keep their split. Errors: those of writing.
Result<store::DatasetRow> addCleaned(store::Store& store, const std::string& name, const store::DatasetRow& from, const std::vector<cleaner::Step>& more,
    const cleaner::Selection& kept, const std::vector<importer::Column>& columns, const std::vector<cleaner::StepReport>& reports);

/// The version of from's dataset whose steps are these, run over the import; `rows` are numbers of the import. Rows
/// keep the split they had in `from`. Errors: those of writing.
Result<store::DatasetRow> addRecleaned(store::Store& store, const store::DatasetRow& from, const std::vector<cleaner::Step>& steps, const cleaner::Selection& rows,
    const std::vector<importer::Column>& columns, const std::vector<cleaner::StepReport>& reports);
/// What each step of a version did, as the database keeps it: one entry a step, null where nothing is known.
constexpr const char* kStepReports = "step_reports";

/// The row that a DATASET to be changed names: a registered version, neither a file nor a split.
/// Errors: Usage (a split), BadName, DatasetMissing.
Result<store::DatasetRow> changeable(store::Store& store, const std::string& dataset);

}
