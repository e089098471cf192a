// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/near_duplicates.h"

#include "base/hash.h"
#include "cleaner/random.h"
#include "cleaner/text.h"
#include "importer/chunks.h"

#include <array>
#include <cmath>
#include <mutex>
#include <optional>

namespace attune::cleaner {
namespace {

constexpr int kWords = 5;
constexpr int kPermutations = 128;
constexpr std::int64_t kChunkRows = 2048;
// In a bucket of more rows than this each is compared with its next neighbours only; they still meet
// through each other, and through other bands.
constexpr std::size_t kFullBucket = 128, kNeighbours = 32;

using Signature = std::array<std::uint32_t, kPermutations>;

std::uint64_t mix(std::uint64_t x)
{
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    return x ^ (x >> 32);
}

/// Calls take(hash) for each run of five words; returns the hash of the whole word sequence.
template<typename Take>
Hash128 eachShingle(std::string_view text, std::vector<std::uint64_t>& words, Take take)
{
    words.clear();
    const std::string lower = toLower(text);
    for (std::size_t at = 0; at < lower.size();) {
        if (const std::size_t space = spaceAt(lower, at)) {
            at += space;
            continue;
        }
        const std::size_t begin = at;
        while (at < lower.size() && !spaceAt(lower, at))
            ++at;
        words.push_back(hash64(std::string_view(lower).substr(begin, at - begin)));
    }
    const std::size_t last = words.size() < kWords ? 1 : words.size() - kWords + 1;
    for (std::size_t first = 0; first < last; ++first) {
        std::uint64_t hash = 0x9E3779B97F4A7C15u;
        for (std::size_t i = first; i < std::min(first + kWords, words.size()); ++i)
            hash = mix(hash * 31 + words[i]);
        take(hash);
    }
    return hash128({reinterpret_cast<const char*>(words.data()), words.size() * 8});
}

/// Multiply-and-add permutations of 32-bit numbers, with odd factors.
struct Permutations {
    std::array<std::uint32_t, kPermutations> factor, offset;
    Permutations()
    {
        Random random(0x41747475u);
        for (int i = 0; i < kPermutations; ++i) {
            factor[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(random.next()) | 1u;
            offset[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(random.next());
        }
    }
};

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#endif
void takeMinimum(std::uint32_t* signature, const std::uint32_t* factor, const std::uint32_t* offset, std::uint32_t hash)
{
    for (int i = 0; i < kPermutations; ++i) {
        std::uint32_t value = (hash ^ offset[i]) * factor[i];
        value ^= value >> 15;
        signature[i] = value < signature[i] ? value : signature[i];
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

Result<Sketches> sketch(std::size_t rows, const ReadText& read, double threshold, unsigned threads, const JobContext& context)
{
    static const Permutations permutations;
    Sketches sketches;
    sketches.bands = bandsFor(threshold);
    sketches.keys.resize(static_cast<std::size_t>(sketches.bands.count) * rows);
    sketches.sequences.resize(rows);
    ATTUNE_RETURN_IF_ERROR(forRows(rows, threads, context, "Comparing rows", [&](std::size_t begin, std::size_t end) -> Status {
        std::string text;
        std::vector<std::uint64_t> words;
        Signature signature;
        for (std::size_t row = begin; row < end; ++row) {
            ATTUNE_RETURN_IF_ERROR(read(static_cast<std::int64_t>(row), text));
            signature.fill(UINT32_MAX);
            sketches.sequences[row] = eachShingle(text, words, [&](std::uint64_t hash) {
                takeMinimum(signature.data(), permutations.factor.data(), permutations.offset.data(), static_cast<std::uint32_t>(hash >> 16));
            });
            for (int b = 0; b < sketches.bands.count; ++b) {
                const auto* band = signature.data() + b * sketches.bands.rows;
                sketches.keys[static_cast<std::size_t>(b) * rows + row] = static_cast<std::uint32_t>(hash64({reinterpret_cast<const char*>(band), static_cast<std::size_t>(sketches.bands.rows) * 4}));
            }
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
    std::vector<std::int64_t> table(slots, -1), leader(sequences.size());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        std::size_t slot = sequences[i].low & (slots - 1);
        while (table[slot] >= 0 && sequences[static_cast<std::size_t>(table[slot])] != sequences[i])
            slot = (slot + 1) & (slots - 1);
        if (table[slot] < 0)
            table[slot] = static_cast<std::int64_t>(i);
        leader[i] = table[slot];
    }
    return leader;
}

/// Sorts key << 32 | row by key, stable, 16 bits at a time.
void sortByKey(std::vector<std::uint64_t>& entries, std::vector<std::uint64_t>& spare)
{
    spare.resize(entries.size());
    for (const int shift : {32, 48}) {
        std::vector<std::uint32_t> starts(65537);
        for (const std::uint64_t e : entries)
            ++starts[((e >> shift) & 0xFFFF) + 1];
        for (std::size_t i = 1; i < starts.size(); ++i)
            starts[i] += starts[i - 1];
        for (const std::uint64_t e : entries)
            spare[starts[(e >> shift) & 0xFFFF]++] = e;
        entries.swap(spare);
    }
}

/// Pairs of leaders that share a band key, each once: a << 32 | b.
Result<std::vector<std::uint64_t>> candidates(const Sketches& sketches, const std::vector<std::int64_t>& leader, unsigned threads,
    const std::function<bool(std::int64_t, std::int64_t)>& mayPair, const JobContext& context)
{
    std::vector<std::uint64_t> all;
    std::mutex mutex;
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(static_cast<std::size_t>(sketches.bands.count), importer::workerCount(threads), context, [&](std::size_t band, unsigned) {
        std::vector<std::uint64_t> entries, spare, pairs;
        for (std::size_t row = 0; row < leader.size(); ++row)
            if (leader[row] == static_cast<std::int64_t>(row))
                entries.push_back(static_cast<std::uint64_t>(sketches.keys[band * leader.size() + row]) << 32 | row);
        sortByKey(entries, spare);
        for (std::size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
            while (end < entries.size() && entries[end] >> 32 == entries[begin] >> 32)
                ++end;
            const std::size_t reach = end - begin <= kFullBucket ? kFullBucket : kNeighbours;
            for (std::size_t i = begin; i < end; ++i)
                for (std::size_t j = i + 1; j < std::min(end, i + 1 + reach); ++j) {
                    const std::uint64_t a = entries[i] & UINT32_MAX, b = entries[j] & UINT32_MAX;
                    if (!mayPair || mayPair(static_cast<std::int64_t>(a), static_cast<std::int64_t>(b)))
                        pairs.push_back(a << 32 | b);
                }
        }
        const std::lock_guard lock(mutex);
        all.insert(all.end(), pairs.begin(), pairs.end());
    }));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

}

std::vector<std::uint64_t> shinglesOf(std::string_view text)
{
    std::vector<std::uint64_t> set, words;
    eachShingle(text, words, [&](std::uint64_t hash) { set.push_back(hash); });
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    return set;
}

double jaccard(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b)
{
    std::size_t i = 0, j = 0, common = 0;
    while (i < a.size() && j < b.size()) {
        if (a[i] == b[j]) {
            ++common;
            ++i;
            ++j;
        } else if (a[i] < b[j]) {
            ++i;
        } else {
            ++j;
        }
    }
    const std::size_t together = a.size() + b.size() - common;
    return together ? static_cast<double>(common) / static_cast<double>(together) : 1.0;
}

Bands bandsFor(double threshold)
{
    Bands best {kPermutations, 1};
    for (int rows = 2; rows <= kPermutations; ++rows) {
        const int count = kPermutations / rows;
        if (1 - std::pow(1 - std::pow(threshold, rows), count) >= 0.995)
            best = {count, rows};
    }
    return best;
}

Result<NearResult> findSimilar(std::int64_t rows, const ReadText& read, double threshold, unsigned threads,
    const std::function<bool(std::int64_t, std::int64_t)>& mayPair, const JobContext& context)
{
    if (rows > UINT32_MAX)
        return fail(ErrorCode::Unsupported, "Near-duplicates can be found in at most four thousand million rows.", "Split the dataset first.");
    ATTUNE_TRY(const auto sketches, sketch(static_cast<std::size_t>(rows), read, threshold, threads, context));
    NearResult result;
    result.leader = leadersOf(sketches.sequences);
    ATTUNE_TRY(const auto pairs, candidates(sketches, result.leader, threads, mayPair, context));
    std::vector<double> similarity(pairs.size());
    ATTUNE_RETURN_IF_ERROR(forRows(pairs.size(), threads, context, "Checking pairs", [&](std::size_t begin, std::size_t end) -> Status {
        std::string text;
        std::vector<std::uint64_t> first;
        std::int64_t firstRow = -1;
        for (std::size_t i = begin; i < end; ++i) {
            if (const auto a = static_cast<std::int64_t>(pairs[i] >> 32); a != firstRow) {
                ATTUNE_RETURN_IF_ERROR(read(a, text));
                first = shinglesOf(text);
                firstRow = a;
            }
            ATTUNE_RETURN_IF_ERROR(read(static_cast<std::int64_t>(pairs[i] & UINT32_MAX), text));
            similarity[i] = jaccard(first, shinglesOf(text));
        }
        return {};
    }));
    for (std::size_t i = 0; i < pairs.size(); ++i)
        if (similarity[i] >= threshold)
            result.pairs.push_back({static_cast<std::int64_t>(pairs[i] >> 32), static_cast<std::int64_t>(pairs[i] & UINT32_MAX), similarity[i]});
    return result;
}

}
