// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/modelfile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace attune::exporter {
namespace {

// Markers that no template contains and none would trim or change.
const std::string kSystem = "qSYSTEMq", kUser = "qUSERq", kAnswer = "qANSWERq", kUserAgain = "qSECONDq";

using Messages = std::vector<importer::Message>;

importer::Message message(const char* role, const std::string& content)
{
    importer::Message result;
    result.role = role;
    result.content = content;
    return result;
}

Result<std::string> render(const tokenizer::ChatTemplate& chat, Messages messages, bool addGenerationPrompt)
{
    tokenizer::Conversation conversation;
    conversation.messages = std::move(messages);
    conversation.addGenerationPrompt = addGenerationPrompt;
    return chat.render(conversation);
}

std::string withoutStart(std::string text, const std::string& start)
{
    if (!start.empty() && text.starts_with(start))
        text.erase(0, start.size());
    return text;
}

/// The pieces between markers, which must all be there in this order.
Result<std::vector<std::string>> around(const std::string& text, const std::vector<std::string>& markers)
{
    std::vector<std::string> pieces;
    std::size_t begin = 0;
    for (const auto& marker : markers) {
        const auto at = text.find(marker, begin);
        if (at == std::string::npos)
            return fail(ErrorCode::Unsupported, "The model's chat template drops or reorders messages, which a Modelfile cannot say.", "Use the exported GGUF with a program that reads chat templates.");
        pieces.push_back(text.substr(begin, at - begin));
        begin = at + marker.size();
    }
    pieces.push_back(text.substr(begin));
    return pieces;
}

std::size_t commonSuffix(const std::string& a, const std::string& b)
{
    std::size_t n = 0;
    while (n < a.size() && n < b.size() && a[a.size() - 1 - n] == b[b.size() - 1 - n])
        ++n;
    return n;
}

/// A literal as a Go string inside an action: bare text would lose its white space to the trimming of
/// neighbouring actions, and braces in it would open one.
std::string goText(const std::string& text)
{
    if (text.empty())
        return {};
    std::string quoted;
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : std::string(1, c);
    }
    return "{{ \"" + quoted + "\" }}";
}

/// The first `<…>`, `[…]` or `<|…|>` of an ending: what generation must stop at.
std::string stopIn(const std::string& ending)
{
    const auto open = ending.find_first_of("<[");
    if (open == std::string::npos)
        return {};
    const auto close = ending.find(ending[open] == '<' ? '>' : ']', open);
    return close == std::string::npos ? std::string() : ending.substr(open, close - open + 1);
}

struct Turn {
    std::string before, after;
};

std::string turn(const Turn& t)
{
    return goText(t.before) + "{{ .Content }}" + goText(t.after);
}

struct Parts {
    Turn system, user, answer;
    bool hasSystem = false;
    std::string answerPrompt, defaultSystem;
};

/// Reads user and assistant turns off "u A u2" and its generation prompt: what a user's turn begins
/// with is what stands before the second one.
Status readTurns(const tokenizer::ChatTemplate& chat, const std::string& start, Parts& parts, std::string& head)
{
    ATTUNE_TRY(const auto open, render(chat, {message("user", kUser), message("assistant", kAnswer), message("user", kUserAgain)}, false));
    ATTUNE_TRY(const auto prompt, render(chat, {message("user", kUser), message("assistant", kAnswer), message("user", kUserAgain)}, true));
    ATTUNE_TRY(const auto pieces, around(withoutStart(open, start), {kUser, kAnswer, kUserAgain}));
    if (!prompt.starts_with(open))
        return fail(ErrorCode::Unsupported, "The model's chat template changes earlier turns when an answer begins.", "Use the exported GGUF with a program that reads chat templates.");
    parts.answerPrompt = prompt.substr(open.size());
    // head + user start | user end + answer start | answer end + user start | user end
    parts.user.after = pieces[3];
    parts.answer.before = pieces[1].starts_with(pieces[3]) ? pieces[1].substr(pieces[3].size()) : pieces[1];
    // The answer's end and the user's start meet. Where answers close as users do, that is the end;
    // else it is what the second user's turn has more than the first.
    std::string ending = pieces[3], userStart;
    if (!ending.empty() && pieces[2].starts_with(ending)) {
        userStart = pieces[2].substr(ending.size());
    } else {
        const std::size_t shared = commonSuffix(pieces[0], pieces[2]);
        userStart = pieces[2].substr(pieces[2].size() - shared);
        ending = pieces[2].substr(0, pieces[2].size() - shared);
    }
    parts.answer.after = ending;
    parts.user.before = userStart;
    head = pieces[0].ends_with(userStart) ? pieces[0].substr(0, pieces[0].size() - userStart.size()) : pieces[0];
    return {};
}

/// The system turn is what the rendering gains in front; a head without one is the template's own prompt.
void readSystem(const tokenizer::ChatTemplate& chat, const std::string& start, Parts& parts, const std::string& head)
{
    const auto text = render(chat, {message("system", kSystem), message("user", kUser)}, false);
    if (!text)
        return;  // the template refuses system messages (Gemma 1)
    const auto pieces = around(withoutStart(*text, start), {kSystem, kUser});
    if (!pieces || !(*pieces)[1].ends_with(parts.user.before))
        return;
    parts.system = {(*pieces)[0], (*pieces)[1].substr(0, (*pieces)[1].size() - parts.user.before.size())};
    parts.hasSystem = true;
    const auto& [before, after] = parts.system;
    if (!head.empty() && head.starts_with(before) && head.ends_with(after) && head.size() > before.size() + after.size())
        parts.defaultSystem = head.substr(before.size(), head.size() - before.size() - after.size());
}

}

Result<OllamaChat> ollamaChat(const tokenizer::ChatTemplate& chat, const std::string& startToken)
{
    Parts parts;
    std::string head;
    ATTUNE_RETURN_IF_ERROR(readTurns(chat, startToken, parts, head));
    readSystem(chat, startToken, parts, head);
    OllamaChat result;
    result.systemPrompt = parts.defaultSystem;
    if (parts.defaultSystem.empty() && !head.empty())
        result.goTemplate += parts.hasSystem ? fmt::format("{{{{- if not .System }}}}{}{{{{ end }}}}\n", goText(head)) : goText(head) + "\n";
    result.goTemplate += "{{- range $i, $_ := .Messages }}\n{{- $last := eq (len (slice $.Messages $i)) 1 }}\n";
    result.goTemplate += fmt::format("{{{{- if eq .Role \"user\" }}}}{}\n", turn(parts.user));
    if (parts.hasSystem)
        result.goTemplate += fmt::format("{{{{- else if eq .Role \"system\" }}}}{}\n", turn(parts.system));
    // The last answer stays open when it is to be continued.
    result.goTemplate += fmt::format("{{{{- else if eq .Role \"assistant\" }}}}{}{{{{ .Content }}}}{{{{ if not $last }}}}{}{{{{ end }}}}\n", goText(parts.answer.before), goText(parts.answer.after));
    result.goTemplate += fmt::format("{{{{- end }}}}\n{{{{- if and $last (ne .Role \"assistant\") }}}}{}{{{{ end }}}}\n{{{{- end }}}}", goText(parts.answerPrompt));
    for (const auto& stop : {stopIn(parts.answer.after), stopIn(parts.user.before)})
        if (!stop.empty() && std::find(result.stops.begin(), result.stops.end(), stop) == result.stops.end())
            result.stops.push_back(stop);
    return result;
}

std::string modelfileText(const std::string& from, const std::string& adapter, const OllamaChat& chat)
{
    std::string text = fmt::format("FROM {}\n", from);
    if (!adapter.empty())
        text += fmt::format("ADAPTER {}\n", adapter);
    if (!chat.goTemplate.empty())
        text += fmt::format("\nTEMPLATE \"\"\"{}\"\"\"\n", chat.goTemplate);
    if (!chat.systemPrompt.empty())
        text += fmt::format("\nSYSTEM \"\"\"{}\"\"\"\n", chat.systemPrompt);
    if (!chat.stops.empty())
        text += "\n";
    for (const auto& stop : chat.stops)
        text += fmt::format("PARAMETER stop \"{}\"\n", stop);
    return text;
}

}
