// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/source.h"

namespace attune::importer {

/// Rows of running text: by line, by paragraph (blank lines between) or the document as one.
Result<FileIndex> indexText(const Body& body, const ImportOptions& options, const JobContext& context);
/// The row's bytes as the column "text".
bool readText(std::string_view bytes, const Layout& layout, Row& row);
/// Whether bytes look like text in any encoding rather than a picture or a program.
bool looksLikeText(std::string_view head);

}
