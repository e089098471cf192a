// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/row_facts.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace attune::pipeline {

/// Finds the columns of few values while rows are being read by several threads: a column's values get codes until
/// there are too many of them, or they are too long to be labels; then the column is given up.
class RowCategories
{
public:
    /// What one thread knows of the codes, so that it seldom has to ask.
    using Cache = std::vector<std::unordered_map<std::string, std::uint16_t>>;

    explicit RowCategories(const importer::Dataset& data);
    Cache makeCache() const { return Cache(m_columns.size()); }
    void see(std::int64_t number, const importer::Row& row, Cache& cache);
    /// Those worth a facet: two values or more, each three times on average; the most frequent first.
    std::vector<RowCategory> take();

private:
    struct Column {
        RowCategory category;
        std::unordered_map<std::string, std::uint16_t> codes;
        std::mutex mutex;
        std::atomic<bool> isGivenUp {false};
    };
    std::uint16_t codeOf(Column& column, const importer::Cell& cell, std::unordered_map<std::string, std::uint16_t>& known);
    std::vector<std::unique_ptr<Column>> m_columns;
};

}
