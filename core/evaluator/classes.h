// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::evaluator {

/// Which classes were found and which are right. One class a row (or token), or, with isMultiLabel, a flag a class.
struct ClassResults {
    std::vector<std::string> labels;
    std::vector<std::int32_t> predicted, actual;                ///< indices into labels
    bool isMultiLabel = false;
    std::vector<std::vector<std::uint8_t>> predictedFlags, actualFlags;  ///< [rows][labels], with isMultiLabel

    std::size_t rows() const { return isMultiLabel ? actualFlags.size() : actual.size(); }
};

/// Classes out of texts: equal texts are one class, labels sorted.
ClassResults classesOfTexts(const std::vector<std::string>& predicted, const std::vector<std::string>& actual);

struct ClassCounts {
    std::int64_t truePositive = 0, falsePositive = 0, falseNegative = 0;

    std::int64_t support() const { return truePositive + falseNegative; }
    double precision() const;  ///< 0 where nothing was predicted
    double recall() const;     ///< 0 where nothing is of this class
    double f1() const;
};

std::vector<ClassCounts> countsOf(const ClassResults& results);

/// As scikit-learn averages: over all counts together; plainly over the classes that occur (all of them with
/// isMultiLabel); and weighted by how often a class is right.
struct Averages {
    double micro = 0, macro = 0, weighted = 0;
};
Averages averagesOf(const ClassResults& results, double (ClassCounts::*score)() const);

/// The share of rows whose class (with isMultiLabel: all flags) is right.
double accuracyOf(const ClassResults& results);
/// Matthews' correlation for any number of classes (Gorodkin 2004); 0 where it is undefined, and NaN with isMultiLabel.
double matthewsOf(const ClassResults& results);

/// {"classes": [{label, precision, recall, f1, support}], "confusion_matrix": [[…]]}: rows of the matrix are the right
/// classes, columns the predicted ones, both in the order of "classes"; without the matrix where isMultiLabel.
Json classReport(const ClassResults& results);

}
