// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include "base/file.h"
#include "store/schema.h"

#include <sqlite3.h>

#include <chrono>
#include <thread>

namespace attune::store {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

std::string backupHint(const std::string& path)
{
    return fmt::format("Your runs' folders and datasets are untouched. Move {0}, {0}-wal and {0}-shm away and start again, or put a copy such as "
                       "{0}.backup-v1 in their place; `sqlite3 {0} .recover` saves what can be read.",
        path);
}

int schemaVersion(SQLite::Database& database)
{
    return database.execAndGet("PRAGMA user_version").getInt();
}

/// Whether the file may be ours: fresh, or marked as ours. All three are read from one state of the file: another program
/// may be making the tables meanwhile.
Status checkOwner(SQLite::Database& database, const std::string& path)
{
    SQLite::Transaction sameState(database, SQLite::TransactionBehavior::DEFERRED);
    const int tables = database.execAndGet("SELECT count(*) FROM sqlite_master").getInt();
    const int version = schemaVersion(database);
    const int newest = static_cast<int>(migrations().size());
    const int id = database.execAndGet("PRAGMA application_id").getInt();
    sameState.commit();
    if (id != kApplicationId && (tables > 0 || version > 0))
        return fail(ErrorCode::StoreCorrupt, fmt::format("{} is a database of another program.", path), "Choose another folder as workspace.");
    if (version > newest)
        return fail(ErrorCode::StoreCorrupt,
            fmt::format("{} was written by a newer Attune: its schema is version {}, this program knows up to {}. Nothing was changed.", path, version, newest),
            "Update Attune, or choose another workspace.");
    return {};
}

/// A consistent copy beside the database, whole or not there at all.
void backUp(SQLite::Database& database, const std::string& path, int version)
{
    const std::string copy = fmt::format("{}.backup-v{}", path, version);
    const std::string unfinished = copy + ".part";
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    SQLite::Statement statement(database, "VACUUM INTO ?");
    statement.bind(1, unfinished);
    statement.exec();
    fs::rename(unfinished, copy);
}

void migrate(SQLite::Database& database, const std::string& path)
{
    const int newest = static_cast<int>(migrations().size());
    if (const int version = schemaVersion(database); version == newest)
        return;
    else if (version > 0)
        backUp(database, path, version);
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    // Another process may have migrated while this one waited for the lock: ask again inside.
    for (int version = schemaVersion(database); version < newest; ++version)
        database.exec(std::string(migrations()[static_cast<std::size_t>(version)]));
    database.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    database.exec(fmt::format("PRAGMA user_version = {}", newest));
    transaction.commit();
}

/// The switch to WAL needs the file for itself, and SQLite's patience does not cover it: two
/// programs that open a fresh workspace together have to take turns.
void enterWal(SQLite::Database& database)
{
    for (int attempt = 0;; ++attempt) {
        try {
            if (database.execAndGet("PRAGMA journal_mode = WAL").getString() == "wal" || attempt > 200)
                return;
        } catch (const SQLite::Exception& e) {
            if ((e.getErrorCode() & 0xff) != SQLITE_BUSY || attempt > 200)
                throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

}

Error errorFrom(const SQLite::Exception& exception, const std::string& path)
{
    switch (exception.getErrorCode() & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail(ErrorCode::StoreCorrupt, fmt::format("The database {} is damaged: {}.", path, exception.what()), backupHint(path));
    case SQLITE_FULL:
        return fail(ErrorCode::DiskFull, fmt::format("{} could not be written: the disk is full.", path),
            "Free some space, or choose a workspace on another disk.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(ErrorCode::Locked, fmt::format("{} has been busy with another process for {} s.", path, kBusyTimeoutMs / 1000),
            "Wait for the other program, or end it, and try again.");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_IOERR:
        return fail(ErrorCode::DiskWrite, fmt::format("{} cannot be opened for writing: {}.", path, exception.what()),
            "Check the permissions of the workspace and its disk, or choose another with --workspace.");
    case SQLITE_NOMEM:
        return fail(ErrorCode::OutOfMemory, "There is not enough memory to read the history.", "Close other programs and try again.");
    case SQLITE_ERROR:
        return fail(ErrorCode::StoreCorrupt, fmt::format("The database {} lacks what it should hold: {}.", path, exception.what()), backupHint(path));
    default:
        return fail(ErrorCode::Internal, fmt::format("The database {} refused a change: {}.", path, exception.what()));
    }
}

Result<std::unique_ptr<SQLite::Database>> openDatabase(const std::string& path)
{
    try {
        auto database = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs);
        ATTUNE_RETURN_IF_ERROR(checkOwner(*database, path));
        enterWal(*database);
        database->exec("PRAGMA synchronous = NORMAL");
        database->exec("PRAGMA foreign_keys = ON");
        migrate(*database, path);
        // A database whose first pages are gone opens and fails at the first question: ask one now.
        database->execAndGet("SELECT count(*) FROM model");
        return database;
    } catch (const SQLite::Exception& e) {
        return errorFrom(e, path);
    } catch (const fs::filesystem_error& e) {
        return failSystem(path, "back up", e.code().value());
    }
}

Json columnJson(const SQLite::Column& column)
{
    auto json = parseJson(column.getString());
    return json ? *json : Json();
}

}
