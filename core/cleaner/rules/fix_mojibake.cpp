// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/mojibake.h"
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(auto chosen, columnsOption(options, columns));
    return makeTextEdit(std::move(chosen), fixMojibake, kByteC3);
}

}

const Rule& fix_mojibake()
{
    static const Rule rule {"fix_mojibake", "Repair damaged characters",
        "Turns text that was read in the wrong encoding back: cafÃ© becomes café.",
        OptionSchema({columnsOptionRow()}), prepare};
    return rule;
}

}
