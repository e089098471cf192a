// SPDX-License-Identifier: GPL-3.0-or-later
// Splitting: units (rows, or groups of rows that must stay together) are shuffled and dealt out; with
// stratification the dealing is done class by class, so that every part sees every class.
#include "cleaner/cleaned_dataset.h"
#include "cleaner/random.h"
#include "importer/source_dataset.h"
#include "pipeline/dataset_jobs.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_versions.h"

#include <cmath>
#include <numeric>
#include <unordered_map>

namespace attune::pipeline {
namespace {

const std::vector<std::string> kParts {"train", "eval", "test"};

/// Rows that go together.
struct Unit {
    std::vector<std::int64_t> rows;
    std::string stratum;
};

Status checkOptions(const SplitOptions& options)
{
    double sum = 0;
    for (const double ratio : options.ratios) {
        if (!(ratio >= 0 && ratio <= 1))
            return fail(ErrorCode::Usage, fmt::format("{} is no share.", ratio), "Give shares between 0 and 1, for example 0.8,0.1,0.1.");
        sum += ratio;
    }
    if (options.ratios.empty() || options.ratios.size() > kParts.size() || std::abs(sum - 1) > 1e-6)
        return fail(ErrorCode::Usage, fmt::format("The shares {} add up to {:g}.", fmt::join(options.ratios, ","), sum), "Give one to three shares (train, eval, test) that add up to 1.");
    return {};
}

Result<int> columnNumber(const importer::Dataset& data, const std::string& name)
{
    if (name.empty())
        return -1;
    for (std::size_t c = 0; c < data.columns().size(); ++c)
        if (data.columns()[c].name == name)
            return static_cast<int>(c);
    return fail(ErrorCode::Usage, fmt::format("There is no column \"{}\".", name), "attune data stats shows the columns.");
}

std::int64_t rootOf(std::vector<std::int64_t>& parent, std::int64_t row)
{
    const auto at = [&](std::int64_t r) -> std::int64_t& { return parent[static_cast<std::size_t>(r)]; };
    while (at(row) != row)
        row = at(row) = at(at(row));
    return row;
}

void join(std::vector<std::int64_t>& parent, std::int64_t a, std::int64_t b)
{
    a = rootOf(parent, a);
    b = rootOf(parent, b);
    parent[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);
}

/// For each row the lowest row that it must stay with, by group column and by duplicates.
Result<std::vector<std::int64_t>> companions(const importer::Dataset& data, const SplitOptions& options, int group, const JobContext& context)
{
    std::vector<std::int64_t> parent(static_cast<std::size_t>(data.rows()));
    for (std::size_t i = 0; i < parent.size(); ++i)
        parent[i] = static_cast<std::int64_t>(i);
    if (group >= 0) {
        std::unordered_map<std::string, std::int64_t> firstOfGroup;
        importer::Row row;
        for (std::int64_t i = 0; i < data.rows(); ++i) {
            ATTUNE_RETURN_IF_ERROR(data.read(i, row));
            const auto [it, isNew] = firstOfGroup.try_emplace(std::string(importer::plainText(row[static_cast<std::size_t>(group)])), i);
            if (!isNew)
                join(parent, it->second, i);
        }
    }
    if (options.together) {
        ATTUNE_TRY(const auto groups, cleaner::findDuplicates(cleaner::DatasetRows(data), *options.together, context));
        for (const auto& cluster : groups)
            for (const std::int64_t row : cluster.drop)
                join(parent, cluster.keep, row);
    }
    return parent;
}

Result<std::vector<Unit>> unitsOf(const importer::Dataset& data, const SplitOptions& options, const JobContext& context)
{
    ATTUNE_TRY(const int stratify, columnNumber(data, options.stratify));
    ATTUNE_TRY(const int group, columnNumber(data, options.group));
    ATTUNE_TRY(auto parent, companions(data, options, group, context));
    std::vector<Unit> units;
    std::vector<std::int64_t> unitOfRow(parent.size(), -1);
    importer::Row row;
    for (std::int64_t i = 0; i < data.rows(); ++i) {
        if (i % 4096 == 0 && context.isCancelled())
            return fail(ErrorCode::Cancelled, "The split was cancelled.", "Nothing was changed.");
        auto& unit = unitOfRow[static_cast<std::size_t>(rootOf(parent, i))];
        if (unit >= 0) {
            units[static_cast<std::size_t>(unit)].rows.push_back(i);
            continue;
        }
        std::string stratum;
        if (stratify >= 0) {
            ATTUNE_RETURN_IF_ERROR(data.read(i, row));
            stratum = importer::plainText(row[static_cast<std::size_t>(stratify)]);
        }
        unit = static_cast<std::int64_t>(units.size());
        units.push_back({{i}, std::move(stratum)});
    }
    return units;
}

/// Which part a column's value names; -1 if none.
int partNamed(std::string_view value)
{
    std::string name(value);
    for (char& c : name)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (name == "train" || name == "training")
        return 0;
    if (name == "eval" || name == "evaluation" || name == "validation" || name == "valid" || name == "val" || name == "dev")
        return 1;
    return name == "test" || name == "testing" ? 2 : -1;
}

Result<std::vector<cleaner::Selection>> partsByColumn(const importer::Dataset& data, const SplitOptions& options, const JobContext& context)
{
    ATTUNE_TRY(const int column, columnNumber(data, options.column));
    std::vector<cleaner::Selection> parts(kParts.size());
    importer::Row row;
    for (std::int64_t i = 0; i < data.rows(); ++i) {
        if (i % 4096 == 0 && context.isCancelled())
            return fail(ErrorCode::Cancelled, "The split was cancelled.", "Nothing was changed.");
        ATTUNE_RETURN_IF_ERROR(data.read(i, row));
        const auto value = importer::plainText(row[static_cast<std::size_t>(column)]);
        const int part = partNamed(value);
        if (part < 0)
            return fail(ErrorCode::Usage, fmt::format("\"{}\" in row {} names no part.", value, i), "The column's values must be train, eval (or validation) or test.");
        parts[static_cast<std::size_t>(part)].push_back(i);
    }
    return parts;
}

/// Deals units out in shuffled order: each goes to the part that lacks most of its share.
void deal(const std::vector<const Unit*>& units, const std::vector<double>& ratios, std::vector<cleaner::Selection>& parts)
{
    std::vector<double> got(ratios.size());
    double total = 0;
    for (const Unit* unit : units) {
        total += static_cast<double>(unit->rows.size());
        std::size_t best = 0;
        double most = -1e300;
        for (std::size_t p = 0; p < ratios.size(); ++p)
            if (const double lack = ratios[p] * total - got[p]; ratios[p] > 0 && lack > most + 1e-9) {
                most = lack;
                best = p;
            }
        got[best] += static_cast<double>(unit->rows.size());
        parts[best].insert(parts[best].end(), unit->rows.begin(), unit->rows.end());
    }
}

std::vector<cleaner::Selection> partsOf(std::vector<Unit>& units, const SplitOptions& options)
{
    cleaner::Random(options.seed).shuffle(units);
    std::map<std::string, std::vector<const Unit*>> strata;
    for (const auto& unit : units)
        strata[unit.stratum].push_back(&unit);
    std::vector<cleaner::Selection> parts(options.ratios.size());
    for (const auto& [name, members] : strata)
        deal(members, options.ratios, parts);
    for (auto& part : parts)
        std::sort(part.begin(), part.end());
    return parts;
}

}

std::vector<std::int64_t> plannedParts(std::int64_t rows, const std::vector<double>& ratios)
{
    std::vector<std::int64_t> parts;
    for (const double ratio : ratios)
        parts.push_back(static_cast<std::int64_t>(std::floor(ratio * static_cast<double>(rows) + 1e-9)));
    const auto lack = [&](std::size_t p) { return ratios[p] * static_cast<double>(rows) - static_cast<double>(parts[p]); };
    for (std::int64_t left = rows - std::accumulate(parts.begin(), parts.end(), std::int64_t(0)); left > 0; --left) {
        std::size_t best = 0;
        for (std::size_t p = 1; p < parts.size(); ++p)
            if (lack(p) > lack(best) + 1e-9)
                best = p;
        ++parts[best];
    }
    return parts;
}

Result<std::map<std::string, std::int64_t>> splitDataset(store::Store& store, const std::string& dataset, const SplitOptions& options, const JobContext& context)
{
    ATTUNE_RETURN_IF_ERROR(checkOptions(options));
    ATTUNE_TRY(const auto name, parseDatasetName(dataset));
    if (!name.split.empty())
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is a split already.", dataset), fmt::format("Split {} again instead.", name.name));
    ATTUNE_TRY(const auto from, findDataset(store, name));
    ATTUNE_TRY(const auto data, openVersion(from, {}));
    std::vector<cleaner::Selection> parts;
    if (options.column.empty()) {
        ATTUNE_TRY(auto units, unitsOf(*data, options, context));
        parts = partsOf(units, options);
    } else {
        ATTUNE_TRY(parts, partsByColumn(*data, options, context));
    }
    std::map<std::string, std::int64_t> counts;
    ATTUNE_TRY([[maybe_unused]] const auto made, addVersion(store, from.name, [&](const std::string& folder, store::DatasetRow& row) -> Status {
        row.rows = from.rows;
        row.info = from.info;
        row.info["kind"] = "split";
        row.info["base"] = from.info.value("base", from.folder);
        row.info["parent"] = fmt::format("{}@{}", from.name, from.version);
        row.info["split"] = {{"ratios", options.ratios}, {"seed", options.seed}, {"stratify", options.stratify}, {"group", options.group}, {"column", options.column}, {"duplicates", options.together ? cleaner::methodName(options.together->method) : ""}};
        row.info["splits"] = Json::object();
        for (std::size_t p = 0; p < kParts.size(); ++p) {
            const cleaner::Selection part = p < parts.size() ? parts[p] : cleaner::Selection();
            ATTUNE_RETURN_IF_ERROR(cleaner::RowList::write(fmt::format("{}/split-{}.rows", folder, kParts[p]), part));
            row.info["splits"][kParts[p]] = part.size();
            counts[kParts[p]] = static_cast<std::int64_t>(part.size());
        }
        for (const char* file : {"steps.yaml", "rows"}) {
            std::error_code error;
            if (from.info.value("has_steps", false) && !fs::copy_file(from.folder + "/" + file, folder + "/" + file, error))
                return failSystem(folder, "write", error.value());
        }
        return {};
    }));
    return counts;
}

}
