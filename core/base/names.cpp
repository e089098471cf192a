// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace attune {
namespace {

bool isNameCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}

bool isValidName(std::string_view name)
{
    return !name.empty() && name.size() <= 100 && name != "." && name != ".." && std::all_of(name.begin(), name.end(), isNameCharacter);
}

Status checkName(std::string_view name, std::string_view kind)
{
    if (isValidName(name))
        return {};
    return fail(ErrorCode::BadName, fmt::format("\"{}\" cannot be the name of a {}.", name.substr(0, 120), kind),
        "Use letters, digits, '.', '_' and '-', at most 100 of them.");
}

std::string toName(std::string_view text)
{
    std::string name;
    for (const char c : text.substr(0, 100))
        name += isNameCharacter(c) ? c : '-';
    return isValidName(name) ? name : "unnamed";
}

}
