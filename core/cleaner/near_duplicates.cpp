// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/near_duplicates.h"

#include "base/clones.h"
#include "base/hash.h"
#include "cleaner/random.h"
#include "importer/chunks.h"

#include <array>
#include <cmath>
#include <mutex>
#include <optional>

namespace attune::cleaner {
namespace {

constexpr int kMostMinima = 128, kLanes = 16;
constexpr std::int64_t kChunkRows = 2048;
// In a bucket of more rows than this each is compared with its next neighbours only; they still meet
// through each other, and through other bands.
constexpr std::size_t kFullBucket = 128, kNeighbours = 32;
constexpr std::size_t kFilterWords = 1024;
constexpr int kPartBits = 10;  // entries of a band are dealt into 1024 parts that fit a core's cache

/// Permutations x -> (x ^ offset) * factor of 32-bit numbers, with odd factors.
struct Permutations {
    std::array<std::uint32_t, kMostMinima> factor, offset;
    Permutations()
    {
        Random random(0x41747475u);
        for (std::size_t i = 0; i < kMostMinima; ++i) {
            factor[i] = static_cast<std::uint32_t>(random.next()) | 1u;
            offset[i] = static_cast<std::uint32_t>(random.next());
        }
    }
};

// Each product gives two minima: ordered as it is and with its halves swapped, which are as good as independent.
ATTUNE_CLONES
void takeMinima(const std::uint64_t* runs, std::size_t count, const std::uint32_t* factor, const std::uint32_t* offset, std::size_t minima, std::uint32_t* out)
{
    for (std::size_t first = 0; first < minima; first += 2 * kLanes) {
        std::uint32_t least[kLanes], other[kLanes], f[kLanes], o[kLanes];
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            least[lane] = other[lane] = UINT32_MAX;
            f[lane] = factor[first / 2 + lane];
            o[lane] = offset[first / 2 + lane];
        }
        for (std::size_t i = 0; i < count; ++i) {
            const auto run = static_cast<std::uint32_t>(runs[i]);
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const std::uint32_t value = (run ^ o[lane]) * f[lane];
                const std::uint32_t turned = value << 16 | value >> 16;
                least[lane] = value < least[lane] ? value : least[lane];
                other[lane] = turned < other[lane] ? turned : other[lane];
            }
        }
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            out[first + lane] = least[lane];
            out[first + kLanes + lane] = other[lane];
        }
    }
}

/// The table of band keys and word-sequence hashes of all rows.
struct Sketches {
    Bands bands;
    std::vector<std::uint32_t> keys;  ///< [band][row]
    std::vector<Hash128> sequences;
};

/// Runs work over row ranges in parallel; the first error of a row ends it.
Status forRows(std::size_t count, unsigned threads, const JobContext& context, const char* phase, const std::function<Status(std::size_t begin, std::size_t end)>& work)
{
    const std::size_t chunks = (count + kChunkRows - 1) / kChunkRows;
    std::mutex mutex;
    std::optional<Error> problem;
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(chunks, importer::workerCount(threads), context, [&](std::size_t chunk, unsigned) {
        if (auto status = work(chunk * kChunkRows, std::min(count, (chunk + 1) * kChunkRows)); !status) {
            const std::lock_guard lock(mutex);
            problem = status.error();
        }
        context.report(phase, chunk + 1, chunks);
    }));
    if (problem)
        return *problem;
    return {};
}

std::uint32_t bandKey(const std::uint32_t* minima, int count)
{
    std::uint64_t key = 0x9E3779B97F4A7C15u;
    for (int i = 0; i < count; ++i) {
        key = (key ^ minima[i]) * 0xD6E8FEB86659FD93u;
        key ^= key >> 32;
    }
    return static_cast<std::uint32_t>(key);
}

Result<Sketches> sketch(std::size_t rows, const ReadText& read, double threshold, unsigned threads, const JobContext& context)
{
    static const Permutations permutations;
    Sketches sketches;
    sketches.bands = bandsFor(threshold);
    sketches.keys.resize(static_cast<std::size_t>(sketches.bands.count) * rows);
    sketches.sequences.resize(rows);
    const auto minima = static_cast<std::size_t>((sketches.bands.count * sketches.bands.rows + 2 * kLanes - 1) / (2 * kLanes) * (2 * kLanes));
    ATTUNE_RETURN_IF_ERROR(forRows(rows, threads, context, "Comparing rows", [&](std::size_t begin, std::size_t end) -> Status {
        std::string text;
        Shingler shingler;
        std::array<std::uint32_t, kMostMinima> signature;
        for (std::size_t row = begin; row < end; ++row) {
            ATTUNE_RETURN_IF_ERROR(read(static_cast<std::int64_t>(row), text));
            shingler.read(text);
            sketches.sequences[row] = shingler.sequence();
            takeMinima(shingler.runs().data(), shingler.runs().size(), permutations.factor.data(), permutations.offset.data(), minima, signature.data());
            for (int b = 0; b < sketches.bands.count; ++b)
                sketches.keys[static_cast<std::size_t>(b) * rows + row] = bandKey(signature.data() + b * sketches.bands.rows, sketches.bands.rows);
        }
        return {};
    }));
    return sketches;
}

std::vector<std::int64_t> leadersOf(const std::vector<Hash128>& sequences)
{
    std::size_t slots = 16;
    while (slots < sequences.size() * 2)
        slots *= 2;
    std::vector<std::uint32_t> table(slots, UINT32_MAX);
    std::vector<std::int64_t> leader(sequences.size());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        std::size_t slot = sequences[i].low & (slots - 1);
        while (table[slot] != UINT32_MAX && sequences[table[slot]] != sequences[i])
            slot = (slot + 1) & (slots - 1);
        if (table[slot] == UINT32_MAX)
            table[slot] = static_cast<std::uint32_t>(i);
        leader[i] = table[slot];
    }
    return leader;
}

/// Which sides of the border the rows behind each leader lie on: bit 0 below it, bit 1 above.
std::vector<std::uint8_t> sidesOf(const std::vector<std::int64_t>& leader, std::int64_t border)
{
    std::vector<std::uint8_t> sides(border > 0 ? leader.size() : 0);
    for (std::size_t row = 0; row < sides.size(); ++row)
        sides[static_cast<std::size_t>(leader[row])] |= static_cast<std::int64_t>(row) < border ? 1 : 2;
    return sides;
}

/// Finds the rows of one band that share a key: entries (key << 32 | row) are dealt into parts by their highest
/// bits; within a part, only entries whose key a small filter has seen twice are sorted.
class BandBuckets
{
public:
    /// Calls take(entries) for each bucket of two or more, rows ascending.
    template<typename Take>
    void find(const std::uint32_t* keys, const std::vector<std::uint32_t>& leaders, Take take)
    {
        deal(keys, leaders);
        for (std::size_t part = 0; part + 1 < m_starts.size(); ++part) {
            const std::span<const std::uint64_t> entries(m_entries.data() + m_starts[part], m_starts[part + 1] - m_starts[part]);
            m_seen.assign(kFilterWords, 0);
            m_twice.assign(kFilterWords, 0);
            for (const std::uint64_t entry : entries) {
                const std::uint64_t bit = std::uint64_t(1) << (entry >> 32 & 63);
                const std::size_t word = entry >> 38 & (kFilterWords - 1);
                m_twice[word] |= m_seen[word] & bit;
                m_seen[word] |= bit;
            }
            m_few.clear();
            for (const std::uint64_t entry : entries)
                if (m_twice[entry >> 38 & (kFilterWords - 1)] >> (entry >> 32 & 63) & 1)
                    m_few.push_back(entry);
            std::sort(m_few.begin(), m_few.end());
            for (std::size_t begin = 0, end = 0; begin < m_few.size(); begin = end) {
                while (end < m_few.size() && m_few[end] >> 32 == m_few[begin] >> 32)
                    ++end;
                if (end - begin > 1)
                    take(std::span<const std::uint64_t>(m_few.data() + begin, end - begin));
            }
        }
    }

private:
    void deal(const std::uint32_t* keys, const std::vector<std::uint32_t>& leaders)
    {
        m_starts.assign((1u << kPartBits) + 1, 0);
        for (const std::uint32_t row : leaders)
            ++m_starts[(keys[row] >> (32 - kPartBits)) + 1];
        for (std::size_t i = 1; i < m_starts.size(); ++i)
            m_starts[i] += m_starts[i - 1];
        m_entries.resize(leaders.size());
        std::vector<std::size_t> next(m_starts.begin(), m_starts.end() - 1);
        for (const std::uint32_t row : leaders)
            m_entries[next[keys[row] >> (32 - kPartBits)]++] = static_cast<std::uint64_t>(keys[row]) << 32 | row;
    }

    std::vector<std::size_t> m_starts;
    std::vector<std::uint64_t> m_entries, m_few, m_seen, m_twice;
};

/// Pairs of leaders that share a band key, each once: a << 32 | b.
Result<std::vector<std::uint64_t>> candidates(const Sketches& sketches, const std::vector<std::int64_t>& leader, std::int64_t border, unsigned threads, const JobContext& context)
{
    std::vector<std::uint32_t> leaders;
    for (std::size_t row = 0; row < leader.size(); ++row)
        if (leader[row] == static_cast<std::int64_t>(row))
            leaders.push_back(static_cast<std::uint32_t>(row));
    const auto sides = sidesOf(leader, border);
    std::vector<std::uint64_t> all;
    std::mutex mutex;
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(static_cast<std::size_t>(sketches.bands.count), importer::workerCount(threads), context, [&](std::size_t band, unsigned) {
        std::vector<std::uint64_t> pairs;
        BandBuckets buckets;
        buckets.find(sketches.keys.data() + band * leader.size(), leaders, [&](std::span<const std::uint64_t> bucket) {
            const std::size_t reach = bucket.size() <= kFullBucket ? kFullBucket : kNeighbours;
            for (std::size_t i = 0; i < bucket.size(); ++i)
                for (std::size_t j = i + 1; j < std::min(bucket.size(), i + 1 + reach); ++j) {
                    const std::uint64_t a = bucket[i] & UINT32_MAX, b = bucket[j] & UINT32_MAX;
                    if (sides.empty() || (sides[a] | sides[b]) == 3)
                        pairs.push_back(a << 32 | b);
                }
        });
        std::sort(pairs.begin(), pairs.end());
        const std::lock_guard lock(mutex);
        all.insert(all.end(), pairs.begin(), pairs.end());
    }));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

}

Bands bandsFor(double threshold)
{
    // Few rows per band need few minima but let more unlike pairs through to be checked: five is the balance.
    constexpr int kWantedRows = 5;
    Bands best {kMostMinima, 1};
    for (int rows = 2; rows <= kWantedRows; ++rows) {
        const double meet = std::pow(threshold, rows);
        const double count = meet >= 1 ? 2 : std::max(2.0, std::ceil(std::log(0.01) / std::log1p(-meet)));
        if (count * rows <= kMostMinima)
            best = {static_cast<int>(count), rows};
    }
    return best;
}

Result<NearResult> findSimilar(std::int64_t rows, const ReadText& read, double threshold, unsigned threads, std::int64_t border, const JobContext& context)
{
    if (rows >= UINT32_MAX)
        return fail(ErrorCode::Unsupported, "Near-duplicates can be found in at most four thousand million rows.", "Split the dataset first.");
    NearResult result;
    std::vector<std::uint64_t> pairs;
    {
        ATTUNE_TRY(auto sketches, sketch(static_cast<std::size_t>(rows), read, threshold, threads, context));
        result.leader = leadersOf(sketches.sequences);
        ATTUNE_TRY(pairs, candidates(sketches, result.leader, border, threads, context));
    }
    std::vector<double> similarity(pairs.size());
    ATTUNE_RETURN_IF_ERROR(forRows(pairs.size(), threads, context, "Checking pairs", [&](std::size_t begin, std::size_t end) -> Status {
        std::string text;
        Shingler first, second;
        std::int64_t firstRow = -1;
        for (std::size_t i = begin; i < end; ++i) {
            if (const auto a = static_cast<std::int64_t>(pairs[i] >> 32); a != firstRow) {
                ATTUNE_RETURN_IF_ERROR(read(a, text));
                first.read(text);
                first.set();
                firstRow = a;
            }
            ATTUNE_RETURN_IF_ERROR(read(static_cast<std::int64_t>(pairs[i] & UINT32_MAX), text));
            second.read(text);
            similarity[i] = jaccard(first.runs(), second.set());
        }
        return {};
    }));
    for (std::size_t i = 0; i < pairs.size(); ++i)
        if (similarity[i] >= threshold)
            result.pairs.push_back({static_cast<std::int64_t>(pairs[i] >> 32), static_cast<std::int64_t>(pairs[i] & UINT32_MAX), similarity[i]});
    return result;
}

}
