// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace attune::cleaner {

/// Calls take() with the text of each message of a conversation written as JSON (role/content, from/value), in
/// order, until it answers false; take() must call neither function here. False if the text is no such list or no
/// message has a text. Any thread.
bool eachContent(std::string_view json, const std::function<bool(std::string_view)>& take);

/// Appends bytes that are equal exactly when two JSON values are, whatever their spacing, escapes and order of
/// keys (of a key that comes twice the last counts; 1 and 1.0 differ). False if the text is no JSON.
bool appendCanonical(std::string& key, std::string_view json);

}
