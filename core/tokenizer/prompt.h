// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/render.h"

namespace attune::tokenizer {

/// What a model is asked and what it should answer.
struct PromptAndAnswer {
    std::vector<std::int32_t> ids;  ///< the prompt, ready for the model, with the generation prompt of a template
    std::string answer;             ///< the reference, as it stands in the row
};

/// The part of a row that comes before its last assistant turn, as the model reads it, and that turn's text.
/// A text with a label is a prompt whose answer is the label. chat null: template none.
/// Errors (of the row): RoleMissing where there is no prompt or no answer, TemplateBroken.
Result<PromptAndAnswer> promptOf(const Tokenizer& tokenizer, const ChatTemplate* chat, const importer::Record& record);

/// The messages that end before the answer, of any kind of row.
Result<std::vector<importer::Message>> promptMessages(const importer::Record& record, std::string& answer);

/// Ids of a prompt: rendered with the generation prompt, or plain with the start token. joinsSystem: without a template
/// a system text and its prompt are one text (rows of prompt and completion).
Result<std::vector<std::int32_t>> promptIds(const Tokenizer& tokenizer, const ChatTemplate* chat, const std::vector<importer::Message>& messages, const Json& tools,
    bool joinsSystem);

}
