// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/store.h"

#include "base/file.h"
#include "store/database.h"

#include <ctime>

namespace attune::store {
namespace {

ModelRow modelFrom(SQLite::Statement& row)
{
    return {row.getColumn(0).getString(), row.getColumn(1).getString(), row.getColumn(2).getString(), row.getColumn(3).getString(),
        columnJson(row.getColumn(4))};
}

DatasetRow datasetFrom(SQLite::Statement& row)
{
    return {row.getColumn(0).getString(), row.getColumn(1).getInt(), row.getColumn(2).getInt64(), row.getColumn(3).getString(),
        row.getColumn(4).getString(), columnJson(row.getColumn(5))};
}

constexpr const char* kModelColumns = "SELECT name, path, sha256, created, info FROM model";
constexpr const char* kDatasetColumns = "SELECT name, version, rows, folder, created, info FROM dataset";

}

Store::Store() : d(std::make_unique<Private>()) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& workspace)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(workspace));
    std::unique_ptr<Store> store(new Store);
    store->m_workspace = absolutePath(workspace);
    store->d->path = store->m_workspace + "/attune.sqlite";
    ATTUNE_TRY(store->d->database, openDatabase(store->d->path));
    return store;
}

std::string Store::folder(std::string_view kind) const
{
    const std::string path = fmt::format("{}/{}", m_workspace, kind);
    // A folder that cannot be made shows itself with a better message where something is written into it.
    (void)makeFolder(path);
    return path;
}

std::int64_t Store::dataVersion() const
{
    auto version = guarded(d->path, [&] { return Result<std::int64_t>(d->database->execAndGet("PRAGMA data_version").getInt64()); });
    return version ? *version : 0;
}

Status Store::checkIntegrity() const
{
    return guarded(d->path, [&]() -> Status {
        const std::string verdict = d->database->execAndGet("PRAGMA integrity_check(1)").getString();
        if (verdict == "ok")
            return {};
        return errorFrom(SQLite::Exception(verdict, 11), d->path);
    });
}

Result<std::string> Store::moveToTrash(const std::string& path)
{
    const std::string stem = fs::path(path).filename().string();
    const std::string trash = folder(".trash");
    for (int n = 0; n < 10'000; ++n) {
        const std::string target = fmt::format("{}/{}{}", trash, stem, n ? fmt::format("~{}", n) : "");
        std::error_code error;
        if (fs::exists(target, error))
            continue;
        fs::rename(path, target, error);
        if (error)
            return failSystem(path, "move", error.value());
        return target;
    }
    return fail(ErrorCode::DiskWrite, fmt::format("{} is full of things called {}.", trash, stem), "Empty that folder.");
}

Status Store::putModel(const ModelRow& row)
{
    return guarded(d->path, [&] {
        Write write(*d->database);
        SQLite::Statement statement(*d->database, "INSERT OR REPLACE INTO model (name, path, sha256, created, info) VALUES (?, ?, ?, ?, ?)");
        SQLite::bind(statement, row.name, row.path, row.sha256, row.created.empty() ? nowUtc() : row.created, toLine(row.info));
        statement.exec();
        write.commit();
    });
}

Result<std::optional<ModelRow>> Store::model(const std::string& name) const
{
    return guarded(d->path, [&]() -> Result<std::optional<ModelRow>> {
        SQLite::Statement statement(*d->database, fmt::format("{} WHERE name = ?", kModelColumns));
        statement.bind(1, name);
        return statement.executeStep() ? std::optional(modelFrom(statement)) : std::nullopt;
    });
}

Result<std::vector<ModelRow>> Store::models() const
{
    return guarded(d->path, [&]() -> Result<std::vector<ModelRow>> {
        std::vector<ModelRow> rows;
        SQLite::Statement statement(*d->database, fmt::format("{} ORDER BY name", kModelColumns));
        while (statement.executeStep())
            rows.push_back(modelFrom(statement));
        return rows;
    });
}

Status Store::removeModel(const std::string& name)
{
    return guarded(d->path, [&] {
        Write write(*d->database);
        SQLite::Statement statement(*d->database, "DELETE FROM model WHERE name = ?");
        statement.bind(1, name);
        statement.exec();
        write.commit();
    });
}

Status Store::putDataset(const DatasetRow& row)
{
    return guarded(d->path, [&] {
        Write write(*d->database);
        SQLite::Statement statement(*d->database,
            "INSERT OR REPLACE INTO dataset (name, version, rows, folder, created, info) VALUES (?, ?, ?, ?, ?, ?)");
        SQLite::bind(statement, row.name, row.version, row.rows, row.folder, row.created.empty() ? nowUtc() : row.created, toLine(row.info));
        statement.exec();
        write.commit();
    });
}

Result<std::optional<DatasetRow>> Store::dataset(const std::string& name, int version) const
{
    return guarded(d->path, [&]() -> Result<std::optional<DatasetRow>> {
        SQLite::Statement statement(*d->database,
            fmt::format("{} WHERE name = ? AND (version = ? OR ? = 0) ORDER BY version DESC LIMIT 1", kDatasetColumns));
        SQLite::bind(statement, name, version, version);
        return statement.executeStep() ? std::optional(datasetFrom(statement)) : std::nullopt;
    });
}

Result<std::vector<DatasetRow>> Store::datasets() const
{
    return guarded(d->path, [&]() -> Result<std::vector<DatasetRow>> {
        std::vector<DatasetRow> rows;
        SQLite::Statement statement(*d->database,
            fmt::format("{} AS mine WHERE version = (SELECT max(version) FROM dataset WHERE name = mine.name) ORDER BY name", kDatasetColumns));
        while (statement.executeStep())
            rows.push_back(datasetFrom(statement));
        return rows;
    });
}

Result<std::vector<DatasetRow>> Store::datasetVersions(const std::string& name) const
{
    return guarded(d->path, [&]() -> Result<std::vector<DatasetRow>> {
        std::vector<DatasetRow> rows;
        SQLite::Statement statement(*d->database, fmt::format("{} WHERE name = ? ORDER BY version", kDatasetColumns));
        statement.bind(1, name);
        while (statement.executeStep())
            rows.push_back(datasetFrom(statement));
        return rows;
    });
}

Status Store::removeDataset(const std::string& name)
{
    return guarded(d->path, [&] {
        Write write(*d->database);
        SQLite::Statement statement(*d->database, "DELETE FROM dataset WHERE name = ?");
        statement.bind(1, name);
        statement.exec();
        write.commit();
    });
}

Status Store::putValue(const std::string& key, const Json& value)
{
    return guarded(d->path, [&] {
        Write write(*d->database);
        SQLite::Statement statement(*d->database, "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)");
        SQLite::bind(statement, key, toLine(value));
        statement.exec();
        write.commit();
    });
}

Result<Json> Store::value(const std::string& key) const
{
    return guarded(d->path, [&]() -> Result<Json> {
        SQLite::Statement statement(*d->database, "SELECT value FROM setting WHERE key = ?");
        statement.bind(1, key);
        return statement.executeStep() ? columnJson(statement.getColumn(0)) : Json();
    });
}

std::string nowUtc()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts {};
    ::gmtime_r(&now, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
        parts.tm_sec);
}

}
