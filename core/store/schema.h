// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace attune::store {

/// "ATTN" in SQLite's application_id: tells our database from any other SQLite file.
constexpr int kApplicationId = 0x4154544E;

/// The SQL of each migration, oldest first: entry k lifts a database from user_version k to k + 1.
/// Entries are permanent once released; a change of the schema is a new entry.
///
/// Tables: model, dataset (name, version), run, metric (one row per step, split and name; ids never
/// come back, so "newer than" works after a resume), metric_name, run_event, run_command (what other
/// processes ask of a run's owner), run_export, setting (small JSON values).
std::span<const std::string_view> migrations();

}
