// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/render.h"

#include "tokenizer/token_offsets.h"
#include "tokenizer/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace attune::tokenizer {
namespace {

using importer::Message;
using importer::Record;

/// What may stand between a turn's text and the special token that ends it.
constexpr std::size_t kMaxGap = 32;

bool isAssistant(const Message& message)
{
    return message.role == "assistant" || message.role == "model" || message.role == "gpt";
}

/// The turns to be trained, in order.
std::vector<std::size_t> trainedTurns(const std::vector<Message>& messages, TrainOn trainOn)
{
    std::vector<std::size_t> turns;
    for (std::size_t i = 0; i < messages.size(); ++i)
        if (isAssistant(messages[i]))
            turns.push_back(i);
    if (trainOn == TrainOn::Completion && turns.size() > 1)
        turns = {turns.back()};
    return turns;
}

std::string sentinel(std::size_t index)
{
    return fmt::format("\xEE\x80\x80{}\xEE\x80\x81", index);  // U+E000 … U+E001: for private use
}

std::string_view trimmed(std::string_view text, bool left, bool right)
{
    constexpr std::string_view kSpace = " \t\n\r\v\f";
    if (left)
        text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (right)
        text.remove_suffix(text.size() - std::min(text.find_last_not_of(kSpace) + 1, text.size()));
    return text;
}

bool hasPlainContent(const Message& message)
{
    const bool overridden = message.extra.is_object()
        && (message.extra.contains("content") || message.extra.contains("tool_calls") || message.extra.contains("reasoning_content"));
    return !overridden && !trimmed(message.content, true, true).empty();
}

/// Puts contents back where their sentinels stand; nothing when that is not the real rendering.
std::optional<std::vector<TextSpan>> putBack(const std::string& marked, const Conversation& conversation, const std::vector<std::size_t>& turns,
    const std::string& rendered, bool trimsLeft, bool trimsRight)
{
    std::string made;
    std::vector<TextSpan> spans;
    std::size_t at = 0;
    for (const auto turn : turns) {
        const std::string mark = sentinel(turn);
        const auto found = marked.find(mark, at);
        if (found == std::string::npos || marked.find(mark, found + mark.size()) != std::string::npos)
            return std::nullopt;
        made += std::string_view(marked).substr(at, found - at);
        const auto content = trimmed(conversation.messages[turn].content, trimsLeft, trimsRight);
        spans.emplace_back(made.size(), made.size() + content.size());
        made += content;
        at = found + mark.size();
    }
    made += std::string_view(marked).substr(at);
    return made == rendered ? std::optional(spans) : std::nullopt;
}

std::optional<std::vector<TextSpan>> spansBySentinels(const ChatTemplate& chat, const Conversation& conversation, const std::vector<std::size_t>& turns,
    const std::string& rendered)
{
    Conversation marked = conversation;
    for (const auto turn : turns) {
        if (!hasPlainContent(conversation.messages[turn]) || conversation.messages[turn].content.find("\xEE\x80\x80") != std::string::npos)
            return std::nullopt;
        marked.messages[turn].content = sentinel(turn);
    }
    const auto text = chat.render(marked);
    if (!text)
        return std::nullopt;
    for (const auto& [left, right] : {std::pair {false, false}, {true, true}, {false, true}, {true, false}})
        if (auto spans = putBack(*text, conversation, turns, rendered, left, right))
            return spans;
    return std::nullopt;
}

std::size_t commonPrefix(std::string_view a, std::string_view b)
{
    auto n = static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin()).first - a.begin());
    while (n > 0 && n < b.size() && (static_cast<unsigned char>(b[n]) & 0xC0) == 0x80)
        --n;  // not inside a code point
    return n;
}

std::optional<TextSpan> spanByPrefix(const ChatTemplate& chat, const Conversation& conversation, std::size_t turn, const std::string& rendered)
{
    const auto& messages = conversation.messages;
    Conversation before {{messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(turn)}, conversation.tools, true};
    Conversation until {{messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(turn) + 1}, conversation.tools, false};
    const auto prompt = chat.render(before);
    const auto whole = chat.render(until);
    if (!prompt || !whole)
        return std::nullopt;
    // A turn in the middle must look the same with all that follows.
    if (!std::string_view(rendered).starts_with(*whole))
        return std::nullopt;
    const auto begin = commonPrefix(*prompt, *whole);
    const auto end = trimmed(*whole, false, true).size();
    if (begin >= end)
        return std::nullopt;
    // The generation prompt may go on where the turn does not (an opening <think>): then it must have
    // matched beyond what stands there without it, or the turn's text must lie behind the place.
    if (begin < prompt->size()) {
        before.addGenerationPrompt = false;
        const auto bare = chat.render(before);
        const auto content = trimmed(messages[turn].content, true, true);
        const bool hasContent = !content.empty() && whole->find(content.substr(0, 64), begin) != std::string::npos;
        if (!hasContent && !(bare && begin > bare->size()))
            return std::nullopt;
    }
    return TextSpan {begin, end};
}

/// Marks what overlaps the spans, and behind each the first special token.
void markSpans(const Tokenizer& tokenizer, const std::vector<TextSpan>& spans, RenderedRow& row)
{
    const auto ends = tokenEnds(tokenizer, row.text, row.ids);
    for (const auto& [begin, end] : spans) {
        std::size_t i = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), begin) - ends.begin());
        std::size_t last = i;
        for (; i < row.ids.size() && (i ? ends[i - 1] : 0) < end; ++i) {
            row.trained[i] = 1;
            last = i;
        }
        // A span by common prefix holds its end token already.
        if (last < row.ids.size() && row.trained[last] && tokenizer.isSpecial(row.ids[last]))
            continue;
        std::size_t stop = i;
        while (stop < row.ids.size() && !tokenizer.isSpecial(row.ids[stop]) && ends[stop] - std::min(end, ends[stop]) <= kMaxGap)
            ++stop;
        if (stop < row.ids.size() && tokenizer.isSpecial(row.ids[stop]))
            std::fill(row.trained.begin() + static_cast<std::ptrdiff_t>(i), row.trained.begin() + static_cast<std::ptrdiff_t>(stop) + 1, std::uint8_t(1));
    }
}

void append(RenderedRow& row, const Tokenizer& tokenizer, std::string_view text, bool isTrained)
{
    tokenizer.encode(text, SpecialTokens::Omit, row.ids);
    row.trained.resize(row.ids.size(), isTrained);
    row.text += text;
}

/// Prompt and completion, or plain text, without a template (recipe.md: template none).
RenderedRow renderPlain(const Tokenizer& tokenizer, std::string_view prompt, std::string_view completion, TrainOn trainOn)
{
    RenderedRow row;
    if (tokenizer.addsStartToken() && tokenizer.startToken() >= 0) {
        row.ids.push_back(tokenizer.startToken());
        row.trained.push_back(trainOn == TrainOn::All);
    }
    append(row, tokenizer, prompt, trainOn == TrainOn::All);
    append(row, tokenizer, completion, true);
    if (tokenizer.endToken() >= 0 && (row.ids.empty() || row.ids.back() != tokenizer.endToken())) {
        row.ids.push_back(tokenizer.endToken());
        row.trained.push_back(1);
    }
    return row;
}

/// A conversation without a template: turns follow one another, each assistant turn closed by the end token.
RenderedRow renderBareConversation(const Tokenizer& tokenizer, const std::vector<Message>& messages, TrainOn trainOn)
{
    const auto turns = trainedTurns(messages, trainOn);
    RenderedRow row;
    if (tokenizer.addsStartToken() && tokenizer.startToken() >= 0) {
        row.ids.push_back(tokenizer.startToken());
        row.trained.push_back(trainOn == TrainOn::All);
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const bool isTrained = trainOn == TrainOn::All || std::find(turns.begin(), turns.end(), i) != turns.end();
        append(row, tokenizer, messages[i].content, isTrained);
        if (isAssistant(messages[i]) && tokenizer.endToken() >= 0) {
            row.ids.push_back(tokenizer.endToken());
            row.trained.push_back(isTrained);
        }
    }
    return row;
}

}

bool trainOnFromName(std::string_view name, TrainOn& value)
{
    for (const auto& [known, meaning] : {std::pair {"completion", TrainOn::Completion}, {"assistant", TrainOn::Assistant}, {"all", TrainOn::All}})
        if (name == known) {
            value = meaning;
            return true;
        }
    return false;
}

bool overlongFromName(std::string_view name, Overlong& value)
{
    if (name != "truncate" && name != "drop")
        return false;
    value = name == "drop" ? Overlong::Drop : Overlong::Truncate;
    return true;
}

Result<std::vector<TextSpan>> assistantSpans(const ChatTemplate& chat, const Conversation& conversation, const std::string& rendered, TrainOn trainOn)
{
    const auto turns = trainedTurns(conversation.messages, trainOn);
    if (turns.empty())
        return std::vector<TextSpan> {};
    if (auto spans = spansBySentinels(chat, conversation, turns, rendered))
        return *spans;
    std::vector<TextSpan> spans;
    for (const auto turn : turns) {
        // One turn may be found by its own sentinel where all together are not.
        auto own = spansBySentinels(chat, conversation, {turn}, rendered);
        const auto span = own ? std::optional(own->front()) : spanByPrefix(chat, conversation, turn, rendered);
        if (!span)
            return fail(ErrorCode::TemplateBroken, fmt::format("The chat template does not show where the assistant's turn {} begins.", turn + 1),
                "Choose another template, or train_on: all.");
        spans.push_back(*span);
    }
    return spans;
}

Result<RenderedRow> renderConversation(const Tokenizer& tokenizer, const ChatTemplate& chat, const Conversation& conversation, TrainOn trainOn)
{
    RenderedRow row;
    ATTUNE_TRY(row.text, chat.render(conversation));
    tokenizer.encode(row.text, SpecialTokens::Omit, row.ids);  // templates write the start token themselves
    row.trained.assign(row.ids.size(), trainOn == TrainOn::All);
    if (trainOn == TrainOn::All)
        return row;
    ATTUNE_TRY(const auto spans, assistantSpans(chat, conversation, row.text, trainOn));
    markSpans(tokenizer, spans, row);
    return row;
}

Status cutRow(RenderedRow& row, const RenderOptions& options)
{
    const auto length = static_cast<std::int64_t>(row.ids.size());
    if (options.maxLength > 0 && length > options.maxLength) {
        if (options.overlong == Overlong::Drop)
            return fail(ErrorCode::Unsupported, fmt::format("The row is longer than {} tokens.", options.maxLength), "Raise max_length or choose truncate.");
        row.ids.resize(static_cast<std::size_t>(options.maxLength));
        row.trained.resize(row.ids.size());
        row.isTruncated = true;
    }
    // The first token of a row is never a target.
    if (row.trained.empty() || std::find(row.trained.begin() + 1, row.trained.end(), 1) == row.trained.end())
        return row.isTruncated ? fail(ErrorCode::NothingTrained, "Every token to train on was cut off by max_length.", "Raise max_length.")
                               : fail(ErrorCode::NothingTrained, "The row has no token to train on.", "Check the row's completion.");
    return {};
}

Result<RenderedRow> renderRecord(const Tokenizer& tokenizer, const ChatTemplate* chat, const Record& record, const RenderOptions& options)
{
    RenderedRow row;
    switch (record.kind) {
    case Record::Kind::Text: row = renderPlain(tokenizer, {}, record.text, TrainOn::All); break;
    case Record::Kind::PromptCompletion:
    case Record::Kind::Conversation: {
        if (!chat && record.kind == Record::Kind::PromptCompletion) {
            const std::string prompt = record.system.empty() ? record.prompt : record.system + "\n\n" + record.prompt;
            row = renderPlain(tokenizer, prompt, record.completion, options.trainOn);
            break;
        }
        const auto messages = record.conversation();
        if (!chat) {
            row = renderBareConversation(tokenizer, messages, options.trainOn);
            break;
        }
        if (messages.empty())
            return fail(ErrorCode::RoleMissing, "The row has no message.", "Check the mapping of the columns.");
        ATTUNE_TRY(row, renderConversation(tokenizer, *chat, {messages, record.tools, false}, options.trainOn));
        break;
    }
    default:
        return fail(ErrorCode::RoleMissing, "The row has neither a text, a prompt with completion, nor messages.", "Check the mapping of the columns.");
    }
    ATTUNE_RETURN_IF_ERROR(cutRow(row, options));
    return row;
}

}
