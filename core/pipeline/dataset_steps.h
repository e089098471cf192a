// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/dataset_jobs.h"

#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

/// A step of a version and what it did when the version was made; nothing where it is switched off, or where the
/// version was made before effects were kept.
struct StepState {
    cleaner::Step step;
    std::optional<cleaner::StepReport> report;
};
/// Errors: FileMissing, FileCorrupt.
Result<std::vector<StepState>> stepStates(const store::DatasetRow& row);

/// Makes a version that has these steps in place of the dataset's: one switched off, moved, changed, removed or added.
/// Where the present steps are the start of the new ones only the rest runs; else all run again over the import.
/// Rows keep the split they were in; rows that come back are in none.
/// Errors: DatasetEmpty (no row is left; nothing was changed), those of steps and versions.
Result<CleanReport> changeSteps(store::Store& store, const std::string& dataset, const std::vector<cleaner::Step>& steps, const cleaner::PrepareContext& prepare, const JobContext& context);

/// Takes the newest version of a dataset back: its folder goes to the trash. Where a run has used it, or another dataset
/// stands on it, it stays and the steps of the version before come back as one more version. Returns the name of what
/// is newest then. Errors: Usage (there is no earlier version), those of versions.
Result<std::string> takeBackVersion(store::Store& store, const std::string& name, const cleaner::PrepareContext& prepare, const JobContext& context);

}
