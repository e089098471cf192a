// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_diff.h"

#include "cleaner/row_key.h"
#include "importer/roles.h"
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_lookup.h"

#include <map>
#include <unordered_map>

namespace attune::pipeline {
namespace {

/// The places of the columns that both sides have, in one order.
struct Shared {
    std::vector<std::size_t> from, to;
};

Shared sharedColumns(const importer::Dataset& from, const importer::Dataset& to)
{
    Shared shared;
    for (std::size_t a = 0; a < from.columns().size(); ++a)
        for (std::size_t b = 0; b < to.columns().size(); ++b)
            if (from.columns()[a].name == to.columns()[b].name) {
                shared.from.push_back(a);
                shared.to.push_back(b);
            }
    return shared;
}

void compareColumns(const importer::Dataset& from, const importer::Dataset& to, DatasetDifference& difference)
{
    const auto find = [](const importer::Dataset& data, const std::string& name) {
        return std::find_if(data.columns().begin(), data.columns().end(), [&](const auto& c) { return c.name == name; });
    };
    for (const auto& column : from.columns()) {
        const auto it = find(to, column.name);
        if (it == to.columns().end())
            difference.columnsRemoved.push_back(column.name);
        else if (it->role != column.role)
            difference.rolesChanged.push_back(column.name);
    }
    for (const auto& column : to.columns())
        if (find(from, column.name) == from.columns().end())
            difference.columnsAdded.push_back(column.name);
}

Result<Hash128> hashOf(const importer::Dataset& data, std::int64_t row, const std::vector<std::size_t>& columns)
{
    thread_local importer::Row cells;
    thread_local std::string key;
    ATTUNE_RETURN_IF_ERROR(data.read(row, cells));
    cleaner::exactKey(cells, columns, key);
    return hash128(key);
}

/// Pairs rows of both sides by an identity; rows with the same identity are paired in their order.
/// Calls pair(from, to); what stays alone comes with -1 on the other side.
template<typename Identity, typename Hash, typename Pair>
void pairUp(const std::vector<Identity>& from, const std::vector<Identity>& to, Pair pair)
{
    std::unordered_map<Identity, std::vector<std::int64_t>, Hash> waiting;
    for (std::size_t i = to.size(); i-- > 0;)
        waiting[to[i]].push_back(static_cast<std::int64_t>(i));  // the lowest is at the back
    std::vector<bool> isPaired(to.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
        const auto it = waiting.find(from[i]);
        if (it == waiting.end() || it->second.empty()) {
            pair(static_cast<std::int64_t>(i), std::int64_t(-1));
            continue;
        }
        isPaired[static_cast<std::size_t>(it->second.back())] = true;
        pair(static_cast<std::int64_t>(i), it->second.back());
        it->second.pop_back();
    }
    for (std::size_t i = 0; i < to.size(); ++i)
        if (!isPaired[i])
            pair(std::int64_t(-1), static_cast<std::int64_t>(i));
}

struct HashOfHash {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

Result<std::vector<Hash128>> hashesOf(const importer::Dataset& data, const std::vector<std::size_t>& columns, const JobContext& context)
{
    std::vector<Hash128> hashes(static_cast<std::size_t>(data.rows()));
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        if (i % 1000 == 0 && context.isCancelled())
            return fail(ErrorCode::Cancelled, "The comparison was cancelled.", "Nothing was changed.");
        ATTUNE_TRY(hashes[i], hashOf(data, static_cast<std::int64_t>(i), columns));
    }
    return hashes;
}

void note(DatasetDifference& difference, std::int64_t from, std::int64_t to, bool isEqual)
{
    using Kind = RowDifference::Kind;
    if (from >= 0 && to >= 0 && isEqual) {
        ++difference.unchanged;
        return;
    }
    const Kind kind = from < 0 ? Kind::Added : to < 0 ? Kind::Removed : Kind::Changed;
    ++(kind == Kind::Added ? difference.added : kind == Kind::Removed ? difference.removed : difference.changed);
    difference.rows.push_back({kind, from, to});
}

}

Result<DatasetDifference> compareVersions(store::Store& store, const std::string& fromName, const std::string& toName, const JobContext& context)
{
    ATTUNE_TRY(const auto from, openDataset(store, fromName, context));
    ATTUNE_TRY(const auto to, openDataset(store, toName, context));
    DatasetDifference difference;
    difference.from = from->name();
    difference.to = to->name();
    difference.rowsFrom = from->rows();
    difference.rowsTo = to->rows();
    compareColumns(*from, *to, difference);
    const Shared shared = sharedColumns(*from, *to);
    ATTUNE_TRY(const auto before, hashesOf(*from, shared.from, context));
    ATTUNE_TRY(const auto after, hashesOf(*to, shared.to, context));
    const auto rowOf = [&store](const std::string& name) -> Result<store::DatasetRow> {
        ATTUNE_TRY(const auto parsed, parseDatasetName(name));
        if (!parsed.split.empty())
            return fail(ErrorCode::Usage, "A split is compared by content.");
        return findDataset(store, parsed);
    };
    const auto a = rowOf(fromName), b = rowOf(toName);
    if (a && b && a->info.value("base", a->folder) == b->info.value("base", b->folder)) {
        ATTUNE_TRY(const auto rowsA, rowsOfImport(*a));
        ATTUNE_TRY(const auto rowsB, rowsOfImport(*b));
        pairUp<std::int64_t, std::hash<std::int64_t>>(rowsA, rowsB, [&](std::int64_t x, std::int64_t y) {
            note(difference, x, y, x >= 0 && y >= 0 && before[static_cast<std::size_t>(x)] == after[static_cast<std::size_t>(y)]);
        });
    } else {
        pairUp<Hash128, HashOfHash>(before, after, [&](std::int64_t x, std::int64_t y) { note(difference, x, y, true); });
    }
    return difference;
}

Result<Json> DatasetDifference::toJson(const importer::Dataset& before, const importer::Dataset& after, std::int64_t limit) const
{
    Json list = Json::array();
    for (const auto& row : rows) {
        if (static_cast<std::int64_t>(list.size()) >= limit)
            break;
        Json entry {{"kind", row.kind == RowDifference::Kind::Added ? "added" : row.kind == RowDifference::Kind::Removed ? "removed" : "changed"}};
        if (row.from >= 0) {
            ATTUNE_TRY(Json values, before.values(row.from));
            entry["from_row"] = row.from;
            entry["from"] = std::move(values);
        }
        if (row.to >= 0) {
            ATTUNE_TRY(Json values, after.values(row.to));
            entry["to_row"] = row.to;
            entry["to"] = std::move(values);
        }
        list.push_back(std::move(entry));
    }
    return Json {{"from", from}, {"to", to}, {"rows_from", rowsFrom}, {"rows_to", rowsTo}, {"added", added}, {"removed", removed}, {"changed", changed}, {"unchanged", unchanged},
        {"columns_added", columnsAdded}, {"columns_removed", columnsRemoved}, {"roles_changed", rolesChanged}, {"rows", std::move(list)}};
}

}
