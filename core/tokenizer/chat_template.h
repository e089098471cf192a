// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "importer/record.h"
#include "tokenizer/tokenizer.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attune::tokenizer {

/// A conversation to be rendered.
struct Conversation {
    std::vector<importer::Message> messages;
    Json tools;                       ///< array, or null
    bool addGenerationPrompt = false;
};

/// A parsed Jinja chat template. Rendering equals Hugging Face's apply_chat_template: trim_blocks and
/// lstrip_blocks, the special tokens and `tools` (none when absent) as variables, strftime_now at a
/// frozen date. Immutable; any thread.
class ChatTemplate
{
public:
    struct Options {
        std::string startToken;   ///< bos_token
        std::string endToken;     ///< eos_token
        std::string date;         ///< "2026-07-26": what strftime_now and date_string see; empty = today
        Json variables;           ///< more variables (pad_token, enable_thinking …), or null
    };

    /// Errors: TemplateBroken with the place.
    static Result<ChatTemplate> parse(std::string text, Options options);

    /// Errors: TemplateBroken with the template's own message when it refuses the conversation.
    Result<std::string> render(const Conversation& conversation) const;

    const std::string& text() const { return m_text; }
    const Options& options() const { return m_options; }

private:
    struct Program;
    std::string m_text;
    Options m_options;
    std::shared_ptr<const Program> m_program;
};

/// The template of a model's own files: chat_template.jinja, tokenizer_config.json's chat_template
/// (a string, or a list of named ones: "default", and "tool_use" when hasTools), or a GGUF's
/// tokenizer.chat_template. Nothing when it has none. Errors: those of reading.
Result<std::optional<std::string>> readModelTemplate(const std::string& modelPath, bool hasTools = false);

/// Names of the built-in templates: "chatml" and others.
std::vector<std::string> builtinTemplates();
/// Text of a built-in template, empty when there is none of that name.
std::string builtinTemplate(std::string_view name);

/// What `data.template` of a recipe leads to: `model`, a built-in name, or the path of a .jinja file.
/// `none` gives nothing. Errors: TemplateMissing with the offer of chatml or none, TemplateBroken.
Result<std::optional<ChatTemplate>> loadChatTemplate(const std::string& choice, const std::string& modelPath, const Tokenizer& tokenizer,
    const std::string& date = {});

}
