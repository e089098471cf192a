// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/dataset_export.h"
#include "store/store.h"

#include <string>

namespace attune::pipeline {

/// Writes <file>.md beside an exported file: what it holds, its hashes, where its rows come from and which steps
/// made them, with the front matter that dataset hubs read. Sources are named without their folders.
/// dataset: the argument of the export. Returns the path. Errors: those of reading and writing.
Result<std::string> writeDatasetCard(store::Store& store, const std::string& dataset, const importer::Dataset& data, const DataExportReport& report, const std::string& style);

/// Adds an entry for the file to dataset_info.json in its folder, as LLaMA-Factory reads it; other entries stay.
/// Returns the path. Errors: Unsupported (a style or format that LLaMA-Factory cannot read), FileCorrupt (a
/// dataset_info.json that is none), those of writing.
Result<std::string> addToDatasetInfo(const importer::Dataset& data, const DataExportReport& report, const std::string& style);
/// The entry alone. Source: LLaMA-Factory, data/README.md.
Result<Json> datasetInfoEntry(const importer::Dataset& data, const std::string& file, const std::string& style);

}
