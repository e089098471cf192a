// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_stats.h"

#include "base/hash.h"
#include "cleaner/duplicates.h"
#include "cleaner/text.h"
#include "importer/chunks.h"
#include "importer/roles.h"

#include <charconv>
#include <cmath>
#include <map>
#include <mutex>
#include <unordered_map>

namespace attune::pipeline {
namespace {

using importer::Cell;

constexpr std::int64_t kChunkRows = 4096;
constexpr std::int64_t kExactRows = 1'000'000;
constexpr std::size_t kSmallest = 1 << 14;       // hashes kept for an estimate: error about 1 %
constexpr std::size_t kMostLabels = 10'000;
constexpr int kBars = 10, kBodyBars = 18;

std::optional<double> numberOf(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// How often each value came; sizes are few different ones, so this stays small.
using Counts = std::unordered_map<double, std::int64_t>;

/// The value that has `share` of all others below or beside it.
double quantileOf(const std::map<double, std::int64_t>& ordered, double share)
{
    std::int64_t all = 0, before = 0;
    for (const auto& [value, times] : ordered)
        all += times;
    for (const auto& [value, times] : ordered)
        if ((before += times) > quantileRank(share, all))
            return value;
    return 0;
}

/// Bars up to a little beyond what nearly all values reach: one outlier would push the rest into a single bar.
Histogram bodyOf(const std::map<double, std::int64_t>& ordered)
{
    Histogram body;
    if (ordered.empty())
        return body;
    body.minimum = ordered.begin()->first;
    body.maximum = std::min(ordered.rbegin()->first, body.minimum + (quantileOf(ordered, 0.99) - body.minimum) * 1.1);
    body.counts.assign(kBodyBars, 0);
    const double width = body.maximum - body.minimum;
    for (const auto& [value, count] : ordered)
        body.counts[static_cast<std::size_t>(width > 0 ? std::min<double>(kBodyBars - 1, (value - body.minimum) / width * kBodyBars) : 0)] += count;
    return body;
}

Histogram histogramOf(const Counts& counts)
{
    Histogram histogram;
    if (counts.empty())
        return histogram;
    const auto [low, high] = std::minmax_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    histogram.minimum = low->first;
    histogram.maximum = high->first;
    histogram.counts.assign(kBars, 0);
    const double width = histogram.maximum - histogram.minimum;
    for (const auto& [value, count] : counts) {
        const int bar = width > 0 ? std::min(kBars - 1, static_cast<int>((value - histogram.minimum) / width * kBars)) : 0;
        histogram.counts[static_cast<std::size_t>(bar)] += count;
    }
    return histogram;
}

struct ColumnTally {
    std::int64_t missing = 0, empty = 0, values = 0;
    double sum = 0;
    Counts sizes;
    std::vector<std::uint64_t> hashes;

    void see(const Cell& cell, bool isNumeric, bool isExact)
    {
        if (cell.isMissing()) {
            ++missing;
            return;
        }
        empty += cell.isText() && cell.text.empty();
        hashes.push_back(hash64(cell.text, static_cast<std::uint64_t>(cell.kind)));
        if (!isExact && hashes.size() > 4 * kSmallest)
            keepSmallest();
        if (const auto size = sizeOfCell(cell, isNumeric)) {
            ++values;
            sum += *size;
            ++sizes[*size];
        }
    }
    void keepSmallest()
    {
        std::sort(hashes.begin(), hashes.end());
        hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
        if (hashes.size() > kSmallest)
            hashes.resize(kSmallest);
    }
    void add(ColumnTally& other)
    {
        missing += other.missing;
        empty += other.empty;
        values += other.values;
        sum += other.sum;
        for (const auto& [size, count] : other.sizes)
            sizes[size] += count;
        hashes.insert(hashes.end(), other.hashes.begin(), other.hashes.end());
    }
    /// k-th smallest of n hashes lies near k / n of their range (Bar-Yossef et al., RANDOM 2002).
    std::int64_t distinct(bool isExact)
    {
        std::sort(hashes.begin(), hashes.end());
        hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
        if (isExact || hashes.size() < kSmallest)
            return static_cast<std::int64_t>(hashes.size());
        return static_cast<std::int64_t>(static_cast<double>(kSmallest - 1) / (static_cast<double>(hashes[kSmallest - 1]) / 0x1p64));
    }
};

struct Tally {
    std::vector<ColumnTally> columns;
    Counts tokens;
    std::unordered_map<std::string, std::int64_t> labels;
};

class StatsPass
{
public:
    StatsPass(const importer::Dataset& data, const tokenizer::Tokenizer* tokenizer)
        : m_data(data)
        , m_tokenizer(tokenizer)
        , m_label(importer::columnOf(data.columns(), importer::ColumnRole::Label))
        , m_isExact(data.rows() <= kExactRows)
    {
        if (const auto columns = cleaner::textColumns(data.columns(), {}))
            m_texts = *columns;
    }

    Result<Tally> run(const JobContext& context)
    {
        const unsigned workers = importer::workerCount(0);
        std::vector<Tally> tallies(workers);
        for (auto& tally : tallies)
            tally.columns.resize(m_data.columns().size());
        const auto chunks = static_cast<std::size_t>((m_data.rows() + kChunkRows - 1) / kChunkRows);
        std::mutex mutex;
        std::optional<Error> problem;
        ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(chunks, workers, context, [&](std::size_t chunk, unsigned worker) {
            const auto begin = static_cast<std::int64_t>(chunk) * kChunkRows;
            if (auto status = readChunk(begin, std::min(m_data.rows(), begin + kChunkRows), tallies[worker]); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
            }
            context.report("Counting", chunk + 1, chunks);
        }));
        if (problem)
            return *problem;
        for (std::size_t i = 1; i < tallies.size(); ++i) {
            for (std::size_t c = 0; c < tallies[0].columns.size(); ++c)
                tallies[0].columns[c].add(tallies[i].columns[c]);
            for (const auto& [count, times] : tallies[i].tokens)
                tallies[0].tokens[count] += times;
            for (const auto& [label, times] : tallies[i].labels)
                tallies[0].labels[label] += times;
        }
        return std::move(tallies[0]);
    }
    bool isExact() const { return m_isExact; }

private:
    Status readChunk(std::int64_t begin, std::int64_t end, Tally& tally) const
    {
        importer::Row row;
        std::vector<std::int32_t> ids;
        const auto& columns = m_data.columns();
        for (std::int64_t i = begin; i < end; ++i) {
            ATTUNE_RETURN_IF_ERROR(m_data.read(i, row));
            for (std::size_t c = 0; c < columns.size(); ++c)
                tally.columns[c].see(row[c], columns[c].type == "number", m_isExact);
            if (m_label >= 0 && tally.labels.size() < kMostLabels)
                if (const Cell& cell = row[static_cast<std::size_t>(m_label)]; !cell.isMissing())
                    ++tally.labels[std::string(importer::plainText(cell))];
            if (m_tokenizer) {
                ids.clear();
                m_tokenizer->encode(cleaner::rowText(row, m_texts), tokenizer::SpecialTokens::Omit, ids);
                ++tally.tokens[static_cast<double>(ids.size())];
            }
        }
        return {};
    }

    const importer::Dataset& m_data;
    const tokenizer::Tokenizer* m_tokenizer;
    int m_label;
    bool m_isExact;
    std::vector<std::size_t> m_texts;
};

TokenStats tokenStats(const Counts& counts)
{
    const std::map<double, std::int64_t> ordered(counts.begin(), counts.end());
    TokenStats stats;
    for (const auto& [tokens, times] : ordered) {
        stats.total += static_cast<std::int64_t>(tokens) * times;
        stats.maximum = static_cast<std::int64_t>(tokens);
    }
    stats.p50 = quantileOf(ordered, 0.5);
    stats.p95 = quantileOf(ordered, 0.95);
    stats.histogram = histogramOf(counts);
    return stats;
}

Json number(const std::optional<double>& value)
{
    if (!value)
        return nullptr;
    if (*value == std::floor(*value) && std::abs(*value) < 9e15)
        return static_cast<std::int64_t>(*value);
    return *value;
}

}

std::int64_t quantileRank(double share, std::int64_t count)
{
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count))) - 1);
}

std::optional<double> sizeOfCell(const Cell& cell, bool isNumeric)
{
    switch (cell.kind) {
    case Cell::Kind::Number: return numberOf(cell.text);
    case Cell::Kind::Text: return isNumeric ? numberOf(cell.text) : static_cast<double>(cleaner::countCharacters(cell.text));
    case Cell::Kind::List: return static_cast<double>(importer::toJson(cell).size());
    default: return {};
    }
}

Json Histogram::toJson() const
{
    if (counts.empty())
        return nullptr;
    return {{"minimum", number(minimum)}, {"maximum", number(maximum)}, {"counts", counts}};
}

Json DatasetStats::toJson() const
{
    Json list = Json::array();
    for (const auto& c : columns)
        list.push_back({{"name", c.name}, {"type", c.type}, {"missing", c.missing}, {"empty", c.empty}, {"distinct", c.distinct}, {"distinct_estimated", c.isDistinctEstimated},
            {"min", number(c.minimum)}, {"mean", c.mean ? Json(*c.mean) : Json()}, {"max", number(c.maximum)}, {"histogram", c.histogram.toJson()}});
    Json json {{"rows", rows}, {"columns", list}, {"tokens", nullptr}, {"labels", nullptr}};
    if (tokens)
        json["tokens"] = {{"total", tokens->total}, {"p50", number(tokens->p50)}, {"p95", number(tokens->p95)}, {"max", tokens->maximum}, {"histogram", tokens->histogram.toJson()}};
    if (!labels.empty()) {
        json["labels"] = Json::object();
        for (const auto& [label, count] : labels)
            json["labels"][label] = count;
    }
    return json;
}

Result<DatasetStats> computeStats(const importer::Dataset& data, const tokenizer::Tokenizer* tokenizer, const JobContext& context)
{
    StatsPass pass(data, tokenizer);
    ATTUNE_TRY(auto tally, pass.run(context));
    DatasetStats stats;
    stats.rows = data.rows();
    for (std::size_t c = 0; c < data.columns().size(); ++c) {
        ColumnTally& seen = tally.columns[c];
        ColumnStats column {data.columns()[c].name, data.columns()[c].type, seen.missing, seen.empty, seen.distinct(pass.isExact()), !pass.isExact(), {}, {}, {}, histogramOf(seen.sizes), {}, {}};
        if (seen.values > 0) {
            const std::map<double, std::int64_t> ordered(seen.sizes.begin(), seen.sizes.end());
            column.median = quantileOf(ordered, 0.5);
            column.body = bodyOf(ordered);
            column.minimum = column.histogram.minimum;
            column.maximum = column.histogram.maximum;
            column.mean = seen.sum / static_cast<double>(seen.values);
        }
        stats.columns.push_back(std::move(column));
    }
    if (tokenizer)
        stats.tokens = tokenStats(tally.tokens);
    stats.labels.assign(tally.labels.begin(), tally.labels.end());
    std::sort(stats.labels.begin(), stats.labels.end(), [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    return stats;
}

std::function<std::int64_t(std::string_view)> tokenCounter(std::shared_ptr<const tokenizer::Tokenizer> tokenizer)
{
    return [tokenizer = std::move(tokenizer)](std::string_view text) {
        thread_local std::vector<std::int32_t> ids;
        ids.clear();
        tokenizer->encode(text, tokenizer::SpecialTokens::Omit, ids);
        return static_cast<std::int64_t>(ids.size());
    };
}

}
