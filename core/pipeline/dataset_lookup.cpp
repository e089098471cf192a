// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_lookup.h"

#include "base/edit_distance.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/names.h"
#include "cleaner/cleaned_dataset.h"
#include "importer/import.h"
#include "importer/source_dataset.h"

#include <charconv>

namespace attune::pipeline {
namespace {

bool isFile(const std::string& argument)
{
    std::error_code error;
    return fs::exists(absolutePath(argument), error);
}

Error missing(const store::Store& store, const std::string& name)
{
    std::vector<std::string> names;
    if (const auto rows = store.datasets())
        for (const auto& row : *rows)
            names.push_back(row.name);
    const std::string near = nearest(name, names);
    return fail(ErrorCode::DatasetMissing, fmt::format("There is no dataset \"{}\", and no file of that name.", name),
        near.empty() ? std::string("attune data list shows the datasets; attune data import adds one.") : fmt::format("Did you mean \"{}\"?", near));
}

/// The folder in which a file's index is kept: another path, size or time gives another one.
std::string cacheFolder(store::Store& store, const std::string& path)
{
    std::error_code error;
    const auto bytes = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
    const std::string key = fmt::format("{}\n{}\n{}", path, bytes, importer::modifiedTime(path));
    return store.folder("cache/datasets") + "/" + hash128(key).hex();
}

Result<importer::DatasetPtr> openFile(store::Store& store, const std::string& path, const JobContext& context)
{
    const std::string folder = cacheFolder(store, path);
    std::error_code error;
    if (fs::is_regular_file(path, error))
        if (auto known = importer::SourceDataset::open(path, folder))
            return importer::DatasetPtr(*known);
    if (auto made = importer::importFiles({path}, folder, {}, context); !made) {
        fs::remove_all(folder, error);
        return made.error();
    }
    ATTUNE_TRY(auto dataset, importer::SourceDataset::open(path, folder));
    return importer::DatasetPtr(std::move(dataset));
}

/// Rows of a version that a split names.
Result<importer::DatasetPtr> splitOf(const store::DatasetRow& row, importer::DatasetPtr whole, const std::string& split)
{
    const Json splits = row.info.value("splits", Json::object());
    if (!splits.contains(split)) {
        std::vector<std::string> names;
        for (const auto& [name, rows] : splits.items())
            names.push_back(name);
        return fail(ErrorCode::DatasetMissing, fmt::format("{}@{} has no split \"{}\".", row.name, row.version, split),
            names.empty() ? fmt::format("Make one with attune data split {}.", row.name) : fmt::format("Its splits are {}.", fmt::join(names, ", ")));
    }
    const std::string path = fmt::format("{}/split-{}.rows", row.folder, split);
    ATTUNE_TRY(auto list, cleaner::RowList::open(path));
    ATTUNE_TRY(const auto listHash, hash128OfFile(path));
    ATTUNE_TRY(auto chain, cleaner::StepChain::prepare({}, whole->columns()));
    for (std::int64_t i = 0; i < list.size(); ++i)
        if (list[i] >= whole->rows())
            return fail(ErrorCode::FileCorrupt, fmt::format("The split {} names a row that is not there.", path), "Make the split again.");
    const std::string hash = hash128(whole->contentHash() + listHash.hex()).hex();
    return importer::DatasetPtr(std::make_shared<cleaner::CleanedDataset>(whole->name() + ":" + split, whole, std::make_shared<const cleaner::RowList>(std::move(list)), std::move(chain), hash));
}

}

Result<DatasetName> parseDatasetName(const std::string& text)
{
    DatasetName name;
    std::string rest = text;
    if (const auto colon = rest.find(':'); colon != std::string::npos) {
        name.split = rest.substr(colon + 1);
        rest.resize(colon);
        ATTUNE_RETURN_IF_ERROR(checkName(name.split, "split"));
    }
    if (const auto at = rest.find('@'); at != std::string::npos) {
        const char *begin = rest.data() + at + 1, *end = rest.data() + rest.size();
        const auto [stop, error] = std::from_chars(begin, end, name.version);
        if (error != std::errc() || stop != end || name.version < 1)
            return fail(ErrorCode::BadName, fmt::format("\"{}\" names no version.", text), "A version is a number from 1 on, as in name@2.");
        rest.resize(at);
    }
    name.name = rest;
    ATTUNE_RETURN_IF_ERROR(checkName(name.name, "dataset"));
    return name;
}

Result<store::DatasetRow> findDataset(store::Store& store, const DatasetName& name)
{
    ATTUNE_TRY(const auto row, store.dataset(name.name, name.version));
    if (row)
        return *row;
    if (name.version > 0) {
        ATTUNE_TRY(const auto newest, store.dataset(name.name));
        if (newest)
            return fail(ErrorCode::DatasetMissing, fmt::format("{} has no version {}.", name.name, name.version), fmt::format("The newest is {}@{}.", name.name, newest->version));
    }
    return missing(store, name.name);
}

Result<importer::IndexHeader> importOf(const store::DatasetRow& row)
{
    const std::string base = row.info.value("base", row.folder);
    ATTUNE_TRY(const auto index, importer::DatasetIndex::open(base + "/" + importer::kIndexFile));
    return index.header();
}

Result<importer::DatasetPtr> openVersion(const store::DatasetRow& row, const std::string& split)
{
    const std::string base = row.info.value("base", row.folder);
    const std::string name = fmt::format("{}@{}", row.name, row.version);
    ATTUNE_TRY(auto imported, importer::SourceDataset::open(name, base));
    importer::DatasetPtr data = imported;
    if (row.info.value("has_steps", false)) {
        ATTUNE_TRY(const std::string yaml, readFile(row.folder + "/steps.yaml"));
        ATTUNE_TRY(const auto steps, cleaner::parseSteps(yaml));
        // Steps that only chose rows have done so: the list holds their result, whatever tokenizer it took.
        const cleaner::PrepareContext context {[](std::string_view) { return std::int64_t(0); }};
        ATTUNE_TRY(auto chain, cleaner::StepChain::prepare(steps, imported->columns(), context));
        ATTUNE_TRY(auto list, cleaner::RowList::open(row.folder + "/rows"));
        for (std::int64_t i = 0; i < list.size(); ++i)
            if (list[i] >= imported->rows())
                return fail(ErrorCode::FileCorrupt, fmt::format("The row list of {} names a row that is not there.", name), "Go back to an earlier version of the dataset.");
        ATTUNE_TRY(const auto listHash, hash128OfFile(row.folder + "/rows"));
        const std::string hash = hash128(imported->contentHash() + yaml + listHash.hex()).hex();
        data = std::make_shared<cleaner::CleanedDataset>(name, imported, std::make_shared<const cleaner::RowList>(std::move(list)), std::move(chain), hash);
    }
    if (split.empty())
        return data;
    return splitOf(row, data, split);
}

Result<importer::DatasetPtr> openDataset(store::Store& store, const std::string& argument, const JobContext& context)
{
    if (isFile(argument))
        return openFile(store, absolutePath(argument), context);
    if (argument.find('/') != std::string::npos || argument.starts_with("~"))
        return fail(ErrorCode::FileMissing, fmt::format("There is no file {}.", absolutePath(argument)), "Check the path for a typing error, or whether the drive is mounted.");
    ATTUNE_TRY(const auto name, parseDatasetName(argument));
    ATTUNE_TRY(const auto row, findDataset(store, name));
    return openVersion(row, name.split);
}

}
