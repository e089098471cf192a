// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"
#include "cleaner/text.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(auto chosen, columnsOption(options, columns));
    return makeRowTest([chosen = std::move(chosen)](const Row& row) {
        return std::none_of(chosen.begin(), chosen.end(), [&](std::size_t c) { return isBlank(CellText(row[c])); });
    });
}

}

const Rule& drop_empty()
{
    static const Rule rule {"drop_empty", "Drop empty rows",
        "Drops rows in which any of the columns is empty or only white space.",
        OptionSchema({columnsOptionRow()}), prepare};
    return rule;
}

}
