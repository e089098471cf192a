// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/duplicates.h"
#include "cleaner/near_duplicates.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace attune::cleaner {

/// What a search for similar rows found, kept so that another threshold or keeper costs no new search.
struct SimilarRows {
    DuplicateMethod method = DuplicateMethod::Exact;
    double floor = 1;                  ///< the least similarity that was looked for
    std::vector<std::int64_t> leader;  ///< per row: the first row that is the same by the method
    std::vector<SimilarPair> pairs;    ///< between leaders, near only

    std::int64_t rows() const { return static_cast<std::int64_t>(leader.size()); }
};

/// floor: near only, 0 to 1. Errors: those of reading, Cancelled.
Result<SimilarRows> findSimilarRows(const RowSource& rows, DuplicateMethod method, double floor, const JobContext& context);

/// How many pairs of rows lie in each of `bars` equal parts of [from, 1]; the last one holds equal rows.
std::vector<std::int64_t> pairsBySimilarity(const SimilarRows& similar, double from, int bars);
/// Pairs of rows at or above a similarity.
std::int64_t pairsFrom(const SimilarRows& similar, double threshold);

/// The same when rows went: numbers move up, rows that stay keep their similarities. dropped: ascending.
SimilarRows withoutRows(const SimilarRows& similar, const std::vector<std::int64_t>& dropped);

/// What decides which row of a cluster stays; the first rule that tells rows apart wins.
enum class KeeperRule { NoFlags, LongestAnswer, Longest, MostTurns, First, Last };
const std::vector<KeeperRule>& allKeeperRules();
const char* keeperRuleName(KeeperRule rule);  ///< "no_flags"; permanent: in settings

/// One row of a cluster.
struct ClusterRow {
    std::int64_t row = 0;
    double similarity = 1;   ///< to the keeper
    bool isFlagged = false;
    /// Whether the row is proposed to go: at least as similar to the keeper as was asked for. A row that
    /// is only like another member (a chain of small changes) is not.
    bool isProposed = false;
};

/// Rows that are the same or nearly so, through each other.
struct Cluster {
    std::vector<ClusterRow> rows;  ///< by row number
    std::size_t keeper = 0;        ///< place in rows
    double least = 1, most = 1;    ///< similarity of the other rows to the keeper

    std::int64_t proposed() const;
};

struct ClusterOptions {
    double threshold = 0.85;
    std::vector<KeeperRule> keepers {KeeperRule::NoFlags, KeeperRule::LongestAnswer, KeeperRule::First};
    /// Whether a row has a flag (an issue found in it); empty = none has. Called from several threads.
    std::function<bool(const Row& row)> isFlagged;
};

/// The clusters at a threshold, with their keepers, largest first, then by their lowest row. Errors: those of
/// reading, Cancelled.
Result<std::vector<Cluster>> clustersOf(const RowSource& rows, const SimilarRows& similar, const ClusterOptions& options, const JobContext& context);

/// Pairs across training and evaluation data as clusters: rows that are linked through each other. The first row of
/// the side that stays is the keeper; all rows of the other side are proposed to go, with their greatest similarity
/// to a row of the side that stays. trainRows, evalRows: the numbers that the clusters get for the report's rows.
std::vector<Cluster> leakClusters(const LeakReport& report, const std::vector<std::int64_t>& trainRows, const std::vector<std::int64_t>& evalRows, bool dropsTrain);

/// Another row as the keeper: similarities and proposals follow. Errors: those of reading.
Status setKeeper(const RowSource& rows, DuplicateMethod method, double threshold, std::size_t keeper, Cluster& cluster);

}
