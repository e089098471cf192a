// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pipeline/dataset_filter.h"
#include "pipeline/row_facts.h"

#include <functional>
#include <map>
#include <mutex>

namespace attune::pipeline {

/// One condition of a filter over a version's rows; all terms must hold.
struct RowTerm {
    enum class Kind {
        Facet,   ///< field "language", "split", "flag" or "column:NAME"; one of `values` (flags: names of flagNames(), and "over")
        Range,   ///< field "tokens", "turns", "prompt", "answer" (characters); low <= value <= high
        Text,    ///< `text` anywhere in the row's text columns, whatever its case
        Column,  ///< `filter`, as the command line and the filter step know it
        Size,    ///< column `field`: its number, or the length of its text or list, within low and high
        Rows     ///< these rows; in this order where nothing else sorts
    };
    Kind kind = Kind::Facet;
    std::string field;
    std::vector<std::string> values;
    double low = 0, high = 0;
    std::string text;
    RowFilter filter;
    std::vector<std::int64_t> rows;

    /// Names the rows it holds for: equal keys, equal rows.
    std::string key() const;
    bool needsFacts() const { return kind == Kind::Facet || kind == Kind::Range; }
};

struct RowQuery {
    std::vector<RowTerm> terms;
    std::string sortBy;           ///< "" (row number), "#", "tokens", "turns", "prompt", "answer" or "column:NAME"
    bool isDescending = false;
    std::int64_t tokenLimit = 0;  ///< what the flag "over" means
};

/// Rows per value of a facet that satisfy all terms but the facet's own.
struct FacetCounts {
    std::string field;
    std::vector<std::int64_t> counts;  ///< by code, as RowFacts keeps it; flags: by bit, bit 31 = over the limit
};

struct RowAnswer {
    std::vector<std::uint32_t> rows;  ///< positions in the version, in order
    std::vector<FacetCounts> facets;
    bool isAll = false;               ///< no term: `rows` is empty and means every row, unless sorted
    bool isComplete = false;          ///< false: a first page
};

/// What scans have found, kept while a version is shown: a term that stays is not looked for again. Any thread.
class TermCache
{
public:
    using Bits = std::vector<std::uint64_t>;
    std::shared_ptr<const Bits> find(const std::string& key) const;
    void put(const std::string& key, std::shared_ptr<const Bits> bits);

private:
    mutable std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<const Bits>> m_bits;
    std::vector<std::string> m_order;  ///< oldest first
};

/// facts: may be null; then no facets are counted, and terms that need them are errors (Usage).
/// onPage gets the first rows while the others are still looked for (not where the answer is sorted).
/// Errors: Usage (columns, conditions), those of reading, Cancelled.
Result<RowAnswer> runQuery(const importer::Dataset& data, const RowFacts* facts, const RowQuery& query, TermCache& cache, const std::function<void(RowAnswer)>& onPage, const JobContext& context);

/// The fields that a version's facts can be filtered by, in the order they are shown.
std::vector<std::string> facetFields(const RowFacts& facts);
/// The values of a facet by code; flags and ranges have none.
const std::vector<std::string>& facetValues(const RowFacts& facts, const std::string& field);

}
