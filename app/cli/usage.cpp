// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/usage.h"

#include "base/edit_distance.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <regex>

namespace attune::cli {
namespace {

const auto everyApp = [](const CLI::App*) { return true; };

std::vector<std::string> commandsOf(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const auto* sub : app.get_subcommands(everyApp))
        names.push_back(sub->get_name());
    return names;
}

/// "attune data import" for the place of a command.
std::string nameOf(const CLI::App& app)
{
    return app.get_parent() ? nameOf(*app.get_parent()) + " " + app.get_name() : "attune";
}

std::vector<std::string> flagsOf(const CLI::App& place)
{
    std::vector<std::string> flags;
    for (const CLI::App* app = &place; app; app = app->get_parent())
        for (const auto* option : app->get_options())
            for (const auto& name : option->get_lnames())
                flags.push_back("--" + name);
    return flags;
}

bool takesValue(const CLI::App& place, const std::string& flag)
{
    for (const CLI::App* app = &place; app; app = app->get_parent())
        if (const auto* option = app->get_option_no_throw(flag))
            return option->get_expected_max() > 0;
    return false;
}

struct Position {
    const CLI::App* place;
    std::optional<std::string> unknown;  ///< a word where a command was expected
};

/// Follows the words of the command line down to the command they mean.
Position follow(const CLI::App& app, const std::vector<std::string>& arguments)
{
    const CLI::App* place = &app;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word.starts_with("-")) {
            i += word.find('=') == std::string::npos && takesValue(*place, word);
            continue;
        }
        if (commandsOf(*place).empty())
            break;
        const CLI::App* next = childOf(*place, word);
        if (!next)
            return {place, word};
        place = next;
    }
    return {place, {}};
}

std::string didYouMean(const std::string& near)
{
    return near.empty() ? "" : fmt::format("Did you mean {}?", near);
}

Error unknownCommand(const CLI::App& place, const std::string& word)
{
    const auto names = commandsOf(place);
    const std::string near = nearest(word, names);
    return fail(ErrorCode::Usage, fmt::format("\"{}\" is no command{}.", word, place.get_parent() ? " of " + place.get_name() : ""),
        near.empty() ? fmt::format("Known here: {}.", fmt::join(names, ", ")) : didYouMean(near));
}

/// The first word that nothing took; flags before values, since a value may only hang on an unknown flag.
std::string unexpectedWord(const CLI::App& place, const std::vector<std::string>& arguments, const std::string& what)
{
    const auto known = flagsOf(place);
    const std::string list = " " + what.substr(what.find(": ") + 2) + " ";
    std::string first;
    for (const auto& argument : arguments) {
        const std::string flag = argument.substr(0, argument.find('='));
        if (argument.starts_with("-") && argument.size() > 1 && std::find(known.begin(), known.end(), flag) == known.end()
            && list.find(" " + argument + " ") != std::string::npos)
            return flag;
        if (first.empty() && list.find(" " + argument + " ") != std::string::npos)
            first = argument;
    }
    return first;
}

std::string rangeText(const std::string& low, const std::string& high)
{
    double least = 0, most = 0;
    std::from_chars(low.data(), low.data() + low.size(), least);
    std::from_chars(high.data(), high.data() + high.size(), most);
    return high.size() > 30 || most > 1e15 ? fmt::format("at least {:g}", least) : fmt::format("between {:g} and {:g}", least, most);
}

/// CLI11's sentence about a value in our words; nothing if it is of another kind.
std::optional<Error> valueError(const std::string& what, const std::string& seeHelp)
{
    std::smatch m;
    static const std::regex range(R"(^(\S+): Value (.*) not in range (\S+) to (\S+)$)"), member(R"(^(\S+): (.*) not in \{(.*)\}$)"),
        convert(R"(^Could not convert: (\S+) = (.*)$)"), missing(R"(^(\S+): \d+ required .* missing$)"), required(R"(^(\S+) is required$)"),
        atLeast(R"(^(\S+): At least (\d+) required but received (\d+)$)");
    if (std::regex_match(what, m, range))
        return fail(ErrorCode::Usage, fmt::format("{} cannot be {}.", m[1].str(), m[2].str()), fmt::format("Give a number {}.", rangeText(m[3], m[4])));
    if (std::regex_match(what, m, member)) {
        std::vector<std::string> choices;
        const std::string list = m[3];
        for (std::size_t begin = 0; begin < list.size();) {
            const auto end = std::min(list.find(',', begin), list.size());
            choices.push_back(list.substr(begin, end - begin));
            begin = end + 1;
        }
        const std::string near = nearest(m[2].str(), choices);
        return fail(ErrorCode::Usage, fmt::format("{} cannot be {}.", m[1].str(), m[2].str()),
            fmt::format("{}Choose one of {}.", near.empty() ? "" : didYouMean(near) + " ", fmt::join(choices, ", ")));
    }
    if (std::regex_match(what, m, convert))
        return fail(ErrorCode::Usage, fmt::format("{} cannot be {}.", m[1].str(), m[2].str()), seeHelp);
    if (std::regex_match(what, m, missing))
        return fail(ErrorCode::Usage, fmt::format("{} needs a value.", m[1].str()), seeHelp);
    if (std::regex_match(what, m, required))
        return fail(ErrorCode::Usage, fmt::format("{} is missing.", m[1].str()), seeHelp);
    if (std::regex_match(what, m, atLeast))
        return fail(ErrorCode::Usage, fmt::format("{}: at least {} are needed, {} was given.", m[1].str(), m[2].str(), m[3].str()), seeHelp);
    return {};
}

}

const CLI::App* childOf(const CLI::App& app, const std::string& name)
{
    for (const auto* sub : app.get_subcommands(everyApp))
        if (sub->get_name() == name)
            return sub;
    return nullptr;
}

Error usageError(const CLI::App& app, const std::vector<std::string>& arguments, const std::string& what)
{
    const auto [place, unknown] = follow(app, arguments);
    const std::string seeHelp = fmt::format("See {} --help.", nameOf(*place));
    if (what.starts_with("The following argument")) {
        const std::string word = unexpectedWord(*place, arguments, what);
        // Behind an unknown command stand its flags, which cannot be known either.
        const auto indexOf = [&](const std::string& text) {
            return std::find_if(arguments.begin(), arguments.end(), [&](const std::string& a) { return a == text || a.starts_with(text + "="); });
        };
        if (word.starts_with("-") && (!unknown || indexOf(word) < indexOf(*unknown)))
            return fail(ErrorCode::Usage, fmt::format("{} is no flag of {}.", word, nameOf(*place)),
                fmt::format("{}{}", didYouMean(nearest(word, flagsOf(*place))), nearest(word, flagsOf(*place)).empty() ? seeHelp : ""));
        if (!unknown)
            return fail(ErrorCode::Usage, fmt::format("{} takes no \"{}\".", nameOf(*place), word), seeHelp);
    }
    if (auto error = valueError(what, seeHelp))
        return *error;
    if (unknown)
        return unknownCommand(*place, *unknown);
    if (const auto names = commandsOf(*place); !names.empty())
        return fail(ErrorCode::Usage, fmt::format("{} needs a command.", nameOf(*place)), fmt::format("One of {}.", fmt::join(names, ", ")));
    return fail(ErrorCode::Usage, what.ends_with('.') ? what : what + ".", seeHelp);
}

}
