// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/duplicates.h"

#include "base/hash.h"
#include "cleaner/near_duplicates.h"
#include "cleaner/row_key.h"
#include "cleaner/text.h"
#include "importer/chunks.h"

#include <mutex>
#include <unordered_map>

namespace attune::cleaner {
namespace {

constexpr std::int64_t kChunkRows = 4096;

struct Keys {
    std::vector<Hash128> hashes;
    std::vector<std::int64_t> lengths;  ///< characters of each row's text; only for Keep::Longest
};

Result<Keys> keysOf(const RowSource& rows, const DuplicateOptions& options, const std::vector<std::size_t>& compared, const std::vector<std::size_t>& texts, const JobContext& context)
{
    Keys keys;
    const auto total = static_cast<std::size_t>(rows.rows());
    keys.hashes.resize(total);
    if (options.keep == Keep::Longest)
        keys.lengths.resize(total);
    const std::size_t chunks = (total + kChunkRows - 1) / kChunkRows;
    std::mutex mutex;
    std::optional<Error> problem;
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(chunks, importer::workerCount(options.threads), context, [&](std::size_t chunk, unsigned) {
        Row row;
        std::string key;
        for (std::size_t i = chunk * kChunkRows; i < std::min(total, (chunk + 1) * kChunkRows); ++i) {
            if (auto status = rows.read(static_cast<std::int64_t>(i), row); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
                return;
            }
            if (options.method == DuplicateMethod::Exact)
                exactKey(row, compared, key);
            else
                key = comparableText(rowText(row, texts));
            keys.hashes[i] = hash128(key);
            if (options.keep == Keep::Longest)
                keys.lengths[i] = countCharacters(rowText(row, texts));
        }
        context.report("Looking for duplicates", chunk + 1, chunks);
    }));
    if (problem)
        return *problem;
    return keys;
}

/// For each row the first row with the same key: open addressing over the 128-bit hashes.
std::vector<std::int64_t> firstOfKind(const std::vector<Hash128>& hashes)
{
    std::size_t slots = 16;
    while (slots < hashes.size() * 2)
        slots *= 2;
    std::vector<std::int64_t> table(slots, -1), first(hashes.size());
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        std::size_t slot = hashes[i].low & (slots - 1);
        while (table[slot] >= 0 && hashes[static_cast<std::size_t>(table[slot])] != hashes[i])
            slot = (slot + 1) & (slots - 1);
        if (table[slot] < 0)
            table[slot] = static_cast<std::int64_t>(i);
        first[i] = table[slot];
    }
    return first;
}

std::vector<DuplicateGroup> groupsOf(const Keys& keys)
{
    const auto first = firstOfKind(keys.hashes);
    std::vector<std::int64_t> groupOfRow(first.size(), -1);
    std::vector<DuplicateGroup> groups;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const auto leader = static_cast<std::size_t>(first[i]);
        if (leader == i)
            continue;
        if (groupOfRow[leader] < 0) {
            groupOfRow[leader] = static_cast<std::int64_t>(groups.size());
            groups.push_back({first[i], {}, {}});
        }
        groups[static_cast<std::size_t>(groupOfRow[leader])].drop.push_back(static_cast<std::int64_t>(i));
    }
    std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.keep < b.keep; });
    for (auto& group : groups) {
        if (!keys.lengths.empty()) {
            auto longest = std::max_element(group.drop.begin(), group.drop.end(),
                [&](std::int64_t a, std::int64_t b) { return keys.lengths[static_cast<std::size_t>(a)] < keys.lengths[static_cast<std::size_t>(b)]; });
            if (keys.lengths[static_cast<std::size_t>(*longest)] > keys.lengths[static_cast<std::size_t>(group.keep)])
                std::swap(*longest, group.keep);
            std::sort(group.drop.begin(), group.drop.end());
        }
        group.similarity.assign(group.drop.size(), 1.0);
    }
    return groups;
}

/// The row whose component a row belongs to; paths are halved on the way.
std::int64_t rootOf(std::vector<std::int64_t>& parent, std::int64_t row)
{
    auto at = [&](std::int64_t r) -> std::int64_t& { return parent[static_cast<std::size_t>(r)]; };
    while (at(row) != row)
        row = at(row) = at(at(row));
    return row;
}

/// Components of the similarity graph, each with its keeper and the similarity of the others to it.
Result<std::vector<DuplicateGroup>> nearGroups(const RowSource& rows, const DuplicateOptions& options, const std::vector<std::size_t>& texts, const JobContext& context)
{
    const ReadText read = [&](std::int64_t number, std::string& text) -> Status {
        thread_local Row row;
        ATTUNE_RETURN_IF_ERROR(rows.read(number, row));
        rowText(row, texts, text);
        return {};
    };
    ATTUNE_TRY(auto similar, findSimilar(rows.rows(), read, options.threshold, options.threads, {}, context));
    std::vector<std::int64_t>& parent = similar.leader;
    for (const auto& pair : similar.pairs) {
        const std::int64_t a = rootOf(parent, pair.a), b = rootOf(parent, pair.b);
        parent[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);  // the root is the lowest row
    }
    std::vector<DuplicateGroup> groups;
    std::vector<std::int64_t> groupOfRoot(parent.size(), -1);
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
        const std::int64_t root = rootOf(parent, row);
        if (root == row)
            continue;
        auto& group = groupOfRoot[static_cast<std::size_t>(root)];
        if (group < 0) {
            group = static_cast<std::int64_t>(groups.size());
            groups.push_back({root, {}, {}});
        }
        groups[static_cast<std::size_t>(group)].drop.push_back(row);
    }
    std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.keep < b.keep; });
    std::string text;
    for (auto& group : groups) {
        ATTUNE_RETURN_IF_ERROR(read(group.keep, text));
        std::int64_t longest = countCharacters(text);
        for (std::size_t i = 0; i < group.drop.size() && options.keep == Keep::Longest; ++i) {
            ATTUNE_RETURN_IF_ERROR(read(group.drop[i], text));
            if (const std::int64_t length = countCharacters(text); length > longest) {
                longest = length;
                std::swap(group.keep, group.drop[i]);
            }
        }
        std::sort(group.drop.begin(), group.drop.end());
        ATTUNE_RETURN_IF_ERROR(read(group.keep, text));
        const auto kept = shinglesOf(text);
        for (const std::int64_t row : group.drop) {
            ATTUNE_RETURN_IF_ERROR(read(row, text));
            group.similarity.push_back(jaccard(kept, shinglesOf(text)));
        }
    }
    return groups;
}

std::vector<std::size_t> everyColumn(std::size_t count)
{
    std::vector<std::size_t> all(count);
    for (std::size_t c = 0; c < count; ++c)
        all[c] = c;
    return all;
}

}

Result<std::vector<std::size_t>> textColumns(const std::vector<Column>& columns, const std::vector<std::string>& named)
{
    std::vector<std::size_t> chosen;
    for (const auto& name : named) {
        const auto it = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
        if (it == columns.end())
            return fail(ErrorCode::Usage, fmt::format("There is no column \"{}\".", name), "attune data stats shows the columns.");
        chosen.push_back(static_cast<std::size_t>(it - columns.begin()));
    }
    for (std::size_t c = 0; c < columns.size() && named.empty(); ++c)
        if (columns[c].role != importer::ColumnRole::Ignore)
            chosen.push_back(c);
    return chosen.empty() ? everyColumn(columns.size()) : chosen;
}

void rowText(const Row& row, const std::vector<std::size_t>& columns, std::string& text)
{
    text.clear();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Cell& cell = row[columns[i]];
        if (i)
            text += '\n';
        if (cell.kind == Cell::Kind::List)
            text += textOfCell(cell);
        else
            text += importer::plainText(cell);
    }
}

std::string rowText(const Row& row, const std::vector<std::size_t>& columns)
{
    std::string text;
    rowText(row, columns, text);
    return text;
}

Result<LeakReport> findLeaks(const RowSource& train, const RowSource& eval, double threshold, const JobContext& context)
{
    ATTUNE_TRY(const auto trainTexts, textColumns(train.columns(), {}));
    ATTUNE_TRY(const auto evalTexts, textColumns(eval.columns(), {}));
    const std::int64_t border = train.rows();
    const ReadText read = [&](std::int64_t number, std::string& text) -> Status {
        thread_local Row row;
        const bool isTrain = number < border;
        ATTUNE_RETURN_IF_ERROR(isTrain ? train.read(number, row) : eval.read(number - border, row));
        rowText(row, isTrain ? trainTexts : evalTexts, text);
        return {};
    };
    // Rows with the same words are compared once, in the name of the first of them; a pair of such
    // leaders matters whenever the rows behind them lie on both sides.
    ATTUNE_TRY(const auto similar, findSimilar(border + eval.rows(), read, threshold, 0, {}, context));
    std::unordered_map<std::int64_t, std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>> members;
    for (std::int64_t row = 0; row < border + eval.rows(); ++row) {
        auto& sides = members[similar.leader[static_cast<std::size_t>(row)]];
        if (row < border)
            sides.first.push_back(row);
        else
            sides.second.push_back(row - border);
    }
    LeakReport report;
    report.evalRows = eval.rows();
    const auto cross = [&](std::int64_t a, std::int64_t b, double similarity) {
        for (const std::int64_t t : members[a].first)
            for (const std::int64_t e : members[b].second)
                report.pairs.push_back({t, e, similarity});
    };
    for (const auto& [leader, sides] : members)
        if (!sides.first.empty() && !sides.second.empty())
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

Result<std::vector<DuplicateGroup>> findDuplicates(const RowSource& rows, const DuplicateOptions& options, const JobContext& context)
{
    ATTUNE_TRY(const auto texts, textColumns(rows.columns(), options.columns));
    if (options.method == DuplicateMethod::Near)
        return nearGroups(rows, options, texts, context);
    const auto compared = options.columns.empty() ? everyColumn(rows.columns().size()) : texts;
    ATTUNE_TRY(const auto keys, keysOf(rows, options, compared, texts, context));
    return groupsOf(keys);
}

Selection withoutDuplicates(std::int64_t rows, const std::vector<DuplicateGroup>& groups)
{
    std::vector<bool> isDropped(static_cast<std::size_t>(rows));
    for (const auto& group : groups)
        for (const std::int64_t row : group.drop)
            isDropped[static_cast<std::size_t>(row)] = true;
    Selection kept;
    for (std::int64_t row = 0; row < rows; ++row)
        if (!isDropped[static_cast<std::size_t>(row)])
            kept.push_back(row);
    return kept;
}

}
