// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_steps.h"

#include "pipeline/cleaned_version.h"
#include "pipeline/dataset_lookup.h"
#include "store/dataset_versions.h"

namespace attune::pipeline {
namespace {

bool isSame(const cleaner::Step& a, const cleaner::Step& b)
{
    return a.type == b.type && a.isEnabled == b.isEnabled && a.options == b.options;
}

bool isStartOf(const std::vector<cleaner::Step>& present, const std::vector<cleaner::Step>& wanted)
{
    return present.size() <= wanted.size() && std::equal(present.begin(), present.end(), wanted.begin(), isSame);
}

Error noRowsLeft(std::int64_t rows)
{
    return fail(ErrorCode::DatasetEmpty, fmt::format("No rows are left after the steps (0 of {}).", rows), "Loosen the step that drops them; nothing was changed.");
}

/// Whether anything says "name@3", as a word of its own.
bool isNamedIn(const std::string& text, const std::string& version)
{
    for (auto at = text.find(version); at != std::string::npos; at = text.find(version, at + 1)) {
        const auto end = at + version.size();
        if (end >= text.size() || text[end] < '0' || text[end] > '9')
            return true;
    }
    return false;
}

Result<bool> isInUse(store::Store& store, const std::string& version)
{
    ATTUNE_TRY(const auto runs, store.runs());
    for (const auto& run : runs)
        if (isNamedIn(run.dataset, version) || isNamedIn(toLine(run.summary), version))
            return true;
    ATTUNE_TRY(const auto datasets, store.datasets());
    for (const auto& dataset : datasets) {
        ATTUNE_TRY(const auto versions, store.datasetVersions(dataset.name));
        for (const auto& row : versions)
            if (isNamedIn(toLine(row.info), version))
                return true;
    }
    return false;
}

}

Result<std::vector<StepState>> stepStates(const store::DatasetRow& row)
{
    ATTUNE_TRY(auto steps, stepsOf(row));
    const Json reports = row.info.value(kStepReports, Json::array());
    std::vector<StepState> states;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        StepState state {std::move(steps[i]), {}};
        if (i < reports.size() && reports[i].is_object()) {
            const Json& report = reports[i];
            state.report = cleaner::StepReport {state.step.type, report.value("rows_in", std::int64_t(0)), report.value("rows_out", std::int64_t(0)),
                report.value("changed", std::int64_t(0)), report.value("seconds", 0.0)};
        }
        states.push_back(std::move(state));
    }
    return states;
}

Result<CleanReport> changeSteps(store::Store& store, const std::string& dataset, const std::vector<cleaner::Step>& steps, const cleaner::PrepareContext& prepare, const JobContext& context)
{
    ATTUNE_TRY(const auto row, changeable(store, dataset));
    ATTUNE_TRY(const auto present, stepsOf(row));
    const bool isLonger = isStartOf(present, steps);
    const std::vector<cleaner::Step> run(steps.begin() + static_cast<std::ptrdiff_t>(isLonger ? present.size() : 0), steps.end());
    store::DatasetRow from = row;
    if (!isLonger)
        from.info["has_steps"] = false;  // opened without its steps, it is the import
    ATTUNE_TRY(const auto data, openVersion(from, {}));
    ATTUNE_TRY(const auto chain, cleaner::StepChain::prepare(run, data->columns(), prepare));
    ATTUNE_TRY(auto result, cleaner::runSteps(cleaner::DatasetRows(*data), chain, context));
    if (result.selection.empty())
        return noRowsLeft(data->rows());
    ATTUNE_TRY(const auto made, isLonger ? addCleaned(store, row.name, row, run, result.selection, chain.columns(), result.reports)
                                         : addRecleaned(store, row, steps, result.selection, chain.columns(), result.reports));
    return CleanReport {std::move(result.reports), fmt::format("{}@{}", made.name, made.version)};
}

Result<std::string> takeBackVersion(store::Store& store, const std::string& name, const cleaner::PrepareContext& prepare, const JobContext& context)
{
    ATTUNE_TRY(const auto newest, findDataset(store, {name, 0, {}}));
    const std::string version = fmt::format("{}@{}", name, newest.version), parent = newest.info.value("parent", std::string());
    const auto before = parseDatasetName(parent);
    if (!before || before->name != name)
        return fail(ErrorCode::Usage, fmt::format("{} stands on no earlier version.", version), "The first version is the import; it stays.");
    ATTUNE_TRY(const bool isUsed, isInUse(store, version));
    if (isUsed) {
        ATTUNE_TRY(const auto row, findDataset(store, *before));
        ATTUNE_TRY(const auto steps, stepsOf(row));
        ATTUNE_TRY(auto report, changeSteps(store, version, steps, prepare, context));
        return report.dataset;
    }
    ATTUNE_RETURN_IF_ERROR(store::removeDatasetVersion(store, name, newest.version));
    ATTUNE_TRY([[maybe_unused]] const auto trash, store.moveToTrash(newest.folder));
    ATTUNE_TRY(const auto now, findDataset(store, {name, 0, {}}));
    return fmt::format("{}@{}", name, now.version);
}

}
