// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/preview.h"

#include <QString>

#include <vector>

namespace attune::pages {

/// What several files would give, from a preview of each; files beyond the first ones are only counted.
struct ImportPreview {
    std::vector<std::string> files;
    importer::Preview first;              ///< of the first file that could be read
    std::int64_t rows = 0, skipped = 0;   ///< of all that were looked at
    bool isWhole = true;                  ///< all of it was read: the numbers are exact
    std::uint64_t bytes = 0;
    std::vector<importer::Problem> problems;
};

/// Worker thread. Errors: those of the first file when none can be read.
Result<ImportPreview> previewFiles(const std::vector<std::string>& paths, const importer::ImportOptions& options);

/// "question: the prompt" in the interface's language.
QString roleWords(importer::ColumnRole role);

}
