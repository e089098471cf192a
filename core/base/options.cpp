// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/options.h"

#include "base/edit_distance.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace attune {
namespace {

std::string shown(const Json& value)
{
    std::string text = value.is_string() ? value.get<std::string>() : toLine(value);
    if (text.size() > 60) {
        text.resize(57);
        text += "...";
    }
    return text;
}

std::string article(OptionType type)
{
    switch (type) {
    case OptionType::Boolean: return "true or false";
    case OptionType::Integer: return "a whole number";
    case OptionType::Number: return "a number";
    case OptionType::Text: return "text";
    case OptionType::Choice: return "one of the choices";
    case OptionType::List: return "a list";
    case OptionType::Map: return "a map";
    }
    return {};
}

OptionProblem wrongType(const Option& option, const Json& value)
{
    return {option.key, fmt::format("{} must be {}, not \"{}\".", option.key, article(option.type), shown(value)),
        option.help, ErrorCode::RecipeValue};
}

std::optional<double> numberFrom(const Json& value)
{
    if (value.is_number())
        return value.get<double>();
    if (!value.is_string())
        return {};
    const auto& text = value.get_ref<const std::string&>();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return {};
    return number;
}

std::string rangeText(const Option& option)
{
    auto bound = [](double v) { return fmt::format("{}", v); };
    std::string text;
    if (option.minimum && option.maximum && !option.minimumIsExclusive)
        text = fmt::format("between {} and {}", bound(*option.minimum), bound(*option.maximum));
    else if (option.minimum && option.maximum)
        text = fmt::format("above {} and at most {}", bound(*option.minimum), bound(*option.maximum));
    else if (option.minimum)
        text = fmt::format("{} {}", option.minimumIsExclusive ? "above" : "at least", bound(*option.minimum));
    else if (option.maximum)
        text = fmt::format("at most {}", bound(*option.maximum));
    return text;
}

std::optional<OptionProblem> checkRange(const Option& option, double number)
{
    const bool low = option.minimum && (option.minimumIsExclusive ? number <= *option.minimum : number < *option.minimum);
    const bool high = option.maximum && number > *option.maximum;
    if (!low && !high && std::isfinite(number))
        return {};
    return OptionProblem {option.key, fmt::format("{} is {:g}; it must be {}.", option.key, number, rangeText(option)),
        option.typical.empty() ? option.help : fmt::format("Typical is {}.", option.typical), ErrorCode::RecipeValue};
}

std::optional<OptionProblem> checkNumber(const Option& option, Json& value)
{
    const auto number = numberFrom(value);
    if (!number || (option.type == OptionType::Integer && (std::floor(*number) != *number || std::abs(*number) > 9e15)))
        return wrongType(option, value);
    if (option.type == OptionType::Integer)
        value = static_cast<std::int64_t>(*number);
    else
        value = *number;
    return checkRange(option, *number);
}

/// A list may have a word for all of it ("all-linear"): the default is one then, and the word stays a word.
bool namesWholeList(const Option& option, Json& value)
{
    if (!option.defaultValue.is_string())
        return false;
    const Json word = value.is_array() && value.size() == 1 ? value[0] : value;
    for (const auto& choice : option.choices)
        if (word == choice.value) {
            value = word;
            return true;
        }
    return false;
}

Json splitList(const std::string& text)
{
    Json list = Json::array();
    for (std::size_t begin = 0; begin <= text.size() && !text.empty();) {
        const auto end = std::min(text.find(',', begin), text.size());
        const auto first = std::min(text.find_first_not_of(" \t\n", begin), end);
        const auto last = text.find_last_not_of(" \t\n", end - 1);
        list.push_back(first == end ? "" : text.substr(first, last + 1 - first));
        begin = end + 1;
    }
    return list;
}

std::optional<OptionProblem> checkChoice(const Option& option, Json& value)
{
    const std::string typed = value.is_string() ? value.get<std::string>() : toLine(value);
    std::vector<std::string> names, available;
    bool isKnown = false;
    for (const auto& choice : option.choices) {
        names.push_back(choice.value);
        isKnown |= choice.value == typed;
        if (choice.isAvailable)
            available.push_back(choice.value);
    }
    if (std::find(available.begin(), available.end(), typed) != available.end()) {
        value = typed;
        return {};
    }
    if (isKnown)
        return OptionProblem {option.key, fmt::format("{} \"{}\" is not in this version yet.", option.key, typed),
            fmt::format("What works: {}.", fmt::join(available, ", ")), ErrorCode::RecipeValue};
    const std::string near = nearest(typed, names);
    return OptionProblem {option.key, fmt::format("{} cannot be \"{}\".", option.key, shown(value)),
        near.empty() ? fmt::format("Choose one of {}.", fmt::join(names, ", ")) : fmt::format("Did you mean \"{}\"? Choices: {}.", near, fmt::join(names, ", ")),
        ErrorCode::RecipeValue};
}

}

OptionSchema::OptionSchema(std::vector<Option> options)
    : m_options(std::move(options))
{
}

const Option* OptionSchema::find(std::string_view key) const
{
    for (const auto& option : m_options)
        if (option.key == key || std::find(option.aliases.begin(), option.aliases.end(), key) != option.aliases.end())
            return &option;
    return nullptr;
}

std::string OptionSchema::nearestKey(std::string_view key) const
{
    std::vector<std::string> keys;
    for (const auto& option : m_options)
        keys.push_back(option.key);
    return nearest(key, keys);
}

std::optional<OptionProblem> OptionSchema::check(const Option& option, Json& value) const
{
    if (value.is_null())
        return option.isNullable ? std::nullopt : std::optional(wrongType(option, value));
    switch (option.type) {
    case OptionType::Boolean:
        if (value.is_string() && (value == "true" || value == "false"))
            value = value == "true";
        return value.is_boolean() ? std::nullopt : std::optional(wrongType(option, value));
    case OptionType::Integer:
    case OptionType::Number:
        return checkNumber(option, value);
    case OptionType::Text:
        if (value.is_number() || value.is_boolean())
            value = toLine(value);
        return value.is_string() || (value.is_array() && !option.choices.empty()) ? std::nullopt : std::optional(wrongType(option, value));
    case OptionType::Choice:
        return checkChoice(option, value);
    case OptionType::List:
        if (namesWholeList(option, value))
            return {};
        if (value.is_string())
            value = splitList(value.get<std::string>());
        return value.is_array() ? std::nullopt : std::optional(wrongType(option, value));
    case OptionType::Map:
        return value.is_object() ? std::nullopt : std::optional(wrongType(option, value));
    }
    return {};
}

Json OptionSchema::toJson() const
{
    Json array = Json::array();
    for (const auto& o : m_options) {
        Json entry {{"key", o.key}, {"type", typeName(o.type)}, {"default", o.defaultValue}, {"label", o.label}, {"help", o.help}};
        entry["unit"] = o.unit;
        entry["minimum"] = o.minimum ? Json(*o.minimum) : Json();
        entry["maximum"] = o.maximum ? Json(*o.maximum) : Json();
        Json choices = Json::array();
        for (const auto& c : o.choices)
            choices.push_back({{"value", c.value}, {"label", c.label}, {"help", c.help}, {"available", c.isAvailable}});
        entry["choices"] = choices;
        entry["aliases"] = o.aliases;
        entry["group"] = o.group;
        entry["typical"] = o.typical;
        entry["nullable"] = o.isNullable;
        entry["expert"] = o.isExpert;
        entry["visible_when"] = o.visibleKey.empty() ? Json() : Json {{"key", o.visibleKey}, {"values", o.visibleValues}};
        array.push_back(std::move(entry));
    }
    return array;
}

std::string_view typeName(OptionType type)
{
    switch (type) {
    case OptionType::Boolean: return "boolean";
    case OptionType::Integer: return "integer";
    case OptionType::Number: return "number";
    case OptionType::Text: return "text";
    case OptionType::Choice: return "choice";
    case OptionType::List: return "list";
    case OptionType::Map: return "map";
    }
    return {};
}

}
