// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluator/classes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace attune::evaluator {
namespace {

double ratio(std::int64_t part, std::int64_t whole)
{
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Whether a class counts in an average: with one class a row, only those that are right or predicted somewhere.
bool occurs(const ClassResults& results, const ClassCounts& counts)
{
    return results.isMultiLabel || counts.truePositive + counts.falsePositive + counts.falseNegative > 0;
}

}

double ClassCounts::precision() const { return ratio(truePositive, truePositive + falsePositive); }
double ClassCounts::recall() const { return ratio(truePositive, truePositive + falseNegative); }
double ClassCounts::f1() const { return ratio(2 * truePositive, 2 * truePositive + falsePositive + falseNegative); }

ClassResults classesOfTexts(const std::vector<std::string>& predicted, const std::vector<std::string>& actual)
{
    std::set<std::string> names(predicted.begin(), predicted.end());
    names.insert(actual.begin(), actual.end());
    ClassResults results;
    results.labels.assign(names.begin(), names.end());
    const auto indexOf = [&](const std::string& name) {
        return static_cast<std::int32_t>(std::lower_bound(results.labels.begin(), results.labels.end(), name) - results.labels.begin());
    };
    for (std::size_t i = 0; i < std::min(predicted.size(), actual.size()); ++i) {
        results.predicted.push_back(indexOf(predicted[i]));
        results.actual.push_back(indexOf(actual[i]));
    }
    return results;
}

std::vector<ClassCounts> countsOf(const ClassResults& results)
{
    std::vector<ClassCounts> counts(results.labels.size());
    for (std::size_t row = 0; !results.isMultiLabel && row < results.actual.size(); ++row) {
        const auto predicted = static_cast<std::size_t>(results.predicted[row]), actual = static_cast<std::size_t>(results.actual[row]);
        if (predicted == actual) {
            ++counts[actual].truePositive;
        } else {
            ++counts[predicted].falsePositive;
            ++counts[actual].falseNegative;
        }
    }
    for (std::size_t row = 0; results.isMultiLabel && row < results.actualFlags.size(); ++row)
        for (std::size_t label = 0; label < counts.size(); ++label) {
            const bool isPredicted = results.predictedFlags[row][label] != 0, isActual = results.actualFlags[row][label] != 0;
            counts[label].truePositive += isPredicted && isActual;
            counts[label].falsePositive += isPredicted && !isActual;
            counts[label].falseNegative += !isPredicted && isActual;
        }
    return counts;
}

Averages averagesOf(const ClassResults& results, double (ClassCounts::*score)() const)
{
    ClassCounts all;
    Averages averages;
    std::int64_t classes = 0;
    for (const auto& counts : countsOf(results)) {
        if (!occurs(results, counts))
            continue;
        all.truePositive += counts.truePositive;
        all.falsePositive += counts.falsePositive;
        all.falseNegative += counts.falseNegative;
        averages.macro += (counts.*score)();
        averages.weighted += (counts.*score)() * static_cast<double>(counts.support());
        ++classes;
    }
    averages.micro = (all.*score)();
    averages.macro /= static_cast<double>(std::max<std::int64_t>(1, classes));
    averages.weighted /= static_cast<double>(std::max<std::int64_t>(1, all.support()));
    return averages;
}

double accuracyOf(const ClassResults& results)
{
    std::int64_t right = 0;
    for (std::size_t row = 0; row < results.rows(); ++row)
        right += results.isMultiLabel ? results.predictedFlags[row] == results.actualFlags[row] : results.predicted[row] == results.actual[row];
    return ratio(right, static_cast<std::int64_t>(results.rows()));
}

double matthewsOf(const ClassResults& results)
{
    if (results.isMultiLabel)
        return std::numeric_limits<double>::quiet_NaN();
    double right = 0, rows = 0, both = 0, predictedSquares = 0, actualSquares = 0;
    for (const auto& counts : countsOf(results)) {
        const auto actual = static_cast<double>(counts.support()), predicted = static_cast<double>(counts.truePositive + counts.falsePositive);
        right += static_cast<double>(counts.truePositive);
        rows += actual;
        both += predicted * actual;
        predictedSquares += predicted * predicted;
        actualSquares += actual * actual;
    }
    const double spread = (rows * rows - predictedSquares) * (rows * rows - actualSquares);
    return spread > 0 ? (right * rows - both) / std::sqrt(spread) : 0.0;
}

Json classReport(const ClassResults& results)
{
    Json report {{"classes", Json::array()}};
    const auto counts = countsOf(results);
    for (std::size_t i = 0; i < counts.size(); ++i)
        report["classes"].push_back({{"label", results.labels[i]}, {"precision", counts[i].precision()}, {"recall", counts[i].recall()},
            {"f1", counts[i].f1()}, {"support", counts[i].support()}});
    if (results.isMultiLabel)
        return report;
    std::vector<std::vector<std::int64_t>> matrix(counts.size(), std::vector<std::int64_t>(counts.size(), 0));
    for (std::size_t row = 0; row < results.actual.size(); ++row)
        ++matrix[static_cast<std::size_t>(results.actual[row])][static_cast<std::size_t>(results.predicted[row])];
    report["confusion_matrix"] = matrix;
    return report;
}

}
