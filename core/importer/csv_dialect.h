// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "formats/csv.h"
#include "importer/source.h"

namespace attune::importer {

/// What the start of a delimited text says about it.
struct CsvGuess {
    formats::CsvDialect dialect;
    bool hasHeader = true;
    double agreement = 0;    ///< share of records that have as many fields as most
    std::size_t fields = 0;  ///< of most records
    std::size_t records = 0;
};

/// Delimiter (comma, semicolon, tab, bar), line end and header, from the content; what options say wins.
CsvGuess guessDialect(const Head& head, const ImportOptions& options);
/// How well a text fits, 0 to 100.
int csvLikelihood(const Head& head);
/// Column names made usable: empty ones become column_N, repeated ones get a number.
std::vector<std::string> uniqueColumnNames(std::vector<std::string> names);

}
