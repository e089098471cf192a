// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/text.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(auto chosen, columnsOption(options, columns));
    return makeTextEdit(std::move(chosen), [](std::string_view text, std::string& out) { return collapseSpace(text, out); }, kOddSpace | kWide);
}

}

const Rule& collapse_whitespace()
{
    static const Rule rule {"collapse_whitespace", "Collapse white space",
        "Makes one space of every run of spaces, tabs and line ends.",
        OptionSchema({columnsOptionRow()}), prepare};
    return rule;
}

}
