// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/row_query.h"

#include "importer/chunks.h"
#include "pipeline/row_sort.h"
#include "pipeline/row_terms.h"

#include <algorithm>
#include <atomic>
#include <optional>

namespace attune::pipeline {
namespace {

constexpr std::size_t kChunkRows = 4096;          // a multiple of 64: no two chunks share a word of bits
constexpr std::size_t kFirstWave = 2, kLargestWave = 256;
constexpr std::size_t kPageRows = 100;
constexpr std::size_t kKeptTerms = 24;
constexpr std::uint32_t kOverBit = 31;

using Bits = TermCache::Bits;

bool isSet(const Bits& bits, std::size_t row)
{
    return bits[row / 64] >> (row % 64) & 1;
}

struct Scan {
    std::string key;
    RowTest test;
    std::shared_ptr<Bits> bits;
};

enum class FieldKind { Flag, Language, Split, Category };

/// Counts of one worker, by facet and code.
struct Tally {
    std::vector<std::vector<std::int64_t>> counts;
};

class Query
{
public:
    Query(const importer::Dataset& data, const RowFacts* facts, const RowQuery& query, TermCache& cache)
        : m_data(data)
        , m_facts(facts)
        , m_query(query)
        , m_cache(cache)
        , m_rows(static_cast<std::size_t>(data.rows()))
    {
    }

    Status prepare()
    {
        for (const auto& term : m_query.terms) {
            if (term.needsFacts()) {
                if (!m_facts)
                    return fail(ErrorCode::Usage, "The rows are still being counted.", "Wait until the counts are there.");
                ATTUNE_TRY(auto test, FactTest::create(*m_facts, term, m_query.tokenLimit));
                m_tests.push_back(std::move(test));
            } else if (term.kind == RowTerm::Kind::Rows) {
                m_sets.push_back(bitsOf(term.rows));
            } else if (auto known = m_cache.find(term.key())) {
                m_sets.push_back(std::move(known));
            } else {
                ATTUNE_TRY(auto test, makeRowTest(m_data, term));
                m_scans.push_back({term.key(), std::move(test), std::make_shared<Bits>((m_rows + 63) / 64)});
            }
        }
        if (m_facts)
            m_fields = facetFields(*m_facts);
        for (const auto& field : m_fields)
            m_kinds.push_back(field == "flag" ? FieldKind::Flag : field == "language" ? FieldKind::Language : field == "split" ? FieldKind::Split : FieldKind::Category);
        for (const auto& test : m_tests)
            m_fieldOf.push_back(std::find(m_fields.begin(), m_fields.end(), test.field()) - m_fields.begin());
        return {};
    }

    Result<RowAnswer> run(const std::function<void(RowAnswer)>& onPage, const JobContext& context)
    {
        std::vector<std::uint32_t> found;
        const unsigned workers = importer::workerCount(0);
        std::vector<Tally> tallies(workers);
        for (auto& tally : tallies)
            tally.counts = emptyCounts();
        bool isPageOut = !onPage || !m_query.sortBy.empty();
        std::size_t wave = kFirstWave;
        const std::size_t chunks = (m_rows + kChunkRows - 1) / kChunkRows;
        for (std::size_t first = 0; first < chunks; first += wave, wave = std::min(kLargestWave, wave * 2)) {
            const std::size_t count = std::min(wave, chunks - first);
            std::vector<std::vector<std::uint32_t>> parts(count);
            ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(count, workers, context, [&](std::size_t chunk, unsigned worker) {
                look((first + chunk) * kChunkRows, parts[chunk], tallies[worker]);
            }));
            if (m_hasFailed)
                return *m_problem;
            for (const auto& part : parts)
                found.insert(found.end(), part.begin(), part.end());
            if (!isPageOut && (found.size() >= kPageRows)) {
                isPageOut = true;
                onPage({found, {}, false, false});
            }
        }
        for (auto& scan : m_scans)
            m_cache.put(scan.key, scan.bits);
        RowAnswer answer {std::move(found), addUp(tallies), false, true};
        return finish(std::move(answer), context);
    }

private:
    std::shared_ptr<const Bits> bitsOf(const std::vector<std::int64_t>& rows) const
    {
        auto bits = std::make_shared<Bits>((m_rows + 63) / 64);
        for (const std::int64_t row : rows)
            if (row >= 0 && row < static_cast<std::int64_t>(m_rows))
                (*bits)[static_cast<std::size_t>(row) / 64] |= std::uint64_t(1) << (row % 64);
        return bits;
    }

    std::vector<std::vector<std::int64_t>> emptyCounts() const
    {
        std::vector<std::vector<std::int64_t>> counts;
        for (const auto& field : m_fields)
            counts.emplace_back(field == "flag" ? 32 : facetValues(*m_facts, field).size());
        return counts;
    }

    void look(std::size_t begin, std::vector<std::uint32_t>& found, Tally& tally)
    {
        const std::size_t end = std::min(m_rows, begin + kChunkRows);
        if (!m_scans.empty() && !scan(begin, end))
            return;
        for (std::size_t row = begin; row < end; ++row) {
            if (!std::all_of(m_sets.begin(), m_sets.end(), [row](const auto& set) { return isSet(*set, row); })
                || !std::all_of(m_scans.begin(), m_scans.end(), [row](const Scan& scan) { return isSet(*scan.bits, row); }))
                continue;
            std::size_t misses = 0, missed = 0;
            for (std::size_t t = 0; t < m_tests.size() && misses < 2; ++t)
                if (!m_tests[t].holds(row)) {
                    ++misses;
                    missed = t;
                }
            if (misses == 0)
                found.push_back(static_cast<std::uint32_t>(row));
            if (misses < 2 && m_facts)
                count(row, misses ? m_fieldOf[missed] : -1, tally);
        }
    }

    bool scan(std::size_t begin, std::size_t end)
    {
        importer::Row row;
        for (std::size_t number = begin; number < end; ++number) {
            if (auto status = m_data.read(static_cast<std::int64_t>(number), row); !status) {
                const std::lock_guard lock(m_mutex);
                m_problem = status.error();
                m_hasFailed = true;
                return false;
            }
            for (auto& scan : m_scans)
                if (scan.test(row))
                    (*scan.bits)[number / 64] |= std::uint64_t(1) << (number % 64);
        }
        return true;
    }

    /// A row that misses one facet's term counts for that facet alone: its counts ignore its own filter.
    void count(std::size_t row, std::ptrdiff_t only, Tally& tally) const
    {
        for (std::size_t f = 0; f < m_fields.size(); ++f)
            if (only < 0 || only == static_cast<std::ptrdiff_t>(f))
                countField(row, f, tally.counts[f]);
    }
    void countField(std::size_t row, std::size_t field, std::vector<std::int64_t>& counts) const
    {
        switch (m_kinds[field]) {
        case FieldKind::Flag:
            for (std::uint32_t flags = m_facts->flags[row]; flags; flags &= flags - 1)
                ++counts[static_cast<std::size_t>(__builtin_ctz(flags))];
            counts[kOverBit] += m_facts->hasTokens && m_query.tokenLimit > 0 && m_facts->tokens[row] > m_query.tokenLimit;
            break;
        case FieldKind::Language: ++counts[m_facts->language[row]]; break;
        case FieldKind::Split: ++counts[m_facts->split[row]]; break;
        case FieldKind::Category: ++counts[m_facts->categories[field + m_facts->categories.size() - m_fields.size()].codes[row]]; break;
        }
    }

    std::vector<FacetCounts> addUp(const std::vector<Tally>& tallies) const
    {
        std::vector<FacetCounts> facets;
        for (std::size_t f = 0; f < m_fields.size(); ++f) {
            FacetCounts sum {m_fields[f], tallies.front().counts[f]};
            for (std::size_t w = 1; w < tallies.size(); ++w)
                for (std::size_t code = 0; code < sum.counts.size(); ++code)
                    sum.counts[code] += tallies[w].counts[f][code];
            facets.push_back(std::move(sum));
        }
        return facets;
    }

    Result<RowAnswer> finish(RowAnswer answer, const JobContext& context) const
    {
        if (!m_query.sortBy.empty()) {
            ATTUNE_RETURN_IF_ERROR(sortRows(m_data, m_facts, m_query.sortBy, m_query.isDescending, answer.rows, context));
            return answer;
        }
        for (const auto& term : m_query.terms)
            if (term.kind == RowTerm::Kind::Rows)
                answer.rows = inOrderOf(term.rows, answer.rows);
        if (m_query.terms.empty()) {
            answer.isAll = true;
            answer.rows = {};
        }
        return answer;
    }

    static std::vector<std::uint32_t> inOrderOf(const std::vector<std::int64_t>& order, const std::vector<std::uint32_t>& rows)
    {
        std::vector<std::uint32_t> sorted;
        for (const std::int64_t row : order)
            if (std::binary_search(rows.begin(), rows.end(), static_cast<std::uint32_t>(row)))
                sorted.push_back(static_cast<std::uint32_t>(row));
        return sorted;
    }

    const importer::Dataset& m_data;
    const RowFacts* m_facts;
    const RowQuery& m_query;
    TermCache& m_cache;
    std::size_t m_rows;
    std::vector<FactTest> m_tests;
    std::vector<std::ptrdiff_t> m_fieldOf;  ///< of each test: its place in m_fields (behind the end: a range)
    std::vector<std::shared_ptr<const Bits>> m_sets;
    std::vector<Scan> m_scans;
    std::vector<std::string> m_fields;
    std::vector<FieldKind> m_kinds;
    std::mutex m_mutex;
    std::optional<Error> m_problem;
    std::atomic<bool> m_hasFailed {false};
};

}

std::string RowTerm::key() const
{
    Json json {{"kind", static_cast<int>(kind)}, {"field", kind == Kind::Text ? std::string() : field}, {"values", values}, {"low", low}, {"high", high}, {"text", text}};
    if (kind == Kind::Column)
        json["filter"] = {filter.column, filter.op, filter.value};
    return toLine(json);
}

std::shared_ptr<const TermCache::Bits> TermCache::find(const std::string& key) const
{
    const std::lock_guard lock(m_mutex);
    const auto it = m_bits.find(key);
    return it == m_bits.end() ? nullptr : it->second;
}

void TermCache::put(const std::string& key, std::shared_ptr<const Bits> bits)
{
    const std::lock_guard lock(m_mutex);
    if (m_bits.emplace(key, std::move(bits)).second)
        m_order.push_back(key);
    if (m_order.size() > kKeptTerms) {
        m_bits.erase(m_order.front());
        m_order.erase(m_order.begin());
    }
}

std::vector<std::string> facetFields(const RowFacts& facts)
{
    std::vector<std::string> fields {"language", "flag"};
    if (facts.splits.size() > 1)
        fields.emplace_back("split");
    for (const auto& category : facts.categories)
        fields.push_back("column:" + category.name);
    return fields;
}

const std::vector<std::string>& facetValues(const RowFacts& facts, const std::string& field)
{
    static const std::vector<std::string> none;
    if (field == "language")
        return facts.languages;
    if (field == "split")
        return facts.splits;
    for (const auto& category : facts.categories)
        if (field == "column:" + category.name)
            return category.values;
    return none;
}

Result<RowAnswer> runQuery(const importer::Dataset& data, const RowFacts* facts, const RowQuery& query, TermCache& cache, const std::function<void(RowAnswer)>& onPage, const JobContext& context)
{
    if (query.terms.empty() && query.sortBy.empty() && !facts)
        return RowAnswer {{}, {}, true, true};
    Query running(data, facts, query, cache);
    ATTUNE_RETURN_IF_ERROR(running.prepare());
    return running.run(onPage, context);
}

}
