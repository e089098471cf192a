// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attune::store {

/// A registered model: a name for a path.
struct ModelRow {
    std::string name, path, sha256, created;
    Json info;  ///< cached fields of `model info`
};

/// A registered dataset version.
struct DatasetRow {
    std::string name;
    int version = 1;
    std::int64_t rows = 0;
    std::string folder;   ///< index, edits, steps.yaml
    std::string created;
    Json info;            ///< columns, mapping, sources with hashes, splits, problems …
};

enum class RunStatus { Queued, Running, Paused, Stopped, Failed, Completed, Interrupted };
std::string_view statusName(RunStatus status);
std::optional<RunStatus> statusFromName(std::string_view name);

/// A run as the history keeps it; field names follow `run show --json` (cli.md).
struct RunRow {
    std::string id, name;
    RunStatus status = RunStatus::Queued;
    std::string recipe;       ///< path of the frozen recipe
    std::string model, method, dataset;
    std::int64_t stepsDone = 0, stepsTotal = 0, tokens = 0;
    std::optional<double> trainLoss, evalLoss;
    std::int64_t bestStep = 0;
    double tokensPerSecond = 0;
    std::int64_t peakMemoryBytes = 0, estimateBytes = 0;
    std::string started, finished;
    double seconds = 0;
    std::string folder, error;
    std::string notes;
    std::vector<std::string> tags;
    bool isArchived = false;
    int colour = 0;           ///< stored palette index: same run, same colour on every page
    Json summary;             ///< more facts: device, trainable parameters, hashes, lineage

    Json toJson() const;
};

struct MetricRow {
    std::int64_t rowId = 0;   ///< grows; the GUI asks for rows newer than the last it has
    std::int64_t step = 0;
    double epoch = 0;
    std::string split;        ///< "train" | "eval"
    std::string name;         ///< loss learning_rate grad_norm tokens_per_second memory_bytes …
    double value = 0;
    std::int64_t tokens = 0;  ///< cumulative
    double seconds = 0;       ///< since the start, pauses left out
};

/// What happened in a run beside numbers: alert, checkpoint, sample, status.
struct RunEvent {
    std::int64_t rowId = 0;
    std::int64_t step = 0;
    std::string kind;
    std::string time;
    Json data;
};

enum class RunCommand { Stop, Pause, Resume, Save, Sample, Evaluate };
std::string_view commandName(RunCommand command);

/// The workspace: its folder, its SQLite database (WAL) and the files beside it. Each thread opens
/// its own Store; both programs may have the same workspace open at once.
/// Errors of all calls: StoreCorrupt, DiskFull, DiskWrite.
class Store
{
public:
    /// Makes the folder and the database on first use and migrates older ones (after a backup copy).
    static Result<std::unique_ptr<Store>> open(const std::string& workspace);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    const std::string& workspace() const { return m_workspace; }
    std::string folder(std::string_view kind) const;  ///< "datasets", "runs", "cache/tokens", made on demand
    /// PRAGMA data_version: changes when another connection wrote.
    std::int64_t dataVersion() const;
    /// Reads the whole database; for doctor. Error StoreCorrupt, with what to do.
    Status checkIntegrity() const;
    /// Moves a file or folder of the workspace into .trash; returns its new path.
    Result<std::string> moveToTrash(const std::string& path);

    // -- models
    Status putModel(const ModelRow& row);
    Result<std::optional<ModelRow>> model(const std::string& name) const;
    Result<std::vector<ModelRow>> models() const;
    Status removeModel(const std::string& name);

    // -- datasets: (name, version) is the key; version 0 asks for the newest
    Status putDataset(const DatasetRow& row);
    Result<std::optional<DatasetRow>> dataset(const std::string& name, int version = 0) const;
    Result<std::vector<DatasetRow>> datasets() const;  ///< newest version of each
    Result<std::vector<DatasetRow>> datasetVersions(const std::string& name) const;
    Status removeDataset(const std::string& name);

    // -- runs
    /// Inserts with id = <name>-<n>, n the smallest free number, made in one transaction; row.id and
    /// row.folder (made on disk) are set.
    Status createRun(RunRow& row);
    Status updateRun(const RunRow& row);           ///< everything but notes, tags, archive
    Status annotateRun(const std::string& id, const std::string& notes, const std::vector<std::string>& tags, bool isArchived);
    /// By id, or by a name that only one run has. Status `running` with a free lock comes back as Interrupted.
    Result<RunRow> run(const std::string& idOrName) const;  ///< error RunMissing
    Result<std::vector<RunRow>> runs() const;               ///< newest first
    Status removeRun(const std::string& id);                ///< folder goes to .trash

    // -- metrics and events; append is one transaction
    Status appendMetrics(const std::string& run, const std::vector<MetricRow>& rows);
    Result<std::vector<MetricRow>> metrics(const std::string& run, std::int64_t afterRowId = 0) const;
    /// One value; nullopt where it was not measured or is no number.
    Result<std::optional<double>> metricAt(const std::string& run, const std::string& split, const std::string& name, std::int64_t step) const;
    /// Removes metrics and events behind a step: a resume replaces them.
    Status truncateMetrics(const std::string& run, std::int64_t afterStep);
    Status appendEvent(const std::string& run, const RunEvent& event);
    Result<std::vector<RunEvent>> events(const std::string& run, std::int64_t afterRowId = 0) const;

    // -- steering: rows the owner reads between micro-batches
    Status postCommand(const std::string& run, RunCommand command);
    Result<std::vector<RunCommand>> takeCommands(const std::string& run);

    // -- exports
    Status putExport(const std::string& run, const Json& info);
    Result<std::vector<Json>> exports(const std::string& run) const;  ///< empty run: all

    // -- small settings and learned values (memory correction per machine …)
    Status putValue(const std::string& key, const Json& value);
    Result<Json> value(const std::string& key) const;  ///< null if there is none

private:
    Store();
    std::string m_workspace;
    struct Private;
    std::unique_ptr<Private> d;
};

/// The lock of a run: the process that holds flock on runs/<id>/lock owns it (pid, host, boot id inside).
class RunLock
{
public:
    /// Errors: Locked, naming the owner.
    static Result<RunLock> acquire(const std::string& runFolder);
    static bool isHeld(const std::string& runFolder);
    RunLock(RunLock&& other) noexcept;
    RunLock& operator=(RunLock&& other) noexcept;
    ~RunLock();

private:
    RunLock() = default;
    int m_fd = -1;
};

/// UTC, ISO 8601: "2026-11-21T07:18:00Z".
std::string nowUtc();

}
