// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"

namespace attune::cleaner {

/// Puts a conversation's turns in the order that chat templates want: system texts first and as one, no
/// empty turns (a turn with tool calls is not empty), neighbours of one role joined by a newline, the first
/// turn the user's, the last the assistant's. Empty when no such turns are there. Keys and dialect
/// (role/content, from/value) stay. False if nothing changed; a second call changes nothing.
bool fixConversation(Json& messages);

}
