// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/record.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/tokenizer.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace attune::tokenizer {

/// Which tokens are targets (recipe.md: data.train_on).
enum class TrainOn { Completion, Assistant, All };
enum class Overlong { Truncate, Drop };

/// By their names in recipes; false when unknown.
bool trainOnFromName(std::string_view name, TrainOn& value);
bool overlongFromName(std::string_view name, Overlong& value);

/// What a row of the dataset becomes; the objective decides (see objective_rows.h).
enum class RowShape {
    Answers,       ///< prompts with trained answers, conversations, plain texts
    Blocks,        ///< texts with start and end tokens, one after another, cut into blocks of maxLength
    PlainText,     ///< a text with the tokenizer's own start and end tokens; all others are trained
    Labelled,      ///< a text as PlainText, with a label
    LabelledWords, ///< a list of words, with a label each
    Preference,    ///< two sequences: the prompt with the chosen, and with the rejected answer
    Feedback,      ///< a prompt with one answer and whether it is good: label 1 or 0
    SourceTarget   ///< two sequences: what an encoder reads, what a decoder answers
};

/// What the labels of Labelled rows are.
enum class LabelKind { Class, Flags, Number };

struct RenderOptions {
    TrainOn trainOn = TrainOn::Completion;
    std::int64_t maxLength = 0;  ///< tokens; 0 = no limit
    Overlong overlong = Overlong::Truncate;
    RowShape shape = RowShape::Answers;
    LabelKind labelKind = LabelKind::Class;
    std::vector<std::string> labels {};  ///< names of the classes, in their order
    std::int32_t decoderStart = 0;       ///< SourceTarget: the token before every answer
};

/// A row as text and tokens.
struct RenderedRow {
    std::string text;                   ///< what the template made; prompt + completion without one
    std::vector<std::int32_t> ids;
    std::vector<std::uint8_t> trained;  ///< 1 where the token is a target; same length
    bool isTruncated = false;
    std::vector<std::int32_t> partLengths {};  ///< see TokenRow
    std::vector<float> labels {};
};

/// A byte range of a rendering.
using TextSpan = std::pair<std::size_t, std::size_t>;

/// The trained byte ranges of a rendered conversation (recipe.md "How rows become tokens"): contents of
/// the assistant turns (the last, or all) found by rendering private-use sentinels in their place, else
/// by the longest common prefix with the rendering up to the turn. The end token behind a turn is not in
/// the range yet: it is found among the tokens. Errors: TemplateBroken when neither method holds.
Result<std::vector<TextSpan>> assistantSpans(const ChatTemplate& chat, const Conversation& conversation, const std::string& rendered, TrainOn trainOn);

/// Text, ids and mask of a conversation. Nothing is cut. Errors: TemplateBroken.
Result<RenderedRow> renderConversation(const Tokenizer& tokenizer, const ChatTemplate& chat, const Conversation& conversation, TrainOn trainOn);

/// Cuts a row at maxLength and checks that a target is left behind its first token. Errors as renderRecord.
Status cutRow(RenderedRow& row, const RenderOptions& options);

/// Ids and mask of a dataset's row of the shape Answers. chat null means `template: none`: prompt and completion are
/// tokenised apart, the start token goes before the prompt, the end token behind the completion
/// and is trained; plain text likewise, all of it trained. Text rows never go through a template.
/// Errors (the row is left out): TemplateBroken, RoleMissing when the row has no text to train on,
/// NothingTrained when max_length cut every target, Unsupported for a longer row under `drop`.
Result<RenderedRow> renderRecord(const Tokenizer& tokenizer, const ChatTemplate* chat, const importer::Record& record, const RenderOptions& options);

}
