// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/review.h"
#include "pages/dataset/opened_version.h"
#include "store/store.h"

#include <memory>
#include <vector>

namespace attune::pages {

/// What to look for, as the controls say.
struct DuplicatesWanted {
    enum class Method { Exact, Normalized, Near, TrainAndEval };
    Method method = Method::Near;
    double threshold = 0.85;
    std::vector<cleaner::KeeperRule> keepers;
    std::string other;       ///< Train and eval: the dataset to compare with; empty = the version's own splits
    bool dropsTrain = true;  ///< Train and eval: which side goes
};

/// What was found; other thresholds and keepers are taken from it without a new search. Immutable.
struct DuplicatesFound {
    DuplicatesWanted wanted;
    std::shared_ptr<const models::ReviewRows> rows;
    cleaner::SimilarRows similar;
    cleaner::LeakReport leaks;                       ///< Train and eval
    std::vector<std::int64_t> trainRows, evalRows;   ///< numbers of the report's rows in `rows`
    std::vector<bool> isEval;                        ///< by row of `rows`; empty unless Train and eval
    /// Rows of clusters that were dealt with in an earlier version: they are not shown again.
    std::vector<std::vector<std::int64_t>> settled;
    std::string dataset;                             ///< its name
    double seconds = 0;

    bool isLeaks() const { return wanted.method == DuplicatesWanted::Method::TrainAndEval; }
};
using FoundPtr = std::shared_ptr<const DuplicatesFound>;

/// The least similarity that a search at this threshold looks for, so that the histogram has something below it.
double floorFor(double threshold);

// Worker threads. Errors: those of reading, Usage (no splits to compare), Cancelled.
Result<FoundPtr> searchDuplicates(store::Store& store, const OpenedVersion& opened, const DuplicatesWanted& wanted, const JobContext& context);
/// The clusters at another threshold, or with other keepers.
Result<std::vector<cleaner::Cluster>> clustersIn(store::Store& store, const DuplicatesFound& found, const DuplicatesWanted& wanted, const JobContext& context);
/// What is left of a search in the version that came of dropping rows. kept: by cluster, the rows that stay.
FoundPtr afterDropping(const DuplicatesFound& found, const OpenedVersion& opened, const std::vector<std::int64_t>& dropped, const std::vector<std::vector<std::int64_t>>& kept);

}
