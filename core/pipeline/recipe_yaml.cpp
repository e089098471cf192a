// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/recipe_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

namespace attune::pipeline {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr std::size_t kMaxDepth = 64;
constexpr std::int64_t kMaxValues = 20'000;

struct Refusal {
    std::string message;
    int line;
};

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

/// A number as YAML 1.2's core schema, JSON and everyday writing have it ("2e-4", "+1", "1_000" is none).
std::optional<Json> numberFrom(std::string_view text)
{
    if (isOneOf(text, {".nan", ".NaN", ".NAN"}))
        return Json(std::numeric_limits<double>::quiet_NaN());
    const bool isNegative = text.starts_with('-');
    std::string_view digits = text.substr(isNegative || text.starts_with('+') ? 1 : 0);
    if (isOneOf(digits, {".inf", ".Inf", ".INF"}))
        return Json(isNegative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity());
    if (digits.empty() || digits.find_first_not_of("0123456789.eE+-") != std::string_view::npos || digits.find_first_of("0123456789") > 1)
        return {};
    const std::string whole = (isNegative ? "-" : "") + std::string(digits);
    std::int64_t integer = 0;
    if (const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), integer);
        error == std::errc() && end == whole.data() + whole.size())
        return Json(integer);
    double number = 0;
    if (const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), number);
        error == std::errc() && end == whole.data() + whole.size())
        return Json(number);
    return {};
}

Json plainScalar(const std::string& text)
{
    if (isOneOf(text, {"", "~", "null", "Null", "NULL"}))
        return {};
    if (isOneOf(text, {"true", "True", "TRUE"}))
        return true;
    if (isOneOf(text, {"false", "False", "FALSE"}))
        return false;
    return numberFrom(text).value_or(Json(text));
}

std::int64_t countValues(const Json& json)
{
    std::int64_t count = 1;
    if (json.is_structured())
        for (const auto& item : json)
            count += countValues(item);
    return count;
}

/// Builds values from the parser's events on a stack of its own: yaml-cpp's node graph would follow
/// aliases and nesting without limits.
class Builder final : public YAML::EventHandler
{
public:
    YamlDocument document;

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(Json(), {}, mark, anchor); }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto it = m_anchors.find(anchor);
        if (it == m_anchors.end())
            throw Refusal {"An alias refers to a value that contains it.", mark.line + 1};
        m_values += countValues(it->second) - 1;
        add(it->second, {}, mark, 0);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override
    {
        const bool isPlain = tag == "?" || tag.empty();
        add(isPlain ? plainScalar(value) : Json(value), value, mark, anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(Json::array(), mark, anchor);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(Json::object(), mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

private:
    struct Level {
        Json value;
        YAML::anchor_t anchor = 0;
        std::string key;
        bool hasKey = false;
        YAML::Mark mark;
    };

    std::string path(const std::string& key) const
    {
        std::string dotted;
        for (std::size_t i = 0; i + 1 < m_levels.size(); ++i)
            dotted += m_levels[i].key + ".";
        return dotted + key;
    }

    void open(Json empty, const YAML::Mark& mark, YAML::anchor_t anchor)
    {
        if (m_levels.size() >= kMaxDepth)
            throw Refusal {fmt::format("It is nested deeper than {} levels.", kMaxDepth), mark.line + 1};
        if (!m_levels.empty() && m_levels.back().value.is_object() && !m_levels.back().hasKey)
            throw Refusal {"A key is a list or a map.", mark.line + 1};
        Level level;
        level.value = std::move(empty);
        level.anchor = anchor;
        level.mark = mark;
        m_levels.push_back(std::move(level));
    }

    void close()
    {
        Level level = std::move(m_levels.back());
        m_levels.pop_back();
        add(std::move(level.value), {}, level.mark, level.anchor);
    }

    void add(Json value, const std::string& text, const YAML::Mark& mark, YAML::anchor_t anchor)
    {
        if (++m_values > kMaxValues)
            throw Refusal {fmt::format("It holds more than {} values.", kMaxValues), mark.line + 1};
        if (anchor != 0)
            m_anchors[anchor] = value;
        if (m_levels.empty()) {
            document.root = std::move(value);
            document.plainText[""] = text;
            return;
        }
        Level& level = m_levels.back();
        if (level.value.is_array()) {
            level.value.push_back(std::move(value));
        } else if (!level.hasKey) {
            level.key = value.is_string() ? value.get<std::string>() : text;
            level.hasKey = true;
            if (level.value.contains(level.key))
                throw Refusal {fmt::format("The key \"{}\" is written twice.", path(level.key)), mark.line + 1};
            document.lines[path(level.key)] = mark.line + 1;
        } else {
            if (value.is_number())
                document.plainText[path(level.key)] = text;
            level.value[level.key] = std::move(value);
            level.hasKey = false;
        }
    }

    std::vector<Level> m_levels;
    std::map<YAML::anchor_t, Json> m_anchors;
    std::int64_t m_values = 0;
};

constexpr const char* kSyntaxHint = "A recipe is YAML: sections with `key: value` lines below them; `attune recipe new` prints one.";

Error syntaxError(const std::string& message, int line)
{
    return fail(ErrorCode::RecipeSyntax, fmt::format("The recipe cannot be read: line {}: {}", line, message), kSyntaxHint);
}

/// Nesting of brackets outside quotes and comments; yaml-cpp's scanner takes quadratic time on thousands of open ones.
bool isNestedTooDeep(std::string_view text)
{
    std::size_t depth = 0;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == '"' && c == '\\') {
            ++i;
        } else if (quote != 0) {
            quote = c == quote || c == '\n' ? 0 : quote;
        } else if ((c == '"' || c == '\'') && (i == 0 || std::string_view(" \n[{,:").find(text[i - 1]) != std::string_view::npos)) {
            quote = c;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth)
                return true;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

Result<YamlDocument> readYaml(const std::string& text)
{
    std::istringstream stream(text);
    try {
        YAML::Parser parser(stream);
        Builder builder;
        const bool hasDocument = parser.HandleNextDocument(builder);
        Builder second;
        if (hasDocument && parser.HandleNextDocument(second) && !second.document.root.is_null())
            return syntaxError("a second document begins; a recipe is one.", 1);
        return std::move(builder.document);
    } catch (const Refusal& refusal) {
        return syntaxError(refusal.message, refusal.line);
    } catch (const YAML::Exception& e) {
        return syntaxError(e.msg + ".", e.mark.line + 1);
    } catch (const std::exception& e) {
        return fail(ErrorCode::RecipeSyntax, fmt::format("The recipe cannot be read: {}.", e.what()), kSyntaxHint);
    }
}

std::string yamlNumber(double number)
{
    if (std::isnan(number))
        return ".nan";
    if (std::isinf(number))
        return number < 0 ? "-.inf" : ".inf";
    const double size = std::abs(number);
    if (size == 0 || (size >= 1e-3 && size < 1e15)) {
        std::string text = fmt::format("{}", number);
        return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
    }
    // The shortest digits that read back the same, then mantissa and exponent as PyYAML wants them.
    for (int digits = 1; digits <= 17; ++digits) {
        std::string text = fmt::format("{:.{}e}", number, digits);
        if (std::stod(text) == number)
            return text;
    }
    return fmt::format("{:.17e}", number);
}

std::string yamlText(const std::string& text)
{
    constexpr std::string_view kFirst = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/";
    constexpr std::string_view kRest = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./@+-";
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool isPlain = !text.empty() && kFirst.find(text[0]) != std::string_view::npos && text.find_first_not_of(kRest) == std::string::npos;
    // Words that YAML 1.1 readers take for something else.
    const bool isReserved = isOneOf(lower, {"null", "true", "false", "yes", "no", "on", "off", "y", "n"});
    return isPlain && !isReserved ? text : toLine(Json(text));
}

}

Result<YamlDocument> parseYaml(const std::string& text)
{
    if (text.size() > kMaxBytes)
        return fail(ErrorCode::RecipeSyntax, fmt::format("The recipe is {} bytes long; a recipe has at most {}.", text.size(), kMaxBytes),
            "This is probably another file.");
    if (isNestedTooDeep(text))
        return fail(ErrorCode::RecipeSyntax, fmt::format("The recipe is nested deeper than {} levels.", kMaxDepth), kSyntaxHint);
    return readYaml(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
}

Result<YamlDocument> parseYamlValue(const std::string& text)
{
    if (text.find_first_not_of(" \t\n") == std::string::npos) {
        YamlDocument empty;
        empty.root = "";
        return empty;
    }
    return parseYaml(text);
}

std::string yamlScalar(const Json& value)
{
    if (value.is_number_float())
        return yamlNumber(value.get<double>());
    if (value.is_string())
        return yamlText(value.get<std::string>());
    if (!value.is_structured())
        return toLine(value);
    std::string text;
    for (const auto& [key, item] : value.items())
        text += (text.empty() ? "" : ", ") + (value.is_object() ? yamlText(key) + ": " : "") + yamlScalar(item);
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

}
