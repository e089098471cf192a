// SPDX-License-Identifier: GPL-3.0-or-later
// Delimited text (RFC 4180): what it looks like, and its single rows.
#include "formats/csv.h"

#include "importer/csv_dialect.h"
#include "importer/csv_index.h"

namespace attune::importer {
namespace {

using formats::CsvDialect;

int sniff(const Head& head)
{
    return csvLikelihood(head);
}

bool read(std::string_view bytes, const Layout& layout, Row& row)
{
    row.reset(layout.columns.size());
    formats::CsvFields fields(bytes, layout.delimiter);
    std::string_view field;
    std::string scratch;
    std::size_t number = 0;
    for (; fields.next(field, scratch); ++number) {
        if (number >= layout.positions.size())
            return false;
        const int column = layout.positions[number];
        if (column < 0)
            continue;
        const bool isCopied = !scratch.empty() && field.data() == scratch.data();
        row[static_cast<std::size_t>(column)] = {Cell::Kind::Text, isCopied ? row.keep(std::string(field)) : field};
    }
    return number == layout.positions.size();
}

}

const Source& csv()
{
    static const Source source {"csv", "Delimited text (CSV)", ".csv", sniff, indexCsv, read};
    return source;
}

}
