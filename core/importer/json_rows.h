// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/source.h"

#include <memory>
#include <optional>
#include <string_view>

namespace attune::importer {

/// Checks JSON objects for validity (RFC 8259, UTF-8, at most kMostLevels deep) and learns the
/// columns they have. One object per worker.
class JsonRowChecker
{
public:
    JsonRowChecker();
    ~JsonRowChecker();
    JsonRowChecker(JsonRowChecker&&) noexcept;
    JsonRowChecker& operator=(JsonRowChecker&&) noexcept;

    enum class Verdict { Good, Broken, NotUtf8 };
    /// `readable` bytes may be touched from bytes.data() on: where that is much more than the row, no
    /// copy is made.
    Verdict check(std::string_view bytes, std::size_t readable);
    /// Why the last row was not good: "a string is not closed".
    const std::string& reason() const;
    /// Columns of the good rows so far; taking them starts a new list.
    std::vector<ColumnFacts> takeColumns();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// Adds facts of a later part of a file to those of earlier parts.
void mergeColumns(std::vector<ColumnFacts>& columns, const std::vector<ColumnFacts>& more);

/// Source::read for rows that are JSON objects: strings unescaped, everything else as spelled.
bool readJsonObject(std::string_view bytes, const Layout& layout, Row& row);

/// The end of the JSON value that starts at `begin` (white space before it is allowed), found by
/// brackets and quotes alone; nullopt if the text ends first.
std::optional<std::size_t> endOfJsonValue(std::string_view text, std::size_t begin);
/// The next byte that is no JSON white space.
std::size_t skipJsonSpace(std::string_view text, std::size_t at);

}
