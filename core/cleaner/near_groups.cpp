// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/near_groups.h"

#include "cleaner/near_duplicates.h"
#include "cleaner/text.h"

namespace attune::cleaner {
namespace {

/// The row whose component a row belongs to; paths are halved on the way.
std::int64_t rootOf(std::vector<std::int64_t>& parent, std::int64_t row)
{
    const auto at = [&](std::int64_t r) -> std::int64_t& { return parent[static_cast<std::size_t>(r)]; };
    while (at(row) != row)
        row = at(row) = at(at(row));
    return row;
}

/// Components as groups, in order of their lowest row, which is the keeper so far.
std::vector<DuplicateGroup> components(std::vector<std::int64_t> parent, const std::vector<SimilarPair>& pairs)
{
    for (const auto& pair : pairs) {
        const std::int64_t a = rootOf(parent, pair.a), b = rootOf(parent, pair.b);
        parent[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);  // the root is the lowest row
    }
    std::vector<DuplicateGroup> groups;
    std::vector<std::int64_t> groupOfRoot(parent.size(), -1);
    for (std::size_t row = 0; row < parent.size(); ++row) {
        const std::int64_t root = rootOf(parent, static_cast<std::int64_t>(row));
        if (root == static_cast<std::int64_t>(row))
            continue;
        auto& group = groupOfRoot[static_cast<std::size_t>(root)];
        if (group < 0) {
            group = static_cast<std::int64_t>(groups.size());
            groups.push_back({root, {}, {}});
        }
        groups[static_cast<std::size_t>(group)].drop.push_back(static_cast<std::int64_t>(row));
    }
    std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.keep < b.keep; });
    return groups;
}

Status keepLongest(DuplicateGroup& group, const ReadText& read)
{
    std::string text;
    ATTUNE_RETURN_IF_ERROR(read(group.keep, text));
    std::int64_t longest = countCharacters(text);
    for (auto& row : group.drop) {
        ATTUNE_RETURN_IF_ERROR(read(row, text));
        if (const std::int64_t length = countCharacters(text); length > longest) {
            longest = length;
            std::swap(group.keep, row);
        }
    }
    std::sort(group.drop.begin(), group.drop.end());
    return {};
}

}

Result<std::vector<DuplicateGroup>> nearGroups(const RowSource& rows, const DuplicateOptions& options, const std::vector<std::size_t>& texts, const JobContext& context)
{
    const ReadText read = [&](std::int64_t number, std::string& text) -> Status {
        thread_local Row row;
        ATTUNE_RETURN_IF_ERROR(rows.read(number, row));
        rowText(row, texts, text);
        return {};
    };
    ATTUNE_TRY(const auto similar, findSimilar(rows.rows(), read, options.threshold, options.threads, 0, context));
    auto groups = components(similar.leader, similar.pairs);
    const auto leaderOf = [&](std::int64_t row) { return similar.leader[static_cast<std::size_t>(row)]; };
    std::string text;
    Shingler kept, dropped;
    for (auto& group : groups) {
        if (context.isCancelled())
            return fail(ErrorCode::Cancelled, "Looking for duplicates was cancelled.", "Nothing was changed.");
        if (options.keep == Keep::Longest)
            ATTUNE_RETURN_IF_ERROR(keepLongest(group, read));
        bool hasKept = false;
        for (const std::int64_t row : group.drop) {
            if (leaderOf(row) == leaderOf(group.keep)) {
                group.similarity.push_back(1);  // the same words
                continue;
            }
            if (!hasKept) {
                ATTUNE_RETURN_IF_ERROR(read(group.keep, text));
                kept.read(text);
                kept.set();
                hasKept = true;
            }
            ATTUNE_RETURN_IF_ERROR(read(row, text));
            dropped.read(text);
            group.similarity.push_back(jaccard(kept.runs(), dropped.set()));
        }
    }
    return groups;
}

}
