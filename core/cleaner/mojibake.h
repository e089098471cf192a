// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace attune::cleaner {

/// Undoes UTF-8 that was once read as Windows-1252 or Latin-1 ("cafÃ©" -> "café"), also when it happened
/// twice. Character pairs that people write on purpose ("IRMÃ”", "CAFÉ®") only change beside clear damage.
/// True if `out` differs. The result is a fixed point: a second call changes nothing.
bool fixMojibake(std::string_view text, std::string& out);

}
