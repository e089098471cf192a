// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/dataset.h"
#include "importer/row.h"

#include <map>
#include <string>
#include <vector>

namespace attune::importer {

/// Which column plays which role, found by name and content.
struct RoleGuess {
    std::string style;        ///< "messages" "sharegpt" "preference" "alpaca" "prompt-completion" "text-label" "text" or ""
    double confidence = 0;    ///< 0 to 1
    std::string sentence;     ///< for people: what was found and how sure that is
    std::vector<ColumnRole> roles;  ///< one per column
};

/// From the columns' names and types and a sample of rows (values by column, as Dataset::values gives).
RoleGuess guessRoles(const std::vector<Column>& columns, const std::vector<Json>& sample);

/// Sets the roles that a person gave (role name -> column); columns not named keep nothing.
/// Errors: Usage for an unknown role or a column that does not exist, with the nearest one.
Status applyRoles(std::vector<Column>& columns, const std::map<std::string, std::string>& roles);

/// {"prompt": "question", …}: the mapping as `data import` prints it.
Json mappingJson(const std::vector<Column>& columns);
/// The column of a role; -1 if there is none.
int columnOf(const std::vector<Column>& columns, ColumnRole role);

/// The row in the shape that the roles give (Record::Kind follows from the roles that are there).
Record toRecord(const Row& row, const std::vector<Column>& columns, std::int64_t number);
/// Messages of any dialect: role/content, ShareGPT's from/value, content as a list of parts.
std::vector<Message> toMessages(const Json& list);
bool hasConversation(const std::vector<Column>& columns);

}
