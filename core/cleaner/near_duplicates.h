// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "cleaner/shingles.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace attune::cleaner {

/// Two rows and the Jaccard similarity of their shingle sets; a < b.
struct SimilarPair {
    std::int64_t a = 0, b = 0;
    double similarity = 0;
};

/// Gives a row's text; called from several threads, each with its own string.
using ReadText = std::function<Status(std::int64_t row, std::string& text)>;

/// Bands and rows per band of the locality-sensitive hash: a pair at the threshold meets in a band
/// with probability 1 - (1 - s^r)^b >= 0.99 (where 128 minima suffice for it).
struct Bands {
    int count = 0, rows = 0;
};
Bands bandsFor(double threshold);

struct NearResult {
    std::vector<std::int64_t> leader;  ///< per row: the first row with the same words in the same order
    std::vector<SimilarPair> pairs;    ///< between leaders, at or above the threshold, in order of a, then b
};

/// All similar rows: MinHash (Broder 1997) finds candidates, each is checked by its exact similarity.
/// border > 0: rows below it are one side, the others another, and only pairs across count (leaders stand
/// for all rows with their words). 60 bytes of memory per row. Errors: those of reading, Cancelled.
Result<NearResult> findSimilar(std::int64_t rows, const ReadText& read, double threshold, unsigned threads, std::int64_t border, const JobContext& context);

}
