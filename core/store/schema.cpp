// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/schema.h"

namespace attune::store {
namespace {

constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE model (
    name TEXT PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL, created TEXT NOT NULL, info TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE dataset (
    name TEXT NOT NULL, version INTEGER NOT NULL, rows INTEGER NOT NULL, folder TEXT NOT NULL,
    created TEXT NOT NULL, info TEXT NOT NULL, PRIMARY KEY (name, version)
) WITHOUT ROWID;
CREATE TABLE run (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, status TEXT NOT NULL,
    recipe TEXT NOT NULL, model TEXT NOT NULL, method TEXT NOT NULL, dataset TEXT NOT NULL,
    steps_done INTEGER NOT NULL, steps_total INTEGER NOT NULL, tokens INTEGER NOT NULL,
    train_loss REAL, eval_loss REAL, best_step INTEGER NOT NULL, tokens_per_second REAL NOT NULL,
    peak_memory_bytes INTEGER NOT NULL, estimate_bytes INTEGER NOT NULL,
    started TEXT NOT NULL, finished TEXT NOT NULL, seconds REAL NOT NULL,
    folder TEXT NOT NULL, error TEXT NOT NULL, summary TEXT NOT NULL
);
CREATE INDEX run_by_name ON run (name);
CREATE TABLE metric_name (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE metric (
    key INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    step INTEGER NOT NULL, epoch REAL NOT NULL, split INTEGER NOT NULL REFERENCES metric_name (key),
    name INTEGER NOT NULL REFERENCES metric_name (key), value REAL, tokens INTEGER NOT NULL, seconds REAL NOT NULL
);
CREATE INDEX metric_by_run ON metric (run, key);
CREATE TABLE run_event (
    key INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    step INTEGER NOT NULL, kind TEXT NOT NULL, time TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX run_event_by_run ON run_event (run, key);
CREATE TABLE run_command (
    key INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    command TEXT NOT NULL
);
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)sql";

// Notes, tags, archive and colour of a run, and what was exported from it.
constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE run ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE run ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN colour INTEGER NOT NULL DEFAULT 0;
UPDATE run SET colour = (key - 1) % 8;
CREATE TABLE run_export (
    key INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES run (key) ON DELETE CASCADE,
    time TEXT NOT NULL, info TEXT NOT NULL
);
CREATE INDEX run_export_by_run ON run_export (run);
)sql";

constexpr std::string_view kMigrations[] = {kVersion1, kVersion2};

}

std::span<const std::string_view> migrations()
{
    return kMigrations;
}

}
