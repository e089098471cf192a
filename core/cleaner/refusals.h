// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace attune::cleaner {

/// Whether an answer begins by declining ("I'm sorry, but I can't help with that."), in English, German,
/// French, Spanish, Italian, Portuguese, Dutch, Polish, Russian or Chinese. Regret alone ("I'm sorry for
/// your loss") and later mentions are none. Any thread.
bool isRefusal(std::string_view text);

}
