// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/chat_template.h"

#include "base/file.h"
#include "formats/gguf_file.h"

#include <fmt/format.h>
#include <jinja/lexer.h>
#include <jinja/parser.h>
#include <jinja/runtime.h>
#include <jinja/value.h>

#include <cstdio>
#include <ctime>

namespace attune::tokenizer {
namespace {

constexpr std::size_t kMaxTemplate = 1 << 20;
/// Far more than templates have; the engine's parser recurses.
constexpr int kMaxNesting = 100;
constexpr int kMaxValueDepth = 100;

Error broken(std::string message)
{
    // The engine quotes the source in several lines; the first says what it is about.
    for (auto& c : message)
        if (c == '\n' || c == '\r')
            c = ' ';
    return fail(ErrorCode::TemplateBroken, std::move(message), "Choose another template: chatml, none, or the path of a .jinja file.");
}

/// Nesting of brackets and blocks, counted without understanding them.
int nestingOf(std::string_view text)
{
    int depth = 0, deepest = 0, blocks = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '(' || c == '[' || c == '{')
            deepest = std::max(deepest, ++depth);
        else if (c == ')' || c == ']' || c == '}')
            depth = std::max(0, depth - 1);
        if (text.compare(i, 2, "{%") != 0)
            continue;
        auto at = text.find_first_not_of("-+ \t\r\n", i + 2);
        const auto word = at == std::string_view::npos ? std::string_view() : text.substr(at, 4);
        if (word.starts_with("if") || word.starts_with("for") || word.starts_with("macr") || word.starts_with("call") || word.starts_with("filt"))
            deepest = std::max(deepest, ++blocks);
        else if (word.starts_with("end"))
            blocks = std::max(0, blocks - 1);
    }
    return deepest;
}

jinja::value toValue(const Json& json, int depth = 0)
{
    if (depth > kMaxValueDepth)
        throw std::runtime_error("The message is nested too deeply.");
    switch (json.type()) {
    case Json::value_t::boolean: return jinja::mk_val<jinja::value_bool>(json.get<bool>());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return jinja::mk_val<jinja::value_int>(json.get<std::int64_t>());
    case Json::value_t::number_float: return jinja::mk_val<jinja::value_float>(json.get<double>());
    case Json::value_t::string: return jinja::mk_val<jinja::value_string>(json.get<std::string>());
    case Json::value_t::array: {
        auto array = jinja::mk_val<jinja::value_array>();
        for (const auto& item : json)
            array->push_back(toValue(item, depth + 1));
        return array;
    }
    case Json::value_t::object: {
        auto object = jinja::mk_val<jinja::value_object>();
        for (const auto& [key, value] : json.items())
            object->insert(key, toValue(value, depth + 1));
        return object;
    }
    default: return jinja::mk_val<jinja::value_none>();
    }
}

Json toJson(const importer::Message& message)
{
    Json json {{"role", message.role}, {"content", message.content}};
    if (message.extra.is_object())
        for (const auto& [key, value] : message.extra.items())
            json[key] = value;
    return json;
}

/// Noon of the day, local time; today when there is none. False when it is no date.
bool timeOf(const std::string& date, std::time_t& time)
{
    time = std::time(nullptr);
    if (date.empty())
        return true;
    std::tm parts {};
    char rest = 0;
    if (std::sscanf(date.c_str(), "%4d-%2d-%2d%c", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &rest) != 3)
        return false;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    parts.tm_hour = 12;
    parts.tm_isdst = -1;
    const std::tm asked = parts;
    time = std::mktime(&parts);
    return time != -1 && parts.tm_mon == asked.tm_mon && parts.tm_mday == asked.tm_mday;
}

Result<std::optional<std::string>> templateOfConfig(const std::string& path, bool hasTools)
{
    ATTUNE_TRY(const auto config, readJsonFile(path, 1u << 27));
    const Json value = config.is_object() ? config.value("chat_template", Json()) : Json();
    if (value.is_string())
        return std::optional(value.get<std::string>());
    std::optional<std::string> found;
    for (const auto& named : value.is_array() ? value : Json::array()) {
        if (!named.is_object() || !named.contains("template") || !named["template"].is_string())
            continue;
        const auto name = named.contains("name") && named["name"].is_string() ? named["name"].get<std::string>() : "";
        if (name == "default" ? !found : name == "tool_use" && hasTools)
            found = named["template"].get<std::string>();
    }
    return found;
}

}

struct ChatTemplate::Program {
    jinja::program ast;
    std::time_t time = 0;
};

Result<ChatTemplate> ChatTemplate::parse(std::string text, Options options)
{
    if (text.size() > kMaxTemplate || nestingOf(text) > kMaxNesting)
        return broken("The chat template is far larger or more deeply nested than any known one.");
    auto program = std::make_shared<Program>();
    if (!timeOf(options.date, program->time))
        return fail(ErrorCode::RecipeValue, fmt::format("\"{}\" is no date.", options.date), "Write it as 2026-07-26.");
    try {
        jinja::lexer lexer;
        const auto tokens = lexer.tokenize(text);
        program->ast = jinja::parse_from_tokens(tokens);
    } catch (const std::exception& e) {
        return broken(fmt::format("The chat template cannot be parsed: {}", e.what()));
    }
    ChatTemplate made;
    made.m_text = std::move(text);
    made.m_options = std::move(options);
    made.m_program = std::move(program);
    return made;
}

Result<std::string> ChatTemplate::render(const Conversation& conversation) const
{
    try {
        jinja::context context(m_text);
        context.current_time = m_program->time;
        Json messages = Json::array();
        for (const auto& message : conversation.messages)
            messages.push_back(toJson(message));
        context.set_val("messages", toValue(messages));
        context.set_val("tools", toValue(conversation.tools));
        context.set_val("documents", toValue(Json()));
        context.set_val("add_generation_prompt", toValue(Json(conversation.addGenerationPrompt)));
        if (!m_options.startToken.empty())
            context.set_val("bos_token", toValue(Json(m_options.startToken)));
        if (!m_options.endToken.empty())
            context.set_val("eos_token", toValue(Json(m_options.endToken)));
        if (m_options.variables.is_object())
            for (const auto& [key, value] : m_options.variables.items())
                context.set_val(key, toValue(value));
        jinja::runtime runtime(context);
        const auto results = runtime.execute(m_program->ast);
        std::string text;
        for (const auto& part : jinja::runtime::gather_string_parts(results)->as_string().parts)
            text += part.val;
        return text;
    } catch (const std::exception& e) {
        return broken(fmt::format("The chat template refuses the conversation: {}", e.what()));
    }
}

Result<std::optional<std::string>> readModelTemplate(const std::string& modelPath, bool hasTools)
{
    std::error_code error;
    if (fs::is_directory(modelPath, error)) {
        const std::string own = modelPath + "/chat_template.jinja";
        if (fs::exists(own, error)) {
            ATTUNE_TRY(auto text, readFile(own, kMaxTemplate));
            return std::optional(std::move(text));
        }
        const std::string config = modelPath + "/tokenizer_config.json";
        return fs::exists(config, error) ? templateOfConfig(config, hasTools) : Result<std::optional<std::string>>(std::optional<std::string>());
    }
    ATTUNE_TRY(const auto file, formats::GgufFile::open(modelPath));
    if (hasTools)
        if (auto text = file.text("tokenizer.chat_template.tool_use"); text && !text->empty())
            return text;
    auto text = file.text("tokenizer.chat_template");
    if (text && text->empty())
        text.reset();
    return text;
}

Result<std::optional<ChatTemplate>> loadChatTemplate(const std::string& choice, const std::string& modelPath, const Tokenizer& tokenizer, const std::string& date)
{
    if (choice == "none")
        return std::optional<ChatTemplate>();
    const auto nameOf = [&](std::int32_t id) { return id < 0 ? std::string() : tokenizer.piece(id); };
    ChatTemplate::Options options {nameOf(tokenizer.startToken()), nameOf(tokenizer.endToken()), date, {}};
    std::string text;
    std::error_code error;
    if (choice.empty() || choice == "model") {
        ATTUNE_TRY(auto found, readModelTemplate(modelPath));
        if (!found)
            return fail(ErrorCode::TemplateMissing, fmt::format("The model {} has no chat template.", fs::path(modelPath).filename().string()),
                "Choose one: data.template chatml renders turns in ChatML; none trains on prompt and completion without a template.");
        text = std::move(*found);
    } else if (text = builtinTemplate(choice); !text.empty()) {
    } else if (fs::is_regular_file(choice, error)) {
        ATTUNE_TRY(text, readFile(choice, kMaxTemplate));
    } else {
        return fail(ErrorCode::TemplateMissing, fmt::format("There is no chat template \"{}\": neither a built-in name nor a file.", choice),
            fmt::format("Known are model, none, {}, or the path of a .jinja file.", fmt::join(builtinTemplates(), ", ")));
    }
    ATTUNE_TRY(auto parsed, ChatTemplate::parse(std::move(text), std::move(options)));
    return std::optional(std::move(parsed));
}

}
