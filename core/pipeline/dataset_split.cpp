// SPDX-License-Identifier: GPL-3.0-or-later
// Splitting: units (rows, or groups of rows that must stay together) are shuffled and dealt out; with
// stratification the dealing is done class by class, so that every part sees every class.
#include "base/hash.h"
#include "cleaner/cleaned_dataset.h"
#include "cleaner/random.h"
#include "importer/source_dataset.h"
#include "pipeline/dataset_jobs.h"
#include "pipeline/dataset_lookup.h"
#include "pipeline/dataset_versions.h"

#include <cmath>
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

Result<std::vector<Unit>> unitsOf(const importer::Dataset& data, const SplitOptions& options, const JobContext& context)
{
    ATTUNE_TRY(const int stratify, columnNumber(data, options.stratify));
    ATTUNE_TRY(const int group, columnNumber(data, options.group));
    std::vector<Unit> units;
    std::unordered_map<std::string, std::size_t> unitOfGroup;
    importer::Row row;
    for (std::int64_t i = 0; i < data.rows(); ++i) {
        if (i % 4096 == 0 && context.isCancelled())
            return fail(ErrorCode::Cancelled, "The split was cancelled.", "Nothing was changed.");
        if (stratify >= 0 || group >= 0)
            ATTUNE_RETURN_IF_ERROR(data.read(i, row));
        const std::string stratum = stratify < 0 ? std::string() : std::string(importer::plainText(row[static_cast<std::size_t>(stratify)]));
        if (group >= 0) {
            const auto [it, isNew] = unitOfGroup.try_emplace(std::string(importer::plainText(row[static_cast<std::size_t>(group)])), units.size());
            if (!isNew) {
                units[it->second].rows.push_back(i);
                continue;
            }
        }
        units.push_back({{i}, stratum});
    }
    return units;
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

Result<std::map<std::string, std::int64_t>> splitDataset(store::Store& store, const std::string& dataset, const SplitOptions& options, const JobContext& context)
{
    ATTUNE_RETURN_IF_ERROR(checkOptions(options));
    ATTUNE_TRY(const auto name, parseDatasetName(dataset));
    if (!name.split.empty())
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is a split already.", dataset), fmt::format("Split {} again instead.", name.name));
    ATTUNE_TRY(const auto from, findDataset(store, name));
    ATTUNE_TRY(const auto data, openVersion(from, {}));
    ATTUNE_TRY(auto units, unitsOf(*data, options, context));
    const auto parts = partsOf(units, options);
    std::map<std::string, std::int64_t> counts;
    ATTUNE_TRY([[maybe_unused]] const auto made, addVersion(store, from.name, [&](const std::string& folder, store::DatasetRow& row) -> Status {
        row.rows = from.rows;
        row.info = from.info;
        row.info["kind"] = "split";
        row.info["base"] = from.info.value("base", from.folder);
        row.info["parent"] = fmt::format("{}@{}", from.name, from.version);
        row.info["split"] = {{"ratios", options.ratios}, {"seed", options.seed}, {"stratify", options.stratify}, {"group", options.group}};
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
