// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attune::importer {

/// What a column is for (cli.md: --map).
enum class ColumnRole { Ignore, System, Prompt, Input, Completion, Text, Label, Messages, Chosen, Rejected, Tools };

std::string_view roleName(ColumnRole role);
/// By its name in --map; nullopt-like: returns false when unknown.
bool roleFromName(std::string_view name, ColumnRole& role);

struct Message {
    std::string role;     ///< "system", "user", "assistant", "tool"
    std::string content;
    Json extra;           ///< other fields of the message (tool_calls, name …), or null
};

/// One row in the shape training needs, whatever columns it came from. Owned by the importer;
/// the tokenizer and the chat page read it.
struct Record {
    enum class Kind { Empty, Text, PromptCompletion, Conversation, Preference, Labelled };
    Kind kind = Kind::Empty;
    std::int64_t row = 0;
    std::string system;
    std::string prompt;              ///< Alpaca's input is already joined to it by a blank line
    std::string completion;
    std::string text;
    std::vector<Message> messages;   ///< Conversation: as in the row (system included)
    std::string chosen, rejected;
    std::string label;
    Json tools;                      ///< or null

    /// The conversation that a chat template renders: messages, or system + prompt + completion.
    std::vector<Message> conversation() const;
};

}
