// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/text.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(auto chosen, columnsOption(options, columns));
    return makeTextEdit(std::move(chosen), [](std::string_view text, std::string& out) { return toLower(text, out); }, kCapital | kWide);
}

}

const Rule& lowercase()
{
    static const Rule rule {"lowercase", "Lower case",
        "Writes the texts in lower case.",
        OptionSchema({columnsOptionRow()}), prepare};
    return rule;
}

}
