// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/recipe.h"

#include "base/edit_distance.h"
#include "base/file.h"
#include "base/names.h"
#include "pipeline/recipe_yaml.h"
#include "pipeline/schema/sections.h"

namespace attune::pipeline {
namespace {

std::string sectionOf(std::string_view key)
{
    const auto dot = key.find('.');
    return dot == std::string_view::npos ? "" : std::string(key.substr(0, dot));
}

const std::vector<std::string>& sections()
{
    static const std::vector<std::string> names = [] {
        std::vector<std::string> result;
        for (const auto& option : recipeSchema().options())
            if (const auto section = sectionOf(option.key); !section.empty() && (result.empty() || result.back() != section))
                result.push_back(section);
        return result;
    }();
    return names;
}

/// Keys whose value may be a path. For data only files count, for models files and folders.
enum class PathKind { None, Model, Data, Template };
PathKind pathKind(std::string_view key)
{
    if (key == "model.base" || key == "model.adapter" || key == "objective.teacher")
        return PathKind::Model;
    if (key == "data.train" || key == "data.eval")
        return PathKind::Data;
    return key == "data.template" ? PathKind::Template : PathKind::None;
}

/// A path in the recipe becomes absolute; a registered name stays what it is.
std::string resolved(std::string_view key, const std::string& value, const std::string& baseFolder)
{
    const PathKind kind = pathKind(key);
    if (kind == PathKind::None || value.empty() || (kind == PathKind::Template && !value.ends_with(".jinja")))
        return value;
    const std::string path = absolutePath(value, baseFolder);
    std::error_code ignored;
    const bool isThere = kind == PathKind::Data ? fs::is_regular_file(path, ignored) : fs::exists(path, ignored);
    const bool looksLikePath = value.find('/') != std::string::npos || value.starts_with('~') || kind == PathKind::Template;
    return isThere || looksLikePath ? path : value;
}

OptionProblem unknownKey(const std::string& key)
{
    const OptionSchema& schema = recipeSchema();
    const std::string section = sectionOf(key), name = key.substr(section.empty() ? 0 : section.size() + 1);
    std::vector<std::string> near;
    for (const auto& option : schema.options())
        if (sectionOf(option.key) == section)
            near.push_back(option.name());
    std::string suggestion = nearest(name, near);
    if (!suggestion.empty())
        suggestion = section.empty() ? suggestion : section + "." + suggestion;
    else
        suggestion = schema.nearestKey(key);
    for (const auto& option : schema.options())
        if (suggestion.empty() && option.name() == name)
            suggestion = option.key;
    return {key, fmt::format("The recipe has an unknown key {}.", key),
        suggestion.empty() ? "`attune recipe schema` lists all keys." : fmt::format("Did you mean {}?", suggestion), ErrorCode::RecipeKey};
}

OptionProblem unknownSection(const std::string& name)
{
    std::vector<std::string> known = sections();
    for (const auto& option : recipeSchema().options())
        if (sectionOf(option.key).empty())
            known.push_back(option.key);
    std::string near = nearest(name, known);
    for (const auto& option : recipeSchema().options())
        if (near.empty() && option.name() == name)
            near = option.key;
    return {name, fmt::format("The recipe has an unknown section {}.", name),
        near.empty() ? fmt::format("Sections are {}.", fmt::join(sections(), ", ")) : fmt::format("Did you mean {}?", near), ErrorCode::RecipeKey};
}

/// What the schema's types cannot say.
std::optional<OptionProblem> checkMeaning(const Option& option, const Json& value)
{
    if (option.key == "attune_recipe" && value != 1)
        return OptionProblem {option.key, fmt::format("The recipe is of version {}; this Attune reads version 1.", toLine(value)),
            "Update Attune, or write the recipe anew with `attune recipe new`.", ErrorCode::RecipeValue};
    if (option.key == "name" && !isValidName(value.get<std::string>()))
        return OptionProblem {option.key, fmt::format("name cannot be {}.", toLine(value)), "Use letters, digits, '.', '_' and '-', at most 100 of them.",
            ErrorCode::RecipeValue};
    if (option.key == "objective.class_weights")
        for (const auto& [name, number] : value.items())
            if (!number.is_number() || number.get<double>() < 0)
                return OptionProblem {option.key, fmt::format("{}: {} has the value {}.", option.key, name, toLine(number)), "Give each label a number, like {spam: 3}.",
                    ErrorCode::RecipeValue};
    if ((option.key == "method.rank_pattern" || option.key == "method.alpha_pattern"))
        for (const auto& [name, number] : value.items())
            if (!number.is_number() || number.get<double>() <= 0 || (option.key == "method.rank_pattern" && !number.is_number_integer()))
                return OptionProblem {option.key, fmt::format("{}: {} has the value {}.", option.key, name, toLine(number)),
                    "Give each layer a number above zero, like {mlp_down: 32}.", ErrorCode::RecipeValue};
    return {};
}

Error errorFrom(const std::vector<OptionProblem>& problems)
{
    Json list = Json::array();
    for (const auto& problem : problems)
        list.push_back({{"key", problem.key}, {"message", problem.message}, {"hint", problem.hint}});
    const auto& first = problems.front();
    Error error = fail(first.code, problems.size() == 1 ? first.message : fmt::format("The recipe has {} problems. {}", problems.size(), first.message), first.hint);
    error.details = toLine(list);
    return error;
}

/// Checks one value, makes its paths absolute and stores it; or tells what is wrong.
std::optional<OptionProblem> store(Json& values, const Option& option, Json value, const std::string& plainText, const std::string& baseFolder)
{
    if (option.type == OptionType::Text && value.is_number() && !plainText.empty())
        value = plainText;
    if (option.isNullable && value == "")
        value = Json();
    if (option.key == "attune_recipe" && value.is_number_integer() && value != 1)
        return checkMeaning(option, value);
    if (auto problem = recipeSchema().check(option, value))
        return problem;
    if (!value.is_null())
        if (auto problem = checkMeaning(option, value))
            return problem;
    if (value.is_string())
        value = resolved(option.key, value.get<std::string>(), baseFolder);
    values[option.key] = std::move(value);
    return {};
}

/// What stands behind a line of the written recipe: the label with its unit, and what may be chosen.
std::string commentOf(const Option& option)
{
    std::string comment = option.label + (option.unit.empty() ? "" : ", " + option.unit);
    std::vector<std::string> values;
    for (const auto& choice : option.choices)
        if (choice.isAvailable)
            values.push_back(choice.value);
    if (!values.empty())
        comment += fmt::format(": {}", fmt::join(values, " | "));
    else if (!option.typical.empty())
        comment += "; typical " + option.typical;
    return comment;
}

class Reader
{
public:
    Reader(Json& values, const YamlDocument& document, const std::string& baseFolder)
        : m_values(values), m_document(document), m_baseFolder(baseFolder)
    {
    }

    std::vector<OptionProblem> problems;

    void read()
    {
        for (const auto& [name, value] : m_document.root.items()) {
            const bool isSection = std::find(sections().begin(), sections().end(), name) != sections().end();
            if (!isSection && (recipeSchema().find(name) || name.find('.') != std::string::npos))
                take(name, value);
            else if (!isSection)
                note(unknownSection(name), name);
            else if (value.is_object())
                for (const auto& [key, item] : value.items())
                    take(name + "." + key, item);
            else if (!value.is_null())
                note({name, fmt::format("The section {} is no map of keys.", name), fmt::format("Write the keys of {} below it, indented.", name)}, name);
        }
    }

private:
    void take(const std::string& key, const Json& value)
    {
        const Option* option = recipeSchema().find(key);
        if (!option)
            return note(unknownKey(key), key);
        if (const auto [it, isNew] = m_taken.emplace(option->key, key); !isNew)
            return note({option->key, fmt::format("{} is given twice, as {} and as {}.", option->key, it->second, key), "Keep one of them."}, key);
        const auto text = m_document.plainText.find(key);
        if (auto problem = store(m_values, *option, value, text == m_document.plainText.end() ? "" : text->second, m_baseFolder))
            note(std::move(*problem), key);
    }

    void note(OptionProblem problem, const std::string& key)
    {
        if (const auto line = m_document.lines.find(key); line != m_document.lines.end())
            problem.message.insert(problem.message.size() - 1, fmt::format(" (line {})", line->second));
        problems.push_back(std::move(problem));
    }

    Json& m_values;
    const YamlDocument& m_document;
    const std::string& m_baseFolder;
    std::map<std::string, std::string> m_taken;
};

}

const OptionSchema& recipeSchema()
{
    static const OptionSchema schema = [] {
        std::vector<Option> all;
        for (auto section : {schema::generalOptions, schema::modelOptions, schema::dataOptions, schema::objectiveOptions, schema::methodOptions,
                 schema::trainingOptions, schema::evalOptions, schema::checkpointOptions, schema::safetyOptions, schema::runtimeOptions})
            for (auto& option : section())
                all.push_back(std::move(option));
        return OptionSchema(std::move(all));
    }();
    return schema;
}

Recipe::Recipe()
    : m_values(Json::object())
{
    for (const auto& option : recipeSchema().options())
        m_values[option.key] = option.defaultValue;
}

Result<Recipe> Recipe::parse(const std::string& text, const std::string& baseFolder)
{
    ATTUNE_TRY(const YamlDocument document, parseYaml(text));
    if (!document.root.is_object())
        return fail(ErrorCode::RecipeSyntax, document.root.is_null() ? "The recipe is empty." : "The recipe is no map of sections.",
            "A recipe is YAML: sections with `key: value` lines below them; `attune recipe new` prints one.");
    Recipe recipe;
    Reader reader(recipe.m_values, document, baseFolder);
    reader.read();
    if (!reader.problems.empty())
        return errorFrom(reader.problems);
    return recipe;
}

Result<Recipe> Recipe::read(const std::string& path)
{
    auto text = readFile(path, 16u << 20);
    if (!text) {
        Error error = text.error();
        error.code = error.code == ErrorCode::FileMissing || error.code == ErrorCode::FileUnreadable ? ErrorCode::RecipeMissing : ErrorCode::RecipeSyntax;
        return error;
    }
    auto recipe = parse(*text, fs::path(absolutePath(path)).parent_path().string());
    if (!recipe)
        return recipe.error().in(path);
    return recipe;
}

Status Recipe::set(const std::string& key, const Json& value)
{
    const Option* option = recipeSchema().find(key);
    if (!option)
        return errorFrom({sectionOf(key).empty() ? unknownSection(key) : unknownKey(key)});
    if (auto problem = store(m_values, *option, value, {}, absolutePath(".")))
        return errorFrom({*problem});
    return {};
}

Status Recipe::setText(const std::string& key, const std::string& yamlValue)
{
    const Option* option = recipeSchema().find(key);
    if (!option)
        return errorFrom({sectionOf(key).empty() ? unknownSection(key) : unknownKey(key)});
    auto document = parseYamlValue(yamlValue);
    // "a: b" or "[x" is text where text is wanted.
    const bool isText = option->type == OptionType::Text && (!document || document->root.is_structured());
    if (!document && !isText)
        return errorFrom({{key, fmt::format("{} cannot be \"{}\".", key, yamlValue.substr(0, 60)), option->help, ErrorCode::RecipeValue}});
    if (isText)
        return set(key, Json(yamlValue));
    if (auto problem = store(m_values, *option, document->root, document->plainText[""], absolutePath(".")))
        return errorFrom({*problem});
    return {};
}

Status Recipe::checkComplete() const
{
    std::vector<OptionProblem> problems;
    for (const char* key : {"model.base", "data.train"})
        if (text(key).empty())
            problems.push_back({key, fmt::format("{} is not set.", key), recipeSchema().find(key)->help, ErrorCode::RecipeValue});
    if (!problems.empty())
        return errorFrom(problems);
    return {};
}

const Json& Recipe::value(std::string_view key) const
{
    const Option* option = recipeSchema().find(key);
    ATTUNE_CHECK(option, fmt::format("no recipe key {}", key));
    return m_values.at(option->key);
}

std::string Recipe::text(std::string_view key) const
{
    const Json& json = value(key);
    return json.is_null() ? "" : json.is_string() ? json.get<std::string>() : toLine(json);
}

double Recipe::number(std::string_view key) const
{
    const Json& json = value(key);
    return json.is_number() ? json.get<double>() : 0.0;
}

std::int64_t Recipe::integer(std::string_view key) const
{
    const Json& json = value(key);
    return json.is_number() ? json.get<std::int64_t>() : 0;
}

bool Recipe::boolean(std::string_view key) const
{
    const Json& json = value(key);
    return json.is_boolean() && json.get<bool>();
}

bool Recipe::isDefault(std::string_view key) const
{
    return value(key) == recipeSchema().find(key)->defaultValue;
}

bool Recipe::isVisible(const Option& option) const
{
    if (option.visibleKey.empty())
        return true;
    const auto& shown = option.visibleValues;
    return std::find(shown.begin(), shown.end(), text(option.visibleKey)) != shown.end();
}

std::string Recipe::name() const
{
    return text("name");
}

Json Recipe::methodValues() const
{
    Json values = Json::object();
    for (const auto& option : recipeSchema().options())
        if (option.key.starts_with("method.") && option.key != "method.type" && isVisible(option))
            values[option.name()] = m_values.at(option.key);
    return values;
}

Json Recipe::toJson() const
{
    Json nested = Json::object();
    for (const auto& [key, value] : m_values.items())
        (sectionOf(key).empty() ? nested : nested[sectionOf(key)])[sectionOf(key).empty() ? key : key.substr(sectionOf(key).size() + 1)] = value;
    return nested;
}

std::string Recipe::toYaml() const
{
    constexpr std::size_t kCommentColumn = 40;
    std::string yaml, section;
    for (const auto& option : recipeSchema().options()) {
        if (!isVisible(option))
            continue;
        if (sectionOf(option.key) != section) {
            section = sectionOf(option.key);
            yaml += section + ":\n";
        }
        std::string line = fmt::format("{}{}: {}", section.empty() ? "" : "  ", option.name(), yamlScalar(m_values.at(option.key)));
        line.resize(std::max(line.size() + 2, kCommentColumn), ' ');
        yaml += line + "# " + commentOf(option) + "\n";
    }
    return yaml;
}

}
