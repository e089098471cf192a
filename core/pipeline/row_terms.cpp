// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/row_terms.h"

#include "cleaner/condition.h"
#include "cleaner/duplicates.h"
#include "pipeline/dataset_stats.h"
#include "pipeline/text_search.h"

#include <algorithm>

namespace attune::pipeline {
namespace {

constexpr std::string_view kColumn = "column:";

Error unknown(const std::string& field)
{
    return fail(ErrorCode::Usage, fmt::format("Rows cannot be filtered by \"{}\".", field), "Remove this filter.");
}

template<typename Code>
Result<std::function<bool(std::size_t)>> codeTest(const std::vector<Code>& codes, const std::vector<std::string>& values, const RowTerm& term)
{
    std::vector<bool> isWanted(values.size());
    for (std::size_t code = 0; code < values.size(); ++code)
        isWanted[code] = std::find(term.values.begin(), term.values.end(), values[code]) != term.values.end();
    if (codes.empty())
        return unknown(term.field);
    return std::function<bool(std::size_t)>([&codes, isWanted](std::size_t row) { return isWanted[codes[row]]; });
}

Result<std::function<bool(std::size_t)>> flagTest(const RowFacts& facts, const RowTerm& term, std::int64_t limit)
{
    std::uint32_t wanted = 0;
    bool wantsOver = false;
    for (const auto& value : term.values) {
        wantsOver |= value == "over" && facts.hasTokens;
        for (const auto& flag : flagNames())
            if (flag.name == value)
                wanted |= 1u << flag.bit;
    }
    return std::function<bool(std::size_t)>([&facts, wanted, wantsOver, limit](std::size_t row) {
        return (facts.flags[row] & wanted) || (wantsOver && facts.tokens[row] > limit);
    });
}

template<typename Number>
Result<std::function<bool(std::size_t)>> rangeTest(const std::vector<Number>& numbers, const RowTerm& term)
{
    if (numbers.empty())
        return unknown(term.field);
    return std::function<bool(std::size_t)>([&numbers, low = term.low, high = term.high](std::size_t row) {
        const auto value = static_cast<double>(numbers[row]);
        return value >= low && value <= high;
    });
}

Result<std::function<bool(std::size_t)>> facetTest(const RowFacts& facts, const RowTerm& term, std::int64_t limit)
{
    if (term.field == "language")
        return codeTest(facts.language, facts.languages, term);
    if (term.field == "split")
        return codeTest(facts.split, facts.splits, term);
    if (term.field == "flag")
        return flagTest(facts, term, limit);
    for (const auto& category : facts.categories)
        if (term.field == std::string(kColumn) + category.name)
            return codeTest(category.codes, category.values, term);
    return unknown(term.field);
}

Result<std::size_t> columnNamed(const importer::Dataset& data, const std::string& name)
{
    const auto& columns = data.columns();
    const auto it = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == name; });
    if (it == columns.end())
        return fail(ErrorCode::Usage, fmt::format("There is no column \"{}\".", name), "Remove this filter.");
    return static_cast<std::size_t>(it - columns.begin());
}

Result<RowTest> textTest(const importer::Dataset& data, const RowTerm& term)
{
    ATTUNE_TRY(const auto columns, cleaner::textColumns(data.columns(), {}));
    return RowTest([columns, search = TextSearch(term.text)](const importer::Row& row) {
        return std::any_of(columns.begin(), columns.end(), [&](std::size_t c) { return search.isIn(cleaner::CellText(row[c])); });
    });
}

}

Result<FactTest> FactTest::create(const RowFacts& facts, const RowTerm& term, std::int64_t tokenLimit)
{
    FactTest test;
    test.m_field = term.field;
    if (term.kind == RowTerm::Kind::Facet) {
        ATTUNE_TRY(test.m_holds, facetTest(facts, term, tokenLimit));
    } else if (term.field == "tokens") {
        ATTUNE_TRY(test.m_holds, rangeTest(facts.tokens, term));
    } else if (term.field == "turns") {
        ATTUNE_TRY(test.m_holds, rangeTest(facts.turns, term));
    } else if (term.field == "prompt") {
        ATTUNE_TRY(test.m_holds, rangeTest(facts.promptCharacters, term));
    } else if (term.field == "answer") {
        ATTUNE_TRY(test.m_holds, rangeTest(facts.answerCharacters, term));
    } else {
        return unknown(term.field);
    }
    return test;
}

Result<RowTest> makeRowTest(const importer::Dataset& data, const RowTerm& term)
{
    if (term.kind == RowTerm::Kind::Text)
        return textTest(data, term);
    ATTUNE_TRY(const std::size_t column, columnNamed(data, term.kind == RowTerm::Kind::Column ? term.filter.column : term.field));
    if (term.kind == RowTerm::Kind::Size) {
        const bool isNumeric = data.columns()[column].type == "number";
        return RowTest([column, isNumeric, low = term.low, high = term.high](const importer::Row& row) {
            const auto size = sizeOfCell(row[column], isNumeric);
            return size && *size >= low && *size <= high;
        });
    }
    auto condition = cleaner::makeCondition(term.filter.op, term.filter.value);
    if (!condition)
        return fail(ErrorCode::Usage, condition.error().message, condition.error().hint);
    return RowTest([column, holds = std::move(*condition)](const importer::Row& row) { return holds(row[column]); });
}

}
