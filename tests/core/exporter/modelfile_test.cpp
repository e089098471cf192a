// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/modelfile.h"

#include "base/file.h"
#include "support/paths.h"

#include <gtest/gtest.h>

using namespace attune;

namespace {

tokenizer::ChatTemplate parse(const std::string& text, const std::string& start = {}, const std::string& end = {})
{
    return tokenizer::ChatTemplate::parse(text, {.startToken = start, .endToken = end, .date = "2026-07-26", .variables = {}}).value();
}

/// Runs the few actions that our Go templates use; enough to see what Ollama would print.
std::string runGo(const std::string& go, const std::vector<importer::Message>& messages, const std::string& system = {})
{
    std::string out;
    const auto literal = [](const std::string& text) {
        std::string result;
        for (std::size_t i = 0; i < text.size(); ++i)
            result += text[i] != '\\' ? text[i] : text[++i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
        return result;
    };
    std::vector<std::string> actions;
    for (std::size_t at = go.find("{{"); at != std::string::npos; at = go.find("{{", at)) {
        bool quoted = false;
        std::size_t end = at + 2;
        for (; end < go.size() && (quoted || go.compare(end, 2, "}}") != 0); ++end)
            quoted = go[end] == '"' && go[end - 1] != '\\' ? !quoted : quoted;
        std::string action = go.substr(at + 2, end - at - 2);
        action.erase(0, action.find_first_not_of("- "));
        action.erase(action.find_last_not_of(" ") + 1);
        actions.push_back(action);
        at = end;
    }
    // Blocks: the range runs once per message, `if` takes the branch whose condition holds.
    const auto body = std::find_if(actions.begin(), actions.end(), [](const auto& a) { return a.starts_with("range"); });
    bool headShown = true;
    for (auto it = actions.begin(); it != body; ++it) {
        if (*it == "if not .System")
            headShown = system.empty();
        else if (it->starts_with("\"") && headShown)
            out += literal(it->substr(1, it->size() - 2));
    }
    for (std::size_t m = 0; m < messages.size(); ++m) {
        const bool isLast = m + 1 == messages.size();
        std::vector<std::pair<bool, bool>> stack;  // (this branch runs, a branch has run)
        const auto holds = [&](const std::string& c) {
            return c == "not $last" ? !isLast : c.starts_with("and $last") ? isLast && messages[m].role != "assistant" : c == "eq .Role \"" + messages[m].role + "\"";
        };
        for (auto it = body + 1; it != actions.end(); ++it) {
            const bool runs = std::all_of(stack.begin(), stack.end(), [](const auto& s) { return s.first; });
            if (it->starts_with("if ")) {
                const bool is = holds(it->substr(3));
                stack.emplace_back(is, is);
            } else if (it->starts_with("else if ")) {
                const bool is = !stack.back().second && holds(it->substr(8));
                stack.back() = {is, stack.back().second || is};
            } else if (*it == "end") {
                if (!stack.empty())
                    stack.pop_back();
            } else if (runs && it->starts_with("\"")) {
                out += literal(it->substr(1, it->size() - 2));
            } else if (runs && *it == ".Content") {
                out += messages[m].content;
            }
        }
    }
    return out;
}

std::string jinja(const tokenizer::ChatTemplate& chat, const std::vector<importer::Message>& messages, const std::string& start)
{
    tokenizer::Conversation conversation;
    conversation.messages = messages;
    conversation.addGenerationPrompt = true;
    const auto text = chat.render(conversation).value();
    return text.starts_with(start) ? text.substr(start.size()) : text;
}

importer::Message say(const std::string& role, const std::string& content)
{
    importer::Message message;
    message.role = role;
    message.content = content;
    return message;
}

constexpr const char* kSmolLm = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a \"helpful\" assistant<|im_end|>\n' }}{% endif %}"
                                "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
constexpr const char* kLlama3 = "{{- bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}{% endfor %}"
                                "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";
constexpr const char* kMistral = "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}"
                                 "{% else %}{{ raise_exception('no system') }}{% endif %}{% endfor %}";
constexpr const char* kGemma = "{{ bos_token }}{% for message in messages %}{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\n' + message['content'] + '<end_of_turn>\n' }}{% endfor %}"
                               "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}";

struct Case {
    const char* name;
    const char* text;
    const char* start;
    const char* stop;
};

class OllamaTemplate : public testing::TestWithParam<Case>
{
};

}

TEST_P(OllamaTemplate, SaysWhatTheModelsOwnTemplateSays)
{
    const auto chat = parse(GetParam().text, GetParam().start, "</s>");

    const auto ollama = exporter::ollamaChat(chat, GetParam().start);

    ASSERT_TRUE(ollama) << ollama.error().message;
    EXPECT_EQ(ollama->stops.front(), GetParam().stop);
    std::vector<importer::Message> messages {say("user", "Hi {{ x }} \"there\"\n"), say("assistant", "Yes."), say("user", "More?")};
    if (std::string(GetParam().name) == "Llama3")
        messages[0].content = "Hi";  // this template trims
    auto withDefault = messages;
    if (!ollama->systemPrompt.empty())
        withDefault.insert(withDefault.begin(), say("system", ollama->systemPrompt));  // as Ollama does with SYSTEM
    EXPECT_EQ(runGo(ollama->goTemplate, withDefault, ollama->systemPrompt), jinja(chat, messages, GetParam().start)) << ollama->goTemplate;
    if (std::string(GetParam().name) == "Mistral")
        return;  // refuses system messages
    messages.insert(messages.begin(), say("system", "Be brief."));
    EXPECT_EQ(runGo(ollama->goTemplate, messages, "Be brief."), jinja(chat, messages, GetParam().start)) << ollama->goTemplate;
}

INSTANTIATE_TEST_SUITE_P(Templates, OllamaTemplate,
    testing::Values(Case {"SmolLm", kSmolLm, "", "<|im_end|>"}, Case {"Llama3", kLlama3, "<|begin_of_text|>", "<|eot_id|>"}, Case {"Mistral", kMistral, "<s>", "</s>"},
        Case {"Gemma", kGemma, "<bos>", "<end_of_turn>"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Modelfile, NamesWeightsAdapterTemplateAndStops)
{
    const auto chat = exporter::ollamaChat(parse(kSmolLm), "").value();

    const auto text = exporter::modelfileText("./base.gguf", "./adapter.gguf", chat);

    EXPECT_TRUE(text.starts_with("FROM ./base.gguf\nADAPTER ./adapter.gguf\n")) << text;
    EXPECT_NE(text.find("SYSTEM \"\"\"You are a \"helpful\" assistant\"\"\""), std::string::npos) << text;
    EXPECT_NE(text.find("PARAMETER stop \"<|im_end|>\""), std::string::npos) << text;
}
