// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace attune::cleaner {

/// Takes HTML out of a text: tags and comments go, what script, style and template elements hold goes
/// with them, named and numeric entities become characters. Where a block element's tag stood between two
/// words, a line break keeps them apart. A '<' that begins no tag stays. True if `out` differs.
bool stripHtml(std::string_view text, std::string& out);

/// Entities become characters (HTML standard: "Named character references", with the semicolon).
/// True if `out` differs.
bool decodeEntities(std::string_view text, std::string& out);

}
