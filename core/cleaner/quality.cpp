// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/quality.h"

#include "base/edit_distance.h"
#include "cleaner/duplicates.h"
#include "cleaner/mojibake.h"
#include "cleaner/refusals.h"
#include "cleaner/repetition.h"
#include "cleaner/text.h"
#include "importer/roles.h"

#include <array>

namespace attune::cleaner {
namespace {

using importer::ColumnRole;
using Seen = std::function<void(const QualityFind&)>;

constexpr QualityKind kKinds[] {
    {"empty_answer", "Empty answer", "The answer holds nothing but white space."},
    {"short_answer", "Very short answer", "The answer has fewer characters than are likely to teach anything."},
    {"long_answer", "Very long answer", "The answer is far longer than a context."},
    {"refusal", "Refusal", "The answer declines the task."},
    {"repetitive", "Repetitive text", "The answer says the same again and again."},
    {"mojibake", "Damaged characters", "UTF-8 that was read as another encoding: cafÃ© for café."},
    {"template_token", "Chat template token", "A token of a chat template stands in the text; training would take it for a turn's end."},
    {"over_context", "Over the context limit", "The row has more tokens than the context; training cuts it."},
};

/// Tokens that templates put between turns; in a text they end a turn where none ends.
constexpr std::array<std::string_view, 12> kTemplateTokens {"<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>",
    "<|begin_of_text|>", "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]", "<|assistant|>"};

/// The first sentence: what shows that an answer declines.
std::size_t firstSentence(std::string_view text)
{
    const std::size_t end = text.find_first_of(".!?\n", spaceAt(text, 0));
    return end == std::string_view::npos ? text.size() : end + 1;
}

/// The part of `text` that `repaired` differs in, widened to whole code points.
std::pair<std::size_t, std::size_t> changedPart(std::string_view text, std::string_view repaired)
{
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    const std::size_t shorter = std::min(text.size(), repaired.size());
    std::size_t begin = 0, tail = 0;
    while (begin < shorter && text[begin] == repaired[begin])
        ++begin;
    while (tail < shorter - begin && text[text.size() - 1 - tail] == repaired[repaired.size() - 1 - tail])
        ++tail;
    std::size_t end = text.size() - tail;
    while (begin > 0 && begin < text.size() && continues(text[begin]))
        --begin;
    while (end < text.size() && continues(text[end]))
        ++end;
    return {begin, end};
}

bool saysAssistant(const Json& message)
{
    const auto read = importer::toMessages(Json::array({message}));
    return !read.empty() && read.front().role == "assistant";
}

Json listOf(const Cell& cell)
{
    const bool mayBeList = cell.kind == Cell::Kind::List || (cell.isText() && cell.text.starts_with("[{"));
    return mayBeList ? parseJson(cell.text, 1024).value_or(Json()) : Json();
}

}

std::span<const QualityKind> qualityKinds()
{
    return kKinds;
}

const QualityKind* findQualityKind(std::string_view kind)
{
    for (const auto& one : kKinds)
        if (one.kind == kind)
            return &one;
    return nullptr;
}

Result<QualityCheck> QualityCheck::create(const QualityOptions& options, const std::vector<Column>& columns)
{
    std::vector<std::string> known;
    for (const auto& kind : kKinds)
        known.emplace_back(kind.kind);
    for (const auto& kind : options.kinds)
        if (!findQualityKind(kind)) {
            const std::string near = nearest(kind, known);
            return fail(ErrorCode::Usage, fmt::format("\"{}\" is no kind of issue.", kind), near.empty() ? fmt::format("Kinds are {}.", fmt::join(known, ", ")) : fmt::format("Did you mean \"{}\"?", near));
        }
    QualityCheck check;
    check.m_options = options;
    check.m_columns = columns;
    ATTUNE_TRY(check.m_texts, textColumns(columns, {}));
    check.m_isLabelled = importer::columnOf(columns, ColumnRole::Label) >= 0;
    return check;
}

bool QualityCheck::wants(std::string_view kind) const
{
    return m_options.kinds.empty() || std::find(m_options.kinds.begin(), m_options.kinds.end(), kind) != m_options.kinds.end();
}

void QualityCheck::inAnswer(std::size_t column, const std::string& path, std::string_view text, const Seen& seen) const
{
    const auto tell = [&](std::string_view kind, std::size_t begin, std::size_t end) { seen({kind, column, path, text, begin, end}); };
    if (isBlank(text)) {
        if (wants("empty_answer"))
            tell("empty_answer", 0, text.size());
        return;
    }
    const std::int64_t length = countCharacters(text);
    if (length < m_options.shortCharacters && wants("short_answer"))
        tell("short_answer", 0, text.size());
    if (length > m_options.longCharacters && wants("long_answer"))
        tell("long_answer", 0, text.size());
    if (wants("refusal") && isRefusal(text))
        tell("refusal", 0, firstSentence(text));
    if (wants("repetitive") && repetitionOf(text) > m_options.repetition)
        tell("repetitive", 0, text.size());
}

void QualityCheck::inText(std::size_t column, const std::string& path, std::string_view text, const Seen& seen) const
{
    std::string repaired;
    if (wants("mojibake") && fixMojibake(text, repaired)) {
        const auto [begin, end] = changedPart(text, repaired);
        seen({"mojibake", column, path, text, begin, end});
    }
    if (!wants("template_token") || text.find_first_of("<[") == std::string_view::npos)
        return;
    for (const std::string_view token : kTemplateTokens)
        if (const auto at = text.find(token); at != std::string_view::npos) {
            seen({"template_token", column, path, text, at, at + token.size()});
            return;
        }
}

void QualityCheck::inMessages(std::size_t column, const Json& list, bool areAnswers, const Seen& seen) const
{
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list[i].is_object())
            continue;
        for (const char* key : {"content", "value"}) {
            const auto it = list[i].find(key);
            if (it == list[i].end() || !it->is_string())
                continue;
            const auto& text = it->get_ref<const std::string&>();
            const std::string path = fmt::format("/{}/{}", i, key);
            const bool callsTool = list[i].contains("tool_calls");  // an answer without words, but none that is empty
            if (areAnswers && saysAssistant(list[i]) && !(callsTool && isBlank(text)))
                inAnswer(column, path, text, seen);
            inText(column, path, text, seen);
            break;
        }
    }
}

void QualityCheck::inContext(const Row& row, const Seen& seen) const
{
    if (m_options.countTokens && wants("over_context") && !m_texts.empty() && m_options.countTokens(rowText(row, m_texts)) > m_options.contextTokens)
        seen({"over_context", m_texts.back(), {}, {}, 0, 0});
}

void QualityCheck::find(const Row& row, const Seen& seen) const
{
    for (const std::size_t c : m_texts) {
        const ColumnRole role = m_columns[c].role;
        const bool isAnswer = role == ColumnRole::Completion || role == ColumnRole::Chosen;
        if (const Json list = listOf(row[c]); list.is_array()) {
            inMessages(c, list, isAnswer || role == ColumnRole::Messages, seen);
            continue;
        }
        if (!row[c].isText() && !row[c].isMissing())
            continue;
        const std::string_view text = row[c].isMissing() ? std::string_view() : row[c].text;
        if (isAnswer && !m_isLabelled)
            inAnswer(c, {}, text, seen);
        inText(c, {}, text, seen);
    }
    inContext(row, seen);
}

bool QualityCheck::isAnyIn(const Row& row) const
{
    bool isAny = false;
    find(row, [&](const QualityFind&) { isAny = true; });
    return isAny;
}

}
