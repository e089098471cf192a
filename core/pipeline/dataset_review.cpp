// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_review.h"

#include "base/file.h"

#include "cleaner/row_key.h"
#include "importer/chunks.h"
#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_versions.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace attune::pipeline {
namespace {

constexpr std::size_t kChunkRows = 4096;
// A list of steps may hold so many entries; more rows than that share them.
constexpr std::size_t kMostEntries = 2000;

struct HashOfHash {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

std::string notDuplicatesKey(const std::string& name)
{
    return "not_duplicates/" + name;
}

Result<std::string> contentOf(const importer::Dataset& data, std::int64_t number)
{
    thread_local importer::Row row;
    ATTUNE_RETURN_IF_ERROR(data.read(number, row));
    return cleaner::rowHash(row).hex();
}

Result<std::vector<Hash128>> hashesOf(const importer::Dataset& data, const JobContext& context)
{
    const auto rows = static_cast<std::size_t>(data.rows());
    std::vector<Hash128> hashes(rows);
    const std::size_t chunks = (rows + kChunkRows - 1) / kChunkRows;
    std::mutex mutex;
    std::optional<Error> problem;
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(chunks, importer::workerCount(0), context, [&](std::size_t chunk, unsigned) {
        importer::Row row;
        for (std::size_t i = chunk * kChunkRows; i < std::min(rows, (chunk + 1) * kChunkRows); ++i) {
            if (auto status = data.read(static_cast<std::int64_t>(i), row); !status) {
                const std::lock_guard lock(mutex);
                problem = status.error();
                return;
            }
            hashes[i] = cleaner::rowHash(row);
        }
        context.report("Naming rows by their content", chunk + 1, chunks);
    }));
    if (problem)
        return *problem;
    return hashes;
}

/// One entry per row, or several to an entry where there are very many.
Json entriesOf(const std::vector<std::string>& names)
{
    const std::size_t share = (names.size() + kMostEntries - 1) / kMostEntries;
    Json entries = Json::array();
    for (std::size_t i = 0; i < names.size(); i += share) {
        std::string entry;
        for (std::size_t k = i; k < std::min(names.size(), i + share); ++k)
            entry += (k == i ? "" : " ") + names[k];
        entries.push_back(std::move(entry));
    }
    return entries;
}

}

Result<cleaner::Step> dropRowsStep(const importer::Dataset& data, const std::vector<std::int64_t>& rows, const JobContext& context)
{
    ATTUNE_TRY(const auto hashes, hashesOf(data, context));
    std::vector<std::int64_t> dropped(rows);
    std::sort(dropped.begin(), dropped.end());
    dropped.erase(std::unique(dropped.begin(), dropped.end()), dropped.end());
    struct Count {
        std::int64_t all = 0, dropped = 0;
        std::vector<std::int64_t> places;
    };
    std::unordered_map<Hash128, Count, HashOfHash> counts;
    for (const std::int64_t row : dropped)
        ++counts[hashes[static_cast<std::size_t>(row)]].dropped;
    std::size_t next = 0;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        const auto it = counts.find(hashes[i]);
        if (it == counts.end())
            continue;
        if (next < dropped.size() && dropped[next] == static_cast<std::int64_t>(i)) {
            it->second.places.push_back(it->second.all);
            ++next;
        }
        ++it->second.all;
    }
    std::vector<std::string> names;
    for (const std::int64_t row : dropped) {
        auto& count = counts[hashes[static_cast<std::size_t>(row)]];
        const std::string hash = hashes[static_cast<std::size_t>(row)].hex();
        if (count.places.empty())
            continue;  // named already
        if (count.dropped == count.all)
            names.push_back(hash);
        else
            for (const std::int64_t place : count.places)
                names.push_back(fmt::format("{}:{}", hash, place));
        count.places.clear();
    }
    return cleaner::Step {"drop_rows", {{"row_hashes", entriesOf(names)}}};
}

Result<CleanReport> dropRows(store::Store& store, const std::string& dataset, const std::vector<std::int64_t>& rows, const JobContext& context)
{
    ATTUNE_TRY(const auto version, changeable(store, dataset));
    ATTUNE_TRY(const auto data, openVersion(version, {}));
    ATTUNE_TRY(auto step, dropRowsStep(*data, rows, context));
    return cleanDataset(store, fmt::format("{}@{}", version.name, version.version), {std::move(step)}, {}, {}, context);
}

Result<NotDuplicates> notDuplicates(const store::Store& store, const std::string& name)
{
    ATTUNE_TRY(const Json json, store.value(notDuplicatesKey(name)));
    NotDuplicates marks;
    if (!json.is_array())
        return marks;
    for (const auto& list : json) {
        std::vector<std::string> contents;
        if (list.is_array())
            for (const auto& hash : list)
                if (hash.is_string())
                    contents.push_back(hash.get<std::string>());
        if (!contents.empty())
            marks.insert(std::move(contents));
    }
    return marks;
}

Status setNotDuplicates(store::Store& store, const std::string& name, const NotDuplicates& marks)
{
    return store.putValue(notDuplicatesKey(name), Json(std::vector<std::vector<std::string>>(marks.begin(), marks.end())));
}

Result<std::vector<std::string>> contentsOf(const importer::Dataset& data, const cleaner::Cluster& cluster)
{
    std::vector<std::string> contents;
    for (const auto& member : cluster.rows) {
        ATTUNE_TRY(auto hash, contentOf(data, member.row));
        contents.push_back(std::move(hash));
    }
    std::sort(contents.begin(), contents.end());
    contents.erase(std::unique(contents.begin(), contents.end()), contents.end());
    return contents;
}

Status leaveOut(const importer::Dataset& data, const NotDuplicates& marks, std::vector<cleaner::Cluster>& clusters)
{
    if (marks.empty())
        return {};
    std::unordered_map<std::string, std::vector<const std::vector<std::string>*>> marksOf;
    for (const auto& mark : marks)
        for (const auto& hash : mark)
            marksOf[hash].push_back(&mark);
    std::vector<cleaner::Cluster> left;
    for (auto& cluster : clusters) {
        ATTUNE_TRY(const auto first, contentOf(data, cluster.rows.front().row));
        const auto it = marksOf.find(first);
        bool isMarked = false;
        if (it != marksOf.end()) {
            ATTUNE_TRY(const auto contents, contentsOf(data, cluster));
            isMarked = std::any_of(it->second.begin(), it->second.end(), [&](const auto* mark) { return std::includes(mark->begin(), mark->end(), contents.begin(), contents.end()); });
        }
        if (!isMarked)
            left.push_back(std::move(cluster));
    }
    clusters = std::move(left);
    return {};
}

Result<store::DatasetRow> restoreVersion(store::Store& store, const std::string& name, int version)
{
    ATTUNE_TRY(const auto from, findDataset(store, {name, version, {}}));
    return addVersion(store, name, [&](const std::string& folder, store::DatasetRow& row) -> Status {
        row.rows = from.rows;
        row.info = from.info;
        row.info["kind"] = "restore";
        row.info["base"] = from.info.value("base", from.folder);
        row.info["parent"] = fmt::format("{}@{}", from.name, from.version);
        row.info["restored"] = from.version;
        std::vector<std::string> files {"scan.json", "issues.json"};
        if (from.info.value("has_steps", false))
            files.insert(files.end(), {"steps.yaml", "rows"});
        const Json splits = from.info.value("splits", Json::object());
        for (const auto& [split, count] : splits.items())
            files.push_back(fmt::format("split-{}.rows", split));
        for (const auto& file : files) {
            std::error_code error;
            const std::string path = from.folder + "/" + file;
            if (fs::exists(path, error) && !fs::copy_file(path, folder + "/" + file, error))
                return failSystem(folder, "write", error.value());
        }
        return {};
    });
}

}
