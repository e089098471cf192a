// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/row_categories.h"

#include <algorithm>
#include <numeric>

namespace attune::pipeline {
namespace {

using importer::ColumnRole;

constexpr std::size_t kMostValues = 200, kLongestValue = 80, kMostColumns = 12;

bool mayBeLabels(const importer::Column& column)
{
    const bool isScalar = column.type == "text" || column.type == "number" || column.type == "boolean" || column.type == "mixed";
    return isScalar && (column.role == ColumnRole::Label || column.role == ColumnRole::Ignore);
}

/// Codes in the order of frequency; the missing value stays 0.
void sortByCount(RowCategory& category)
{
    std::vector<std::int64_t> counts(category.values.size());
    for (const auto code : category.codes)
        ++counts[code];
    std::vector<std::uint16_t> order(category.values.size() - 1);
    std::iota(order.begin(), order.end(), std::uint16_t(1));
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return counts[a] != counts[b] ? counts[a] > counts[b] : category.values[a] < category.values[b]; });
    std::vector<std::uint16_t> renamed(category.values.size());
    std::vector<std::string> values {category.values[0]};
    for (const auto code : order) {
        renamed[code] = static_cast<std::uint16_t>(values.size());
        values.push_back(category.values[code]);
    }
    category.values = std::move(values);
    for (auto& code : category.codes)
        code = renamed[code];
}

}

RowCategories::RowCategories(const importer::Dataset& data)
{
    for (std::size_t c = 0; c < data.columns().size() && m_columns.size() < kMostColumns; ++c) {
        if (!mayBeLabels(data.columns()[c]))
            continue;
        auto column = std::make_unique<Column>();
        column->category.column = c;
        column->category.name = data.columns()[c].name;
        column->category.values = {std::string()};
        column->category.codes.resize(static_cast<std::size_t>(data.rows()));
        m_columns.push_back(std::move(column));
    }
}

void RowCategories::see(std::int64_t number, const importer::Row& row, Cache& cache)
{
    for (std::size_t k = 0; k < m_columns.size(); ++k) {
        Column& column = *m_columns[k];
        if (!column.isGivenUp.load(std::memory_order_relaxed))
            column.category.codes[static_cast<std::size_t>(number)] = codeOf(column, row[column.category.column], cache[k]);
    }
}

std::uint16_t RowCategories::codeOf(Column& column, const importer::Cell& cell, std::unordered_map<std::string, std::uint16_t>& known)
{
    if (cell.isMissing())
        return 0;
    const std::string_view text = importer::plainText(cell);
    if (text.size() > kLongestValue) {
        column.isGivenUp = true;
        return 0;
    }
    const std::string value(text);
    if (const auto it = known.find(value); it != known.end())
        return it->second;
    const std::lock_guard lock(column.mutex);
    auto it = column.codes.find(value);
    if (it == column.codes.end()) {
        if (column.category.values.size() > kMostValues) {
            column.isGivenUp = true;
            return 0;
        }
        it = column.codes.emplace(value, static_cast<std::uint16_t>(column.category.values.size())).first;
        column.category.values.push_back(value);
    }
    known.emplace(value, it->second);
    return it->second;
}

std::vector<RowCategory> RowCategories::take()
{
    std::vector<RowCategory> kept;
    for (auto& column : m_columns) {
        const std::size_t distinct = column->category.values.size() - 1;
        if (column->isGivenUp || distinct < 2 || distinct * 3 > column->category.codes.size())
            continue;
        sortByCount(column->category);
        kept.push_back(std::move(column->category));
    }
    return kept;
}

}
