// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/rule.h"
#include "cleaner/scanner.h"

namespace attune::cleaner {

/// Personal data in a row. start and end are code points of the text it is in, end exclusive: the cell's, or,
/// where the cell is a list or object, that of the string at `path` (a JSON pointer: "/1/content").
struct Finding {
    std::int64_t row = 0;
    std::string column, path, kind;
    std::int64_t start = 0, end = 0;
    std::string text;
};

/// A scanner that knows its way through cells: texts, numbers as they are spelled, and every string of a
/// conversation, list or object. The nearest key (or the column) is the label of a text. Immutable; any thread.
class CellScanner
{
public:
    CellScanner(Scanner scanner, const std::vector<Column>& columns);

    /// Calls seen(path, text, find) for all that is in the cell; the find is in bytes of the text.
    using Seen = std::function<void(const std::string& path, std::string_view text, const Found& found)>;
    void find(const Cell& cell, std::size_t column, const Seen& seen) const;
    bool isAnyIn(const Cell& cell, std::size_t column) const;
    /// Puts replacement(value, find) in the place of every find; true if there was one.
    using Replacement = std::function<std::string(std::string_view value, const Found& found)>;
    bool replace(Row& row, std::size_t column, const Replacement& replacement) const;
    const Scanner& scanner() const { return m_scanner; }

private:
    Scanner m_scanner;
    std::vector<std::string> m_labels;
};

/// All personal data of the rows, in order of row, column and place. Errors: Usage (kinds, patterns, columns),
/// those of reading, Cancelled.
Result<std::vector<Finding>> scanRows(const RowSource& rows, const ScanOptions& options, const JobContext& context);

}
