// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/text.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(auto chosen, columnsOption(options, columns));
    return makeTextEdit(std::move(chosen), [](std::string_view text, std::string& out) {
        const std::string_view inner = trimmed(text);
        if (inner.size() == text.size())
            return false;
        out = inner;
        return true;
    }, kOddSpace | kWide);
}

}

const Rule& trim()
{
    static const Rule rule {"trim", "Trim",
        "Removes white space at both ends of the texts.",
        OptionSchema({columnsOptionRow()}), prepare};
    return rule;
}

}
