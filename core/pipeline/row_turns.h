// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/dataset.h"

#include <string>
#include <vector>

namespace attune::pipeline {

/// One text of a row as people read it: a turn of a conversation, a prompt, an answer, a label.
struct RowTurn {
    std::string role;     ///< "system", "user", "assistant", "tool", else the role or name of its column: "input", "text", "label", "chosen", "rejected"
    std::string text;
    std::string column;   ///< where it stands
    std::string pointer;  ///< JSON pointer in the column's value; empty: the value itself
    bool isAnswer = false;
};

/// The row's texts, in the order of its columns: those with a role; all texts where none has one.
std::vector<RowTurn> turnsOf(const Json& values, const std::vector<importer::Column>& columns);
/// The same in the order one reads them: system, prompt, answer, label.
void sortForReading(std::vector<RowTurn>& turns);
/// What the turn's column holds once the turn says something else. Errors: Usage (the row has no such turn).
Result<Json> withText(const Json& values, const RowTurn& turn, const std::string& text);

}
