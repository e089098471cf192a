// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/edit_distance.h"
#include "base/file.h"
#include "base/names.h"
#include "store/database.h"

namespace attune::store {
namespace {

constexpr int kPaletteColours = 8;  // curves have eight colours (design: visual.md, charts)

constexpr const char* kRunColumns
    = "SELECT id, name, status, recipe, model, method, dataset, steps_done, steps_total, tokens, train_loss, eval_loss, best_step, "
      "tokens_per_second, peak_memory_bytes, estimate_bytes, started, finished, seconds, folder, error, notes, tags, archived, colour, summary FROM run";

struct StatusName { RunStatus status; std::string_view name; };
constexpr StatusName kStatusNames[] = {{RunStatus::Queued, "queued"}, {RunStatus::Running, "running"}, {RunStatus::Paused, "paused"},
    {RunStatus::Stopped, "stopped"}, {RunStatus::Failed, "failed"}, {RunStatus::Completed, "completed"}, {RunStatus::Interrupted, "interrupted"}};

std::optional<double> numberOrNull(const SQLite::Column& column)
{
    return column.isNull() ? std::nullopt : std::optional(column.getDouble());
}

RunRow runFrom(SQLite::Statement& s)
{
    RunRow row;
    int i = 0;
    auto text = [&] { return s.getColumn(i++).getString(); };
    auto integer = [&] { return s.getColumn(i++).getInt64(); };
    auto number = [&] { return s.getColumn(i++).getDouble(); };
    row.id = text(), row.name = text();
    row.status = statusFromName(text()).value_or(RunStatus::Interrupted);
    row.recipe = text(), row.model = text(), row.method = text(), row.dataset = text();
    row.stepsDone = integer(), row.stepsTotal = integer(), row.tokens = integer();
    row.trainLoss = numberOrNull(s.getColumn(i++)), row.evalLoss = numberOrNull(s.getColumn(i++));
    row.bestStep = integer(), row.tokensPerSecond = number(), row.peakMemoryBytes = integer(), row.estimateBytes = integer();
    row.started = text(), row.finished = text(), row.seconds = number(), row.folder = text(), row.error = text(), row.notes = text();
    for (const auto& tag : columnJson(s.getColumn(i++)))
        if (tag.is_string())
            row.tags.push_back(tag.get<std::string>());
    row.isArchived = integer() != 0, row.colour = static_cast<int>(integer());
    row.summary = columnJson(s.getColumn(i++));
    // The owner holds the lock as long as it lives; without it the run was killed.
    if (row.status == RunStatus::Running && !RunLock::isHeld(row.folder))
        row.status = RunStatus::Interrupted;
    return row;
}

void bindNumber(SQLite::Statement& s, int index, std::optional<double> value)
{
    value ? s.bind(index, *value) : s.bind(index);
}

/// The part of a row that a run itself writes, from parameter 1 on; returns the next parameter.
int bindProgress(SQLite::Statement& s, const RunRow& row)
{
    int i = 1;
    for (const std::string& text : {row.name, std::string(statusName(row.status)), row.recipe, row.model, row.method, row.dataset})
        s.bind(i++, text);
    for (const std::int64_t value : {row.stepsDone, row.stepsTotal, row.tokens})
        s.bind(i++, value);
    bindNumber(s, i++, row.trainLoss);
    bindNumber(s, i++, row.evalLoss);
    s.bind(i++, row.bestStep);
    s.bind(i++, row.tokensPerSecond);
    s.bind(i++, row.peakMemoryBytes);
    s.bind(i++, row.estimateBytes);
    s.bind(i++, row.started);
    s.bind(i++, row.finished);
    s.bind(i++, row.seconds);
    s.bind(i++, row.folder);
    s.bind(i++, row.error);
    s.bind(i++, toLine(row.summary));
    return i;
}

bool isTaken(SQLite::Database& database, const std::string& id)
{
    SQLite::Statement statement(database, "SELECT 1 FROM run WHERE id = ?");
    statement.bind(1, id);
    return statement.executeStep();
}

/// The smallest n whose id is free in the database and whose folder could be made.
Result<std::string> claimId(SQLite::Database& database, const std::string& name, const std::string& runs)
{
    for (int n = 1;; ++n) {
        const std::string id = fmt::format("{}-{}", name, n);
        if (isTaken(database, id))
            continue;
        std::error_code error;
        if (fs::create_directory(runs + "/" + id, error))
            return id;
        if (error)
            return failSystem(runs + "/" + id, "make", error.value());
    }
}

}

std::string_view statusName(RunStatus status)
{
    for (const auto& entry : kStatusNames)
        if (entry.status == status)
            return entry.name;
    return {};
}

std::optional<RunStatus> statusFromName(std::string_view name)
{
    for (const auto& entry : kStatusNames)
        if (entry.name == name)
            return entry.status;
    return {};
}

Json RunRow::toJson() const
{
    auto orNull = [](std::optional<double> value) { return value ? Json(*value) : Json(); };
    return Json {{"id", id}, {"name", name}, {"status", statusName(status)}, {"recipe", recipe}, {"model", model}, {"method", method},
        {"dataset", dataset}, {"steps_done", stepsDone}, {"steps_total", stepsTotal}, {"tokens", tokens}, {"train_loss", orNull(trainLoss)},
        {"eval_loss", orNull(evalLoss)}, {"best_step", bestStep}, {"tokens_per_second", tokensPerSecond},
        {"peak_memory_bytes", peakMemoryBytes}, {"estimate_bytes", estimateBytes}, {"started", started}, {"seconds", seconds},
        {"folder", folder}, {"error", error.empty() ? Json() : Json(error)}, {"finished", finished.empty() ? Json() : Json(finished)},
        {"notes", notes}, {"tags", tags}, {"archived", isArchived}, {"colour", colour}, {"summary", summary}};
}

std::int64_t Store::Private::runKey(const std::string& id) const
{
    SQLite::Statement statement(*database, "SELECT key FROM run WHERE id = ?");
    statement.bind(1, id);
    return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

Error Store::Private::runMissing(const std::string& id) const
{
    std::vector<std::string> known;
    SQLite::Statement statement(*database, "SELECT id FROM run UNION SELECT name FROM run");
    while (statement.executeStep())
        known.push_back(statement.getColumn(0).getString());
    const std::string near = nearest(id, known);
    return fail(ErrorCode::RunMissing, fmt::format("There is no run called {}.", id),
        near.empty() ? "`attune run list` shows the runs of this workspace." : fmt::format("Did you mean {}?", near));
}

Status Store::createRun(RunRow& row)
{
    ATTUNE_RETURN_IF_ERROR(checkName(row.name, "run"));
    const std::string runs = folder("runs");
    return guarded(d->path, [&]() -> Status {
        Write write(*d->database);
        ATTUNE_TRY(row.id, claimId(*d->database, row.name, runs));
        row.folder = runs + "/" + row.id;
        SQLite::Statement statement(*d->database,
            "INSERT INTO run (name, status, recipe, model, method, dataset, steps_done, steps_total, tokens, train_loss, eval_loss, best_step, "
            "tokens_per_second, peak_memory_bytes, estimate_bytes, started, finished, seconds, folder, error, summary, id, notes, tags, archived, colour) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        row.colour = d->database->execAndGet("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'run'), 0)").getInt() % kPaletteColours;
        if (row.started.empty())
            row.started = nowUtc();
        int i = bindProgress(statement, row);
        statement.bind(i++, row.id);
        statement.bind(i++, row.notes);
        statement.bind(i++, toLine(Json(row.tags)));
        statement.bind(i++, row.isArchived ? 1 : 0);
        statement.bind(i++, row.colour);
        statement.exec();
        write.commit();
        return {};
    });
}

Status Store::updateRun(const RunRow& row)
{
    return guarded(d->path, [&]() -> Status {
        Write write(*d->database);
        SQLite::Statement statement(*d->database,
            "UPDATE run SET name = ?, status = ?, recipe = ?, model = ?, method = ?, dataset = ?, steps_done = ?, steps_total = ?, tokens = ?, "
            "train_loss = ?, eval_loss = ?, best_step = ?, tokens_per_second = ?, peak_memory_bytes = ?, estimate_bytes = ?, started = ?, "
            "finished = ?, seconds = ?, folder = ?, error = ?, summary = ? WHERE id = ?");
        statement.bind(bindProgress(statement, row), row.id);
        if (statement.exec() == 0)
            return d->runMissing(row.id);
        write.commit();
        return {};
    });
}

Status Store::annotateRun(const std::string& id, const std::string& notes, const std::vector<std::string>& tags, bool isArchived)
{
    return guarded(d->path, [&]() -> Status {
        Write write(*d->database);
        SQLite::Statement statement(*d->database, "UPDATE run SET notes = ?, tags = ?, archived = ? WHERE id = ?");
        SQLite::bind(statement, notes, toLine(Json(tags)), isArchived ? 1 : 0, id);
        if (statement.exec() == 0)
            return d->runMissing(id);
        write.commit();
        return {};
    });
}

Result<RunRow> Store::run(const std::string& idOrName) const
{
    return guarded(d->path, [&]() -> Result<RunRow> {
        SQLite::Statement byId(*d->database, fmt::format("{} WHERE id = ?", kRunColumns));
        byId.bind(1, idOrName);
        if (byId.executeStep())
            return runFrom(byId);
        std::vector<RunRow> rows;
        SQLite::Statement byName(*d->database, fmt::format("{} WHERE name = ? ORDER BY key", kRunColumns));
        byName.bind(1, idOrName);
        while (byName.executeStep())
            rows.push_back(runFrom(byName));
        if (rows.size() == 1)
            return rows.front();
        if (rows.empty())
            return d->runMissing(idOrName);
        std::vector<std::string> ids;
        for (const auto& row : rows)
            ids.push_back(row.id);
        return fail(ErrorCode::RunMissing, fmt::format("{} runs are called {}.", rows.size(), idOrName), fmt::format("Say which: {}.", fmt::join(ids, ", ")));
    });
}

Result<std::vector<RunRow>> Store::runs() const
{
    return guarded(d->path, [&]() -> Result<std::vector<RunRow>> {
        std::vector<RunRow> rows;
        SQLite::Statement statement(*d->database, fmt::format("{} ORDER BY key DESC", kRunColumns));
        while (statement.executeStep())
            rows.push_back(runFrom(statement));
        return rows;
    });
}

Status Store::removeRun(const std::string& id)
{
    ATTUNE_TRY(const RunRow row, run(id));
    if (RunLock::isHeld(row.folder))
        return fail(ErrorCode::Locked, fmt::format("{} is being trained right now.", row.id), fmt::format("Stop it first: attune run stop {}.", row.id));
    std::error_code error;
    if (fs::exists(row.folder, error)) {
        ATTUNE_RETURN_IF_ERROR(moveToTrash(row.folder));
    }
    return guarded(d->path, [&] {
        Write write(*d->database);
        SQLite::Statement statement(*d->database, "DELETE FROM run WHERE id = ?");
        statement.bind(1, row.id);
        statement.exec();
        write.commit();
    });
}

}
