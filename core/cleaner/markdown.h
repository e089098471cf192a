// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace attune::cleaner {

/// Takes the marks of Markdown (CommonMark with GitHub's tables, strikethrough and task lists) out of a text:
/// headings, emphasis, links and pictures (their text stays), quotes, bullets, rules, code marks. Numbers of
/// ordered lists stay, for they are text; code stays to the letter. True if `out` differs.
bool stripMarkdown(std::string_view text, std::string& out);

}
