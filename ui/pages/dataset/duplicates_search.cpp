// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/duplicates_search.h"

#include "cleaner/cleaned_dataset.h"
#include "cleaner/quality.h"
#include "cleaner/scan.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_review.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <unordered_map>

namespace attune::pages {

namespace {

using Method = DuplicatesWanted::Method;

cleaner::DuplicateMethod coreMethod(Method method)
{
    return method == Method::Exact ? cleaner::DuplicateMethod::Exact : method == Method::Normalized ? cleaner::DuplicateMethod::Normalized : cleaner::DuplicateMethod::Near;
}

Result<std::vector<std::int64_t>> splitRows(const OpenedVersion& opened, const char* split)
{
    ATTUNE_TRY(const auto list, cleaner::RowList::open(fmt::format("{}/split-{}.rows", opened.row.folder, split)));
    std::vector<std::int64_t> rows(static_cast<std::size_t>(list.size()));
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = list[static_cast<std::int64_t>(i)];
    return rows;
}

/// Some rows of a source, by number.
class Picked final : public cleaner::RowSource
{
public:
    Picked(const cleaner::RowSource& source, const std::vector<std::int64_t>& rows)
        : m_source(source)
        , m_rows(rows)
    {
    }
    std::int64_t rows() const override { return static_cast<std::int64_t>(m_rows.size()); }
    const std::vector<cleaner::Column>& columns() const override { return m_source.columns(); }
    Status read(std::int64_t row, cleaner::Row& out) const override { return m_source.read(m_rows[static_cast<std::size_t>(row)], out); }

private:
    const cleaner::RowSource& m_source;
    const std::vector<std::int64_t>& m_rows;
};

std::vector<std::int64_t> numbersFrom(std::int64_t first, std::int64_t count)
{
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
}

Status searchLeaks(store::Store& store, const OpenedVersion& opened, DuplicatesFound& found, double floor, const JobContext& context)
{
    if (found.wanted.other.empty()) {
        if (!opened.row.info.value("splits", Json::object()).contains("eval"))
            return fail(ErrorCode::Usage, "This version is not split into train and eval.", "Split it first, or choose another dataset to compare with.");
        found.rows = std::make_shared<const models::ReviewRows>(opened.data);
        ATTUNE_TRY(found.trainRows, splitRows(opened, "train"));
        ATTUNE_TRY(found.evalRows, splitRows(opened, "eval"));
        ATTUNE_TRY(found.leaks, cleaner::findLeaks(Picked(*found.rows, found.trainRows), Picked(*found.rows, found.evalRows), floor, context));
    } else {
        ATTUNE_TRY(const auto other, pipeline::openDataset(store, found.wanted.other, context));
        found.rows = std::make_shared<const models::ReviewRows>(opened.data, other);
        found.trainRows = numbersFrom(0, opened.data->rows());
        found.evalRows = numbersFrom(opened.data->rows(), other->rows());
        ATTUNE_TRY(found.leaks, cleaner::findLeaks(cleaner::DatasetRows(*opened.data), cleaner::DatasetRows(*other), floor, context));
    }
    found.isEval.assign(static_cast<std::size_t>(found.rows->rows()), false);
    for (const std::int64_t row : found.evalRows)
        found.isEval[static_cast<std::size_t>(row)] = true;
    // The histogram shows pairs of both searches alike.
    found.similar.method = cleaner::DuplicateMethod::Near;
    found.similar.floor = floor;
    found.similar.leader = numbersFrom(0, found.rows->rows());
    for (const auto& pair : found.leaks.pairs)
        found.similar.pairs.push_back({found.trainRows[static_cast<std::size_t>(pair.train)], found.evalRows[static_cast<std::size_t>(pair.eval)], pair.similarity});
    return {};
}

/// Rows in which something was found: personal data or a poor answer.
Result<std::function<bool(const cleaner::Row&)>> flags(const std::vector<cleaner::Column>& columns)
{
    ATTUNE_TRY(auto scanner, cleaner::Scanner::create({}));
    ATTUNE_TRY(auto check, cleaner::QualityCheck::create({}, columns));
    const auto cells = std::make_shared<const cleaner::CellScanner>(std::move(scanner), columns);
    const auto quality = std::make_shared<const cleaner::QualityCheck>(std::move(check));
    return std::function<bool(const cleaner::Row&)>([cells, quality](const cleaner::Row& row) {
        for (std::size_t c = 0; c < row.size(); ++c)
            if (cells->isAnyIn(row[c], c))
                return true;
        return quality->isAnyIn(row);
    });
}

/// Clusters that lie within rows that were settled are over.
void leaveSettled(const std::vector<std::vector<std::int64_t>>& settled, std::vector<cleaner::Cluster>& clusters)
{
    std::unordered_map<std::int64_t, std::size_t> groupOf;
    for (std::size_t i = 0; i < settled.size(); ++i)
        for (const std::int64_t row : settled[i])
            groupOf[row] = i;
    std::erase_if(clusters, [&](const cleaner::Cluster& cluster) {
        const auto first = groupOf.find(cluster.rows.front().row);
        return first != groupOf.end() && std::all_of(cluster.rows.begin(), cluster.rows.end(), [&](const cleaner::ClusterRow& row) {
            const auto it = groupOf.find(row.row);
            return it != groupOf.end() && it->second == first->second;
        });
    });
}

cleaner::LeakReport leaksFrom(const cleaner::LeakReport& report, double threshold)
{
    cleaner::LeakReport left {{}, report.evalRows, 0};
    for (const auto& pair : report.pairs)
        if (pair.similarity >= threshold)
            left.pairs.push_back(pair);
    return left;
}

}

double floorFor(double threshold)
{
    return std::min(0.7, threshold);
}

Result<FoundPtr> searchDuplicates(store::Store& store, const OpenedVersion& opened, const DuplicatesWanted& wanted, const JobContext& context)
{
    const auto begin = std::chrono::steady_clock::now();
    auto found = std::make_shared<DuplicatesFound>();
    found->wanted = wanted;
    found->dataset = opened.row.name;
    if (found->isLeaks()) {
        ATTUNE_RETURN_IF_ERROR(searchLeaks(store, opened, *found, floorFor(wanted.threshold), context));
    } else {
        found->rows = std::make_shared<const models::ReviewRows>(opened.data);
        ATTUNE_TRY(found->similar, cleaner::findSimilarRows(*found->rows, coreMethod(wanted.method), floorFor(wanted.threshold), context));
    }
    found->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return FoundPtr(std::move(found));
}

Result<std::vector<cleaner::Cluster>> clustersIn(store::Store& store, const DuplicatesFound& found, const DuplicatesWanted& wanted, const JobContext& context)
{
    std::vector<cleaner::Cluster> clusters;
    if (found.isLeaks()) {
        clusters = cleaner::leakClusters(leaksFrom(found.leaks, wanted.threshold), found.trainRows, found.evalRows, wanted.dropsTrain);
    } else {
        cleaner::ClusterOptions options;
        options.threshold = wanted.threshold;
        options.keepers = wanted.keepers;
        if (std::find(wanted.keepers.begin(), wanted.keepers.end(), cleaner::KeeperRule::NoFlags) != wanted.keepers.end()) {
            ATTUNE_TRY(options.isFlagged, flags(found.rows->columns()));
        }
        ATTUNE_TRY(clusters, cleaner::clustersOf(*found.rows, found.similar, options, context));
        ATTUNE_TRY(const auto marks, pipeline::notDuplicates(store, found.dataset));
        ATTUNE_RETURN_IF_ERROR(pipeline::leaveOut(*found.rows->data(), marks, clusters));
    }
    leaveSettled(found.settled, clusters);
    return clusters;
}

FoundPtr afterDropping(const DuplicatesFound& found, const OpenedVersion& opened, const std::vector<std::int64_t>& dropped, const std::vector<std::vector<std::int64_t>>& kept)
{
    auto left = std::make_shared<DuplicatesFound>(found);
    left->rows = std::make_shared<const models::ReviewRows>(opened.data, found.rows->others());
    left->similar = cleaner::withoutRows(found.similar, dropped);
    // How many dropped rows lie before one.
    const auto moved = [&](std::int64_t row) { return row - (std::lower_bound(dropped.begin(), dropped.end(), row) - dropped.begin()); };
    const auto isGone = [&](std::int64_t row) { return std::binary_search(dropped.begin(), dropped.end(), row); };
    left->settled.clear();
    for (const auto* groups : {&found.settled, &kept})
        for (const auto& group : *groups) {
            std::vector<std::int64_t> now;
            for (const std::int64_t row : group)
                if (!isGone(row))
                    now.push_back(moved(row));
            if (now.size() > 1)
                left->settled.push_back(std::move(now));
        }
    if (found.isLeaks()) {
        std::erase_if(left->leaks.pairs, [&](const cleaner::Leak& pair) {
            return isGone(found.trainRows[static_cast<std::size_t>(pair.train)]) || isGone(found.evalRows[static_cast<std::size_t>(pair.eval)]);
        });
        // Rows that went keep a number that no pair names.
        for (auto* rows : {&left->trainRows, &left->evalRows})
            for (auto& row : *rows)
                row = isGone(row) ? -1 : moved(row);
        left->isEval.assign(static_cast<std::size_t>(left->rows->rows()), false);
        for (const std::int64_t row : left->evalRows)
            if (row >= 0)
                left->isEval[static_cast<std::size_t>(row)] = true;
    }
    return left;
}

}
