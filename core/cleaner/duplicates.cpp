// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/duplicates.h"

#include "base/hash.h"
#include "cleaner/near_groups.h"
#include "cleaner/row_key.h"
#include "cleaner/text.h"
#include "importer/chunks.h"

#include <mutex>

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
        std::string key, text;
        for (std::size_t i = chunk * kChunkRows; i < std::min(total, (chunk + 1) * kChunkRows); ++i) {
            if (auto status = rows.read(static_cast<std::int64_t>(i), row); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
                return;
            }
            if (options.method == DuplicateMethod::Exact)
                exactKey(row, compared, key);
            else {
                rowText(row, texts, text);
                comparableText(text, key);
            }
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

std::vector<std::size_t> everyColumn(std::size_t count)
{
    std::vector<std::size_t> all(count);
    for (std::size_t c = 0; c < count; ++c)
        all[c] = c;
    return all;
}

}

const char* methodName(DuplicateMethod method)
{
    return method == DuplicateMethod::Exact ? "exact" : method == DuplicateMethod::Normalized ? "normalized" : "near";
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
        if (i)
            text += '\n';
        text += std::string_view(CellText(row[columns[i]]));
    }
}

std::string rowText(const Row& row, const std::vector<std::size_t>& columns)
{
    std::string text;
    rowText(row, columns, text);
    return text;
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
