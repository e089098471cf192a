// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/clusters.h"

#include "cleaner/text.h"
#include "importer/chunks.h"
#include "importer/roles.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <optional>
#include <unordered_map>

namespace attune::cleaner {
namespace {

constexpr std::size_t kChunkClusters = 64;

/// Rows that stand behind each leader.
std::unordered_map<std::int64_t, std::int64_t> sizesOf(const SimilarRows& similar)
{
    std::unordered_map<std::int64_t, std::int64_t> sizes;
    for (std::size_t row = 0; row < similar.leader.size(); ++row)
        if (similar.leader[row] != static_cast<std::int64_t>(row))
            ++sizes[similar.leader[row]];
    for (auto& [leader, size] : sizes)
        ++size;
    return sizes;
}

/// Calls seen(similarity, count) for every kind of pair: count rows behind the one times rows behind the other.
template<typename Seen>
void eachPair(const SimilarRows& similar, Seen seen)
{
    const auto sizes = sizesOf(similar);
    const auto sizeOf = [&](std::int64_t leader) {
        const auto it = sizes.find(leader);
        return it == sizes.end() ? std::int64_t(1) : it->second;
    };
    for (const auto& [leader, size] : sizes)
        seen(1.0, size * (size - 1) / 2);
    for (const auto& pair : similar.pairs)
        seen(pair.similarity, sizeOf(pair.a) * sizeOf(pair.b));
}

std::int64_t rootOf(std::vector<std::int64_t>& parent, std::int64_t row)
{
    const auto at = [&](std::int64_t r) -> std::int64_t& { return parent[static_cast<std::size_t>(r)]; };
    while (at(row) != row)
        row = at(row) = at(at(row));
    return row;
}

/// Rows by component, each ascending; only components of two rows or more.
std::vector<Cluster> componentsAt(const SimilarRows& similar, double threshold)
{
    std::vector<std::int64_t> parent = similar.leader;
    for (const auto& pair : similar.pairs) {
        if (pair.similarity < threshold)
            continue;
        const std::int64_t a = rootOf(parent, pair.a), b = rootOf(parent, pair.b);
        parent[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);
    }
    std::vector<Cluster> clusters;
    std::unordered_map<std::int64_t, std::size_t> ofRoot;
    for (std::int64_t row = 0; row < similar.rows(); ++row) {
        const std::int64_t root = rootOf(parent, row);
        if (root == row)
            continue;
        const auto [it, isNew] = ofRoot.try_emplace(root, clusters.size());
        if (isNew) {
            clusters.emplace_back();
            clusters.back().rows.push_back({root, 1, false, false});
        }
        clusters[it->second].rows.push_back({row, 1, false, false});
    }
    std::stable_sort(clusters.begin(), clusters.end(), [](const Cluster& a, const Cluster& b) {
        return a.rows.size() != b.rows.size() ? a.rows.size() > b.rows.size() : a.rows.front().row < b.rows.front().row;
    });
    return clusters;
}

/// What keeper rules look at.
struct Facts {
    bool isFlagged = false;
    std::int64_t answer = 0, length = 0, turns = 0;
};

Facts factsOf(const Row& row, const std::vector<Column>& columns, const std::vector<std::size_t>& texts, const ClusterOptions& options)
{
    Facts facts;
    facts.isFlagged = options.isFlagged && options.isFlagged(row);
    facts.length = countCharacters(rowText(row, texts));
    const auto record = importer::toRecord(row, columns, 0);
    using Kind = importer::Record::Kind;
    if (record.kind == Kind::Conversation || record.kind == Kind::PromptCompletion || record.kind == Kind::Preference) {
        for (const auto& message : record.conversation()) {
            ++facts.turns;
            if (message.role == "assistant")
                facts.answer += countCharacters(message.content);
        }
    } else {
        facts.answer = facts.length;
    }
    return facts;
}

/// Below 0: a is the better keeper by the rule; above 0: b is.
std::int64_t compare(KeeperRule rule, const Facts& a, const Facts& b, std::int64_t rowA, std::int64_t rowB)
{
    switch (rule) {
    case KeeperRule::NoFlags: return std::int64_t(a.isFlagged) - std::int64_t(b.isFlagged);
    case KeeperRule::LongestAnswer: return b.answer - a.answer;
    case KeeperRule::Longest: return b.length - a.length;
    case KeeperRule::MostTurns: return b.turns - a.turns;
    case KeeperRule::First: return rowA - rowB;
    case KeeperRule::Last: return rowB - rowA;
    }
    return 0;
}

std::size_t bestKeeper(const Cluster& cluster, const std::vector<Facts>& facts, const std::vector<KeeperRule>& rules)
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < facts.size(); ++i)
        for (const KeeperRule rule : rules) {
            const std::int64_t order = compare(rule, facts[best], facts[i], cluster.rows[best].row, cluster.rows[i].row);
            if (order == 0)
                continue;
            if (order > 0)
                best = i;
            break;
        }
    return best;
}

/// Similarity of all rows to the keeper, from their texts.
Status measure(const RowSource& source, const std::vector<std::size_t>& texts, DuplicateMethod method, double threshold, Cluster& cluster)
{
    thread_local Row row;
    thread_local std::string text;
    Shingler kept, other;
    cluster.least = 1;
    cluster.most = 0;
    for (std::size_t i = 0; i < cluster.rows.size(); ++i)
        cluster.rows[i].similarity = 1;
    if (method == DuplicateMethod::Near) {
        ATTUNE_RETURN_IF_ERROR(source.read(cluster.rows[cluster.keeper].row, row));
        rowText(row, texts, text);
        kept.read(text);
        const auto& set = kept.set();
        for (std::size_t i = 0; i < cluster.rows.size(); ++i) {
            if (i == cluster.keeper)
                continue;
            ATTUNE_RETURN_IF_ERROR(source.read(cluster.rows[i].row, row));
            rowText(row, texts, text);
            other.read(text);
            cluster.rows[i].similarity = jaccard(set, other.set());
        }
    }
    for (std::size_t i = 0; i < cluster.rows.size(); ++i) {
        auto& member = cluster.rows[i];
        member.isProposed = i != cluster.keeper && (method != DuplicateMethod::Near || member.similarity >= threshold);
        if (i != cluster.keeper) {
            cluster.least = std::min(cluster.least, member.similarity);
            cluster.most = std::max(cluster.most, member.similarity);
        }
    }
    return {};
}

}

const std::vector<KeeperRule>& allKeeperRules()
{
    static const std::vector<KeeperRule> rules {KeeperRule::NoFlags, KeeperRule::LongestAnswer, KeeperRule::Longest, KeeperRule::MostTurns, KeeperRule::First, KeeperRule::Last};
    return rules;
}

const char* keeperRuleName(KeeperRule rule)
{
    switch (rule) {
    case KeeperRule::NoFlags: return "no_flags";
    case KeeperRule::LongestAnswer: return "longest_answer";
    case KeeperRule::Longest: return "longest";
    case KeeperRule::MostTurns: return "most_turns";
    case KeeperRule::First: return "first";
    case KeeperRule::Last: return "last";
    }
    return "";
}

Result<SimilarRows> findSimilarRows(const RowSource& rows, DuplicateMethod method, double floor, const JobContext& context)
{
    SimilarRows similar;
    similar.method = method;
    similar.leader.resize(static_cast<std::size_t>(rows.rows()));
    std::iota(similar.leader.begin(), similar.leader.end(), std::int64_t(0));
    if (method == DuplicateMethod::Near) {
        ATTUNE_TRY(const auto texts, textColumns(rows.columns(), {}));
        const ReadText read = [&](std::int64_t number, std::string& text) -> Status {
            thread_local Row row;
            ATTUNE_RETURN_IF_ERROR(rows.read(number, row));
            rowText(row, texts, text);
            return {};
        };
        ATTUNE_TRY(auto found, findSimilar(rows.rows(), read, floor, 0, 0, context));
        similar.floor = floor;
        similar.leader = std::move(found.leader);
        similar.pairs = std::move(found.pairs);
        return similar;
    }
    DuplicateOptions options;
    options.method = method;
    ATTUNE_TRY(const auto groups, findDuplicates(rows, options, context));
    for (const auto& group : groups)
        for (const std::int64_t row : group.drop)
            similar.leader[static_cast<std::size_t>(row)] = group.keep;
    return similar;
}

std::vector<std::int64_t> pairsBySimilarity(const SimilarRows& similar, double from, int bars)
{
    std::vector<std::int64_t> counts(static_cast<std::size_t>(bars));
    const double width = (1 - from) / bars;
    eachPair(similar, [&](double similarity, std::int64_t count) {
        if (similarity < from)
            return;
        const int bar = width > 0 ? std::min(bars - 1, static_cast<int>((similarity - from) / width)) : bars - 1;
        counts[static_cast<std::size_t>(bar)] += count;
    });
    return counts;
}

std::int64_t pairsFrom(const SimilarRows& similar, double threshold)
{
    std::int64_t total = 0;
    eachPair(similar, [&](double similarity, std::int64_t count) { total += similarity >= threshold ? count : 0; });
    return total;
}

SimilarRows withoutRows(const SimilarRows& similar, const std::vector<std::int64_t>& dropped)
{
    std::vector<std::int64_t> number(similar.leader.size(), -1);  // old row -> new row
    std::size_t next = 0;
    std::int64_t left = 0;
    for (std::size_t row = 0; row < number.size(); ++row) {
        if (next < dropped.size() && dropped[next] == static_cast<std::int64_t>(row))
            ++next;
        else
            number[row] = left++;
    }
    SimilarRows result {similar.method, similar.floor, std::vector<std::int64_t>(static_cast<std::size_t>(left)), {}};
    std::unordered_map<std::int64_t, std::int64_t> leaders;  // old leader -> the first of its rows that stays
    for (std::size_t row = 0; row < number.size(); ++row)
        if (number[row] >= 0)
            result.leader[static_cast<std::size_t>(number[row])] = leaders.try_emplace(similar.leader[row], number[row]).first->second;
    for (const auto& pair : similar.pairs) {
        const auto a = leaders.find(pair.a), b = leaders.find(pair.b);
        if (a != leaders.end() && b != leaders.end())
            result.pairs.push_back({std::min(a->second, b->second), std::max(a->second, b->second), pair.similarity});
    }
    return result;
}

std::int64_t Cluster::proposed() const
{
    return std::count_if(rows.begin(), rows.end(), [](const ClusterRow& row) { return row.isProposed; });
}

Result<std::vector<Cluster>> clustersOf(const RowSource& rows, const SimilarRows& similar, const ClusterOptions& options, const JobContext& context)
{
    ATTUNE_TRY(const auto texts, textColumns(rows.columns(), {}));
    auto clusters = componentsAt(similar, options.threshold);
    const std::size_t chunks = (clusters.size() + kChunkClusters - 1) / kChunkClusters;
    std::mutex mutex;
    std::optional<Error> problem;
    const auto work = [&](Cluster& cluster) -> Status {
        thread_local Row row;
        std::vector<Facts> facts;
        for (auto& member : cluster.rows) {
            ATTUNE_RETURN_IF_ERROR(rows.read(member.row, row));
            facts.push_back(factsOf(row, rows.columns(), texts, options));
            member.isFlagged = facts.back().isFlagged;
        }
        cluster.keeper = bestKeeper(cluster, facts, options.keepers);
        return measure(rows, texts, similar.method, options.threshold, cluster);
    };
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(chunks, importer::workerCount(0), context, [&](std::size_t chunk, unsigned) {
        for (std::size_t i = chunk * kChunkClusters; i < std::min(clusters.size(), (chunk + 1) * kChunkClusters); ++i)
            if (auto status = work(clusters[i]); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
                return;
            }
        context.report("Choosing rows to keep", chunk + 1, chunks);
    }));
    if (problem)
        return *problem;
    return clusters;
}

std::vector<Cluster> leakClusters(const LeakReport& report, const std::vector<std::int64_t>& trainRows, const std::vector<std::int64_t>& evalRows, bool dropsTrain)
{
    const auto trainOf = [&](std::int64_t row) { return trainRows[static_cast<std::size_t>(row)]; };
    const auto evalOf = [&](std::int64_t row) { return evalRows[static_cast<std::size_t>(row)]; };
    std::unordered_map<std::int64_t, std::int64_t> parent;
    const std::function<std::int64_t(std::int64_t)> root = [&](std::int64_t row) {
        const auto it = parent.try_emplace(row, row).first;
        return it->second == row ? row : it->second = root(it->second);
    };
    std::unordered_map<std::int64_t, double> greatest;
    for (const auto& pair : report.pairs) {
        const std::int64_t a = root(trainOf(pair.train)), b = root(evalOf(pair.eval));
        parent[std::max(a, b)] = std::min(a, b);
        const std::int64_t goes = dropsTrain ? trainOf(pair.train) : evalOf(pair.eval);
        greatest[goes] = std::max(greatest[goes], pair.similarity);
    }
    std::unordered_map<std::int64_t, std::vector<std::int64_t>> members;
    for (const auto& [row, up] : parent)
        members[root(row)].push_back(row);
    std::vector<Cluster> clusters;
    for (auto& [first, rows] : members) {
        std::sort(rows.begin(), rows.end());
        Cluster cluster;
        bool hasKeeper = false;
        cluster.most = 0;
        for (const std::int64_t row : rows) {
            const auto it = greatest.find(row);
            const bool goes = it != greatest.end();
            cluster.rows.push_back({row, goes ? it->second : 1, false, goes});
            if (!goes && !hasKeeper) {
                cluster.keeper = cluster.rows.size() - 1;
                hasKeeper = true;
            }
            if (goes) {
                cluster.least = std::min(cluster.least, it->second);
                cluster.most = std::max(cluster.most, it->second);
            }
        }
        clusters.push_back(std::move(cluster));
    }
    std::sort(clusters.begin(), clusters.end(), [](const Cluster& a, const Cluster& b) {
        return a.rows.size() != b.rows.size() ? a.rows.size() > b.rows.size() : a.rows.front().row < b.rows.front().row;
    });
    return clusters;
}

Status setKeeper(const RowSource& rows, DuplicateMethod method, double threshold, std::size_t keeper, Cluster& cluster)
{
    ATTUNE_TRY(const auto texts, textColumns(rows.columns(), {}));
    cluster.keeper = keeper;
    return measure(rows, texts, method, threshold, cluster);
}

}
