// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/repetition.h"
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    const double most = options.at("max_ratio").get<double>();
    return makeRowTest([column, most](const Row& row) { return repetitionOf(CellText(row[column])) <= most; });
}

}

const Rule& drop_repetitive()
{
    static const Rule rule {"drop_repetitive", "Drop repetitive rows",
        "Drops rows whose text says the same again and again.",
        OptionSchema({columnOptionRow(),
            {.key = "max_ratio", .type = OptionType::Number, .defaultValue = 0.5, .label = "Share", .help = "The largest share of three-word runs (or lines) that occurred before in the same text.", .minimum = 0, .maximum = 1, .typical = "0.3 to 0.6"}}), prepare};
    return rule;
}

}
