// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/row_query.h"

#include <functional>

namespace attune::pipeline {

/// A term over what is known of rows: tells by the row's number.
class FactTest
{
public:
    /// Errors: Usage (no such field or value).
    static Result<FactTest> create(const RowFacts& facts, const RowTerm& term, std::int64_t tokenLimit);
    bool holds(std::size_t row) const { return m_holds(row); }
    const std::string& field() const { return m_field; }

private:
    std::string m_field;
    std::function<bool(std::size_t)> m_holds;
};

/// A term over the values themselves: the row has to be read.
using RowTest = std::function<bool(const importer::Row&)>;
/// Errors: Usage (a column that is not there, an unknown condition).
Result<RowTest> makeRowTest(const importer::Dataset& data, const RowTerm& term);

}
