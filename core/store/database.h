// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <map>
#include <memory>
#include <string>
#include <type_traits>

namespace attune::store {

/// Opens a workspace's database ready to use: WAL, synchronous=NORMAL, foreign keys, ten seconds of
/// patience with other writers, migrated to the newest schema after a backup copy.
/// Errors: StoreCorrupt (damaged, from a newer version, or no database of ours), DiskFull, DiskWrite.
Result<std::unique_ptr<SQLite::Database>> openDatabase(const std::string& path);

/// What an exception of SQLite means to the user. path: the database file.
Error errorFrom(const SQLite::Exception& exception, const std::string& path);

/// Runs body, which may throw SQLite::Exception, and returns its Result (or Status for void).
template<typename Body>
auto guarded(const std::string& path, Body&& body) -> std::conditional_t<std::is_void_v<decltype(body())>, Status, decltype(body())>
{
    try {
        if constexpr (std::is_void_v<decltype(body())>) {
            body();
            return Status {};
        } else {
            return body();
        }
    } catch (const SQLite::Exception& e) {
        return errorFrom(e, path);
    }
}

/// A write transaction. It takes the write lock at once: two processes that both read first and
/// write later would otherwise fail instead of waiting for each other.
class Write
{
public:
    explicit Write(SQLite::Database& database) : m_transaction(database, SQLite::TransactionBehavior::IMMEDIATE) {}
    void commit() { m_transaction.commit(); }

private:
    SQLite::Transaction m_transaction;
};

/// JSON kept in a column; null when a hand has spoiled it.
Json columnJson(const SQLite::Column& column);

struct Store::Private {
    std::string path;  ///< of the database
    std::unique_ptr<SQLite::Database> database;
    std::map<std::string, std::int64_t> metricNames;  ///< cache of committed rows of metric_name

    /// Key of a run by its id; 0 if there is none.
    std::int64_t runKey(const std::string& id) const;
    std::int64_t metricName(const std::string& name);
    Error runMissing(const std::string& id) const;
};

}
