// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/condition.h"

#include "cleaner/byte_search.h"
#include "cleaner/regex.h"

#include <charconv>

namespace attune::cleaner {
namespace {

std::optional<double> numberOf(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string spelled(const Json& value)
{
    return value.is_string() ? value.get<std::string>() : toLine(value);
}

/// -1, 0 or 1.
int compare(std::string_view a, std::string_view b)
{
    const auto x = numberOf(a), y = numberOf(b);
    if (x && y)
        return *x < *y ? -1 : *x > *y;
    const int order = a.compare(b);
    return order < 0 ? -1 : order > 0;
}

bool isEqual(const Cell& cell, const Json& value)
{
    if (cell.isMissing() || value.is_null())
        return cell.isMissing() && value.is_null();
    return compare(CellText(cell), spelled(value)) == 0;
}

}

std::vector<OptionChoice> conditionChoices()
{
    return {{"==", "equals", ""}, {"!=", "differs from", ""}, {"<", "is less than", ""}, {"<=", "is at most", ""}, {">", "is more than", ""}, {">=", "is at least", ""},
        {"contains", "contains", ""}, {"not_contains", "does not contain", ""}, {"matches", "matches the pattern", ""}, {"in", "is one of", ""}};
}

Result<Condition> makeCondition(const std::string& op, const Json& value)
{
    if (op == "==")
        return Condition([value](const Cell& c) { return isEqual(c, value); });
    if (op == "!=")
        return Condition([value](const Cell& c) { return !isEqual(c, value); });
    if (op == "in") {
        const Json list = value.is_array() ? value : Json::array({value});
        return Condition([list](const Cell& c) { return std::any_of(list.begin(), list.end(), [&](const Json& v) { return isEqual(c, v); }); });
    }
    const std::string text = spelled(value);
    if (op == "contains")
        return Condition([text](const Cell& c) { return contains(CellText(c), text); });
    if (op == "not_contains")
        return Condition([text](const Cell& c) { return !contains(CellText(c), text); });
    if (op == "matches") {
        ATTUNE_TRY(const Regex regex, Regex::compile(text));
        return Condition([regex](const Cell& c) { return regex.isFoundIn(CellText(c)); });
    }
    if (op != "<" && op != "<=" && op != ">" && op != ">=")
        return fail(ErrorCode::FileCorrupt, fmt::format("\"{}\" is no condition.", op), "Conditions are == != < <= > >= contains not_contains matches in.");
    return Condition([text, isLess = op[0] == '<', orEqual = op.size() == 2](const Cell& c) {
        if (c.isMissing())
            return false;
        const int order = compare(CellText(c), text);
        return order == 0 ? orEqual : isLess == (order < 0);
    });
}

}
