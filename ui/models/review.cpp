// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/review.h"

#include <algorithm>
#include <unordered_map>

namespace attune::models {

namespace {

std::vector<std::size_t> textsOf(const importer::DatasetPtr& data)
{
    return data ? cleaner::textColumns(data->columns(), {}).value_or(std::vector<std::size_t>()) : std::vector<std::size_t>();
}

bool haveSameRows(const cleaner::Cluster& a, const cleaner::Cluster& b)
{
    return std::equal(a.rows.begin(), a.rows.end(), b.rows.begin(), b.rows.end(), [](const auto& x, const auto& y) { return x.row == y.row; });
}

}

ReviewRows::ReviewRows(importer::DatasetPtr rows, importer::DatasetPtr others)
    : m_rows(std::move(rows))
    , m_others(std::move(others))
    , m_border(m_rows->rows())
    , m_texts(textsOf(m_rows))
    , m_otherTexts(textsOf(m_others))
{
}

Status ReviewRows::read(std::int64_t row, cleaner::Row& out) const
{
    return isOther(row) ? m_others->read(row - m_border, out) : m_rows->read(row, out);
}

std::string ReviewRows::text(std::int64_t row, std::size_t most) const
{
    thread_local cleaner::Row cells;
    if (const auto status = read(row, cells); !status)
        return status.error().message;
    std::string text = cleaner::rowText(cells, isOther(row) ? m_otherTexts : m_texts);
    if (text.size() > most) {
        while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80)
            --most;
        text.resize(most);
        text += " …";
    }
    return text;
}

void Review::clear()
{
    setState({});
}

void Review::setClusters(std::vector<cleaner::Cluster> clusters)
{
    // What was decided about a cluster holds while its rows are the same, whatever threshold found it.
    State former = state();
    std::unordered_map<std::int64_t, std::size_t> decided;
    for (std::size_t i = 0; i < former.clusters.size(); ++i)
        if (former.decisions[i].isReviewed)
            decided[former.clusters[i].rows.front().row] = i;
    m_clusters = std::move(clusters);
    m_decisions.clear();
    m_past.clear();
    for (auto& cluster : m_clusters) {
        const auto it = decided.find(cluster.rows.front().row);
        if (it != decided.end() && haveSameRows(cluster, former.clusters[it->second])) {
            cluster = former.clusters[it->second];
            m_decisions.push_back(former.decisions[it->second]);
            continue;
        }
        Decision decision;
        for (const auto& row : cluster.rows)
            decision.drops.push_back(row.isProposed);
        m_decisions.push_back(std::move(decision));
    }
    emit reset();
}

void Review::setState(State state)
{
    m_clusters = std::move(state.clusters);
    m_decisions = std::move(state.decisions);
    m_past.clear();
    emit reset();
}

std::int64_t Review::dropsOf(int index) const
{
    const auto& drops = m_decisions[static_cast<std::size_t>(index)].drops;
    return std::count(drops.begin(), drops.end(), true);
}

void Review::remember(int index)
{
    const auto i = static_cast<std::size_t>(index);
    m_past.push_back({{index, m_clusters[i], m_decisions[i]}});
}

void Review::setDrop(int index, std::size_t row, bool isDropped)
{
    remember(index);
    auto& decision = m_decisions[static_cast<std::size_t>(index)];
    decision.drops[row] = isDropped;
    decision.isReviewed = true;
    decision.isNotDuplicates = false;
    emit changed(index);
}

void Review::setKeeper(int index, const cleaner::Cluster& measured)
{
    remember(index);
    const auto i = static_cast<std::size_t>(index);
    // What was kept by hand stays kept; the former keeper becomes a row like the others.
    auto& decision = m_decisions[i];
    const std::size_t former = m_clusters[i].keeper;
    m_clusters[i] = measured;
    decision.drops[former] = measured.rows[former].isProposed;
    decision.drops[measured.keeper] = false;
    decision.isReviewed = true;
    decision.isNotDuplicates = false;
    emit changed(index);
}

void Review::setNotDuplicates(int index)
{
    remember(index);
    auto& decision = m_decisions[static_cast<std::size_t>(index)];
    decision.drops.assign(decision.drops.size(), false);
    decision.isReviewed = decision.isNotDuplicates = true;
    emit changed(index);
}

void Review::setReviewed(int index)
{
    if (isReviewed(index))
        return;
    remember(index);
    m_decisions[static_cast<std::size_t>(index)].isReviewed = true;
    emit changed(index);
}

int Review::undo(const std::function<void(int)>& before)
{
    if (m_past.empty())
        return -1;
    const auto step = std::move(m_past.back());
    m_past.pop_back();
    for (const auto& former : step) {
        if (before)
            before(former.index);
        m_clusters[static_cast<std::size_t>(former.index)] = former.cluster;
        m_decisions[static_cast<std::size_t>(former.index)] = former.decision;
    }
    if (step.size() == 1)
        emit changed(step.front().index);
    else
        emit reset();
    return step.empty() ? -1 : step.front().index;
}

Review::Sum Review::all() const
{
    Sum sum {size(), 0};
    for (int i = 0; i < size(); ++i)
        sum.rows += dropsOf(i);
    return sum;
}

Review::Sum Review::reviewed() const
{
    Sum sum;
    for (int i = 0; i < size(); ++i)
        if (isReviewed(i)) {
            ++sum.clusters;
            sum.rows += dropsOf(i);
        }
    return sum;
}

bool Review::isAcceptable(int index, double similarity) const
{
    const auto& one = cluster(index);
    if (isReviewed(index) || dropsOf(index) == 0)
        return false;
    for (std::size_t row = 0; row < one.rows.size(); ++row)
        if (drops(index, row) && one.rows[row].similarity < similarity)
            return false;
    return true;
}

Review::Sum Review::acceptable(double similarity) const
{
    Sum sum;
    for (int i = 0; i < size(); ++i)
        if (isAcceptable(i, similarity)) {
            ++sum.clusters;
            sum.rows += dropsOf(i);
        }
    return sum;
}

void Review::accept(double similarity)
{
    std::vector<Former> former;
    for (int i = 0; i < size(); ++i)
        if (isAcceptable(i, similarity)) {
            const auto at = static_cast<std::size_t>(i);
            former.push_back({i, m_clusters[at], m_decisions[at]});
            m_decisions[at].isReviewed = true;
        }
    if (former.empty())
        return;
    m_past.push_back(std::move(former));
    emit reset();
}

std::vector<std::int64_t> Review::dropped() const
{
    std::vector<std::int64_t> rows;
    for (int i = 0; i < size(); ++i)
        for (std::size_t row = 0; isReviewed(i) && row < cluster(i).rows.size(); ++row)
            if (drops(i, row))
                rows.push_back(cluster(i).rows[row].row);
    std::sort(rows.begin(), rows.end());
    return rows;
}

}
