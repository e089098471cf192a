// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include <cmath>
#include <limits>

namespace attune::store {
namespace {

struct CommandName { RunCommand command; std::string_view name; };
constexpr CommandName kCommandNames[] = {{RunCommand::Stop, "stop"}, {RunCommand::Pause, "pause"}, {RunCommand::Resume, "resume"},
    {RunCommand::Save, "save"}, {RunCommand::Sample, "sample"}, {RunCommand::Evaluate, "evaluate"}};

}

std::string_view commandName(RunCommand command)
{
    for (const auto& entry : kCommandNames)
        if (entry.command == command)
            return entry.name;
    return {};
}

std::int64_t Store::Private::metricName(const std::string& name)
{
    if (const auto it = metricNames.find(name); it != metricNames.end())
        return it->second;
    SQLite::Statement insert(*database, "INSERT OR IGNORE INTO metric_name (name) VALUES (?)");
    insert.bind(1, name);
    insert.exec();
    SQLite::Statement select(*database, "SELECT key FROM metric_name WHERE name = ?");
    select.bind(1, name);
    select.executeStep();
    return metricNames[name] = select.getColumn(0).getInt64();
}

Status Store::appendMetrics(const std::string& run, const std::vector<MetricRow>& rows)
{
    if (rows.empty())
        return {};
    const auto known = d->metricNames;
    auto status = guarded(d->path, [&]() -> Status {
        Write write(*d->database);
        const std::int64_t key = d->runKey(run);
        if (key == 0)
            return d->runMissing(run);
        SQLite::Statement insert(*d->database,
            "INSERT INTO metric (run, step, epoch, split, name, value, tokens, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        for (const auto& row : rows) {
            insert.reset();
            SQLite::bind(insert, key, row.step, row.epoch, d->metricName(row.split), d->metricName(row.name), row.value, row.tokens, row.seconds);
            insert.exec();
        }
        write.commit();
        return {};
    });
    if (!status)
        d->metricNames = known;  // names made in a transaction that was taken back do not exist
    return status;
}

Result<std::vector<MetricRow>> Store::metrics(const std::string& run, std::int64_t afterRowId) const
{
    return guarded(d->path, [&]() -> Result<std::vector<MetricRow>> {
        const std::int64_t key = d->runKey(run);
        if (key == 0)
            return d->runMissing(run);
        std::vector<MetricRow> rows;
        SQLite::Statement select(*d->database,
            "SELECT metric.key, step, epoch, splits.name, names.name, value, tokens, seconds FROM metric "
            "JOIN metric_name AS splits ON splits.key = metric.split JOIN metric_name AS names ON names.key = metric.name "
            "WHERE run = ? AND metric.key > ? ORDER BY metric.key");
        SQLite::bind(select, key, afterRowId);
        while (select.executeStep()) {
            // SQLite keeps NaN as NULL.
            const double value = select.getColumn(5).isNull() ? std::numeric_limits<double>::quiet_NaN() : select.getColumn(5).getDouble();
            rows.push_back({select.getColumn(0).getInt64(), select.getColumn(1).getInt64(), select.getColumn(2).getDouble(),
                select.getColumn(3).getString(), select.getColumn(4).getString(), value, select.getColumn(6).getInt64(), select.getColumn(7).getDouble()});
        }
        return rows;
    });
}

Result<std::optional<double>> Store::metricAt(const std::string& run, const std::string& split, const std::string& name, std::int64_t step) const
{
    return guarded(d->path, [&]() -> Result<std::optional<double>> {
        const std::int64_t key = d->runKey(run);
        if (key == 0)
            return d->runMissing(run);
        SQLite::Statement select(*d->database,
            "SELECT value FROM metric WHERE run = ? AND step = ? AND split = (SELECT key FROM metric_name WHERE name = ?) "
            "AND name = (SELECT key FROM metric_name WHERE name = ?) LIMIT 1");
        SQLite::bind(select, key, step, split, name);
        if (!select.executeStep() || select.getColumn(0).isNull())
            return std::optional<double>();
        return std::optional(select.getColumn(0).getDouble());
    });
}

Status Store::truncateMetrics(const std::string& run, std::int64_t afterStep)
{
    return guarded(d->path, [&]() -> Status {
        Write write(*d->database);
        const std::int64_t key = d->runKey(run);
        if (key == 0)
            return d->runMissing(run);
        for (const char* table : {"metric", "run_event"}) {
            SQLite::Statement remove(*d->database, fmt::format("DELETE FROM {} WHERE run = ? AND step > ?", table));
            SQLite::bind(remove, key, afterStep);
            remove.exec();
        }
        write.commit();
        return {};
    });
}

Status Store::appendEvent(const std::string& run, const RunEvent& event)
{
    return guarded(d->path, [&]() -> Status {
        Write write(*d->database);
        const std::int64_t key = d->runKey(run);
        if (key == 0)
            return d->runMissing(run);
        SQLite::Statement insert(*d->database, "INSERT INTO run_event (run, step, kind, time, data) VALUES (?, ?, ?, ?, ?)");
        SQLite::bind(insert, key, event.step, event.kind, event.time.empty() ? nowUtc() : event.time, toLine(event.data));
        insert.exec();
        write.commit();
        return {};
    });
}

Result<std::vector<RunEvent>> Store::events(const std::string& run, std::int64_t afterRowId) const
{
    return guarded(d->path, [&]() -> Result<std::vector<RunEvent>> {
        const std::int64_t key = d->runKey(run);
        if (key == 0)
            return d->runMissing(run);
        std::vector<RunEvent> rows;
        SQLite::Statement select(*d->database, "SELECT key, step, kind, time, data FROM run_event WHERE run = ? AND key > ? ORDER BY key");
        SQLite::bind(select, key, afterRowId);
        while (select.executeStep())
            rows.push_back({select.getColumn(0).getInt64(), select.getColumn(1).getInt64(), select.getColumn(2).getString(),
                select.getColumn(3).getString(), columnJson(select.getColumn(4))});
        return rows;
    });
}

Status Store::postCommand(const std::string& run, RunCommand command)
{
    return guarded(d->path, [&]() -> Status {
        Write write(*d->database);
        const std::int64_t key = d->runKey(run);
        if (key == 0)
            return d->runMissing(run);
        SQLite::Statement insert(*d->database, "INSERT INTO run_command (run, command) VALUES (?, ?)");
        SQLite::bind(insert, key, std::string(commandName(command)));
        insert.exec();
        write.commit();
        return {};
    });
}

Result<std::vector<RunCommand>> Store::takeCommands(const std::string& run)
{
    return guarded(d->path, [&]() -> Result<std::vector<RunCommand>> {
        std::vector<RunCommand> commands;
        SQLite::Statement select(*d->database,
            "SELECT run_command.key, command FROM run_command JOIN run ON run.key = run_command.run WHERE run.id = ? ORDER BY run_command.key");
        select.bind(1, run);
        std::int64_t last = 0;
        while (select.executeStep()) {
            last = select.getColumn(0).getInt64();
            for (const auto& entry : kCommandNames)
                if (select.getColumn(1).getString() == entry.name)
                    commands.push_back(entry.command);
        }
        select.reset();
        if (last == 0)
            return commands;  // the usual case: a read, no lock
        Write write(*d->database);
        SQLite::Statement remove(*d->database, "DELETE FROM run_command WHERE run = (SELECT key FROM run WHERE id = ?) AND key <= ?");
        SQLite::bind(remove, run, last);
        remove.exec();
        write.commit();
        return commands;
    });
}

Status Store::putExport(const std::string& run, const Json& info)
{
    return guarded(d->path, [&]() -> Status {
        Write write(*d->database);
        const std::int64_t key = d->runKey(run);
        if (key == 0)
            return d->runMissing(run);
        SQLite::Statement insert(*d->database, "INSERT INTO run_export (run, time, info) VALUES (?, ?, ?)");
        SQLite::bind(insert, key, nowUtc(), toLine(info));
        insert.exec();
        write.commit();
        return {};
    });
}

Result<std::vector<Json>> Store::exports(const std::string& run) const
{
    return guarded(d->path, [&]() -> Result<std::vector<Json>> {
        std::vector<Json> rows;
        SQLite::Statement select(*d->database,
            "SELECT run.id, time, info FROM run_export JOIN run ON run.key = run_export.run WHERE run.id = ? OR ? = '' ORDER BY run_export.key");
        SQLite::bind(select, run, run);
        while (select.executeStep()) {
            Json info = columnJson(select.getColumn(2));
            if (!info.is_object())
                info = Json::object();
            info["run"] = select.getColumn(0).getString();
            info["time"] = select.getColumn(1).getString();
            rows.push_back(std::move(info));
        }
        return rows;
    });
}

}
