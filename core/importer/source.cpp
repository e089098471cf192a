// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/source.h"

namespace attune::importer {

std::string columnType(const ColumnFacts& facts)
{
    const auto has = [&](Cell::Kind kind) { return (facts.kinds >> static_cast<unsigned>(kind)) & 1u; };
    const unsigned kinds = has(Cell::Kind::Text) + has(Cell::Kind::Number) + has(Cell::Kind::Boolean) + has(Cell::Kind::List) + has(Cell::Kind::Object);
    if (kinds > 1)
        return "mixed";
    if (has(Cell::Kind::Number) || (has(Cell::Kind::Text) && facts.looksNumeric))
        return "number";
    if (has(Cell::Kind::Boolean))
        return "boolean";
    if (has(Cell::Kind::List))
        return "list";
    return has(Cell::Kind::Object) ? "object" : "text";
}

const Source* findSource(std::string_view id)
{
    for (const Source* source : all())
        if (source->id == id)
            return source;
    return nullptr;
}

std::string_view withoutBlankLines(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    const auto line = text.substr(0, first).rfind('\n');
    return text.substr(line == std::string_view::npos ? 0 : line + 1);
}

bool isBinary(std::string_view start)
{
    return std::any_of(all().begin(), all().end(), [&](const Source* source) { return source->isBinary && source->sniff(Head {start, {}, false}) > 0; });
}

}
