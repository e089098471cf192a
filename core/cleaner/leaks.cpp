// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/duplicates.h"
#include "cleaner/near_duplicates.h"

#include <unordered_map>

namespace attune::cleaner {
namespace {

/// The rows behind one leader, by side.
struct Sides {
    std::vector<std::int64_t> train, eval;
};

}

Result<LeakReport> findLeaks(const RowSource& train, const RowSource& eval, double threshold, const JobContext& context)
{
    ATTUNE_TRY(const auto trainTexts, textColumns(train.columns(), {}));
    ATTUNE_TRY(const auto evalTexts, textColumns(eval.columns(), {}));
    const std::int64_t border = train.rows();
    LeakReport report;
    report.evalRows = eval.rows();
    if (border == 0 || report.evalRows == 0)
        return report;
    const ReadText read = [&](std::int64_t number, std::string& text) -> Status {
        thread_local Row row;
        const bool isTrain = number < border;
        ATTUNE_RETURN_IF_ERROR(isTrain ? train.read(number, row) : eval.read(number - border, row));
        rowText(row, isTrain ? trainTexts : evalTexts, text);
        return {};
    };
    ATTUNE_TRY(const auto similar, findSimilar(border + eval.rows(), read, threshold, 0, border, context));
    std::unordered_map<std::int64_t, Sides> members;
    for (std::int64_t row = 0; row < border + eval.rows(); ++row) {
        auto& sides = members[similar.leader[static_cast<std::size_t>(row)]];
        (row < border ? sides.train : sides.eval).push_back(row < border ? row : row - border);
    }
    const auto cross = [&](std::int64_t a, std::int64_t b, double similarity) {
        for (const std::int64_t t : members[a].train)
            for (const std::int64_t e : members[b].eval)
                report.pairs.push_back({t, e, similarity});
    };
    for (const auto& [leader, sides] : members)
        cross(leader, leader, 1.0);
    for (const auto& pair : similar.pairs) {
        cross(pair.a, pair.b, pair.similarity);
        cross(pair.b, pair.a, pair.similarity);
    }
    std::sort(report.pairs.begin(), report.pairs.end(), [](const auto& x, const auto& y) { return std::pair(x.eval, x.train) < std::pair(y.eval, y.train); });
    for (std::size_t i = 0; i < report.pairs.size(); ++i)
        report.leaked += i == 0 || report.pairs[i].eval != report.pairs[i - 1].eval;
    return report;
}

}
