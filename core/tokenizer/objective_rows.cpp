// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/objective_rows.h"

#include "tokenizer/prompt.h"
#include "tokenizer/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace attune::tokenizer {
namespace {

using importer::Message;
using importer::Record;

constexpr std::size_t kMostLabels = 100'000;

Error noText()
{
    return fail(ErrorCode::RoleMissing, "The row has no text.", "Map a column to text.");
}

Result<float> classOf(const std::string& label, const Record& record, const RenderOptions& options)
{
    const auto it = std::find(options.labels.begin(), options.labels.end(), label);
    if (it == options.labels.end())
        return fail(ErrorCode::FileCorrupt, fmt::format("Row {}: the label \"{}\" is not in the list of labels.", record.row, label),
            "Add it to objective.labels, leave that empty to take all labels that occur, or clean the row.");
    return static_cast<float>(it - options.labels.begin());
}

Result<float> numberOf(const Record& record)
{
    const std::string& text = record.label;
    const auto begin = std::min(text.find_first_not_of(" \t+"), text.size());
    const auto end = std::min(text.find_last_not_of(" \t\r\n") + 1, text.size());
    double value = 0;
    const auto [stop, error] = std::from_chars(text.data() + begin, text.data() + end, value);
    if (error != std::errc() || stop != text.data() + end || begin >= end)
        return fail(ErrorCode::FileCorrupt, fmt::format("Row {}: the label \"{}\" is no number.", record.row, text), "Regression needs a number in each row's label column.");
    return static_cast<float>(value);
}

/// One token less than the whole where specials stand at the end: HF cuts the text, not its end token.
Status cutText(RenderedRow& row, const Tokenizer& tokenizer, const RenderOptions& options)
{
    const auto length = static_cast<std::int64_t>(row.ids.size());
    if (options.maxLength <= 0 || length <= options.maxLength)
        return {};
    if (options.overlong == Overlong::Drop)
        return fail(ErrorCode::Unsupported, fmt::format("The row is longer than {} tokens.", options.maxLength), "Raise max_length or choose truncate.");
    const auto last = row.ids.back();
    const bool keepsEnd = tokenizer.isSpecial(last) && options.maxLength > 1;
    row.ids.resize(static_cast<std::size_t>(options.maxLength));
    row.trained.resize(row.ids.size());
    if (keepsEnd) {
        row.ids.back() = last;
        row.trained.back() = 0;
    }
    row.isTruncated = true;
    return {};
}

Result<RenderedRow> plainText(const Tokenizer& tokenizer, const Record& record, const RenderOptions& options)
{
    if (record.text.empty())
        return noText();
    RenderedRow row;
    tokenizer.encode(record.text, SpecialTokens::Add, row.ids);
    for (const auto id : row.ids)
        row.trained.push_back(!tokenizer.isSpecial(id));
    ATTUNE_RETURN_IF_ERROR(cutText(row, tokenizer, options));
    if (row.ids.empty())
        return noText();
    return row;
}

/// Two texts for one label, as a cross-encoder reads them; of too long ones the longer loses its end first (HF's longest_first).
Result<RenderedRow> textPair(const Tokenizer& tokenizer, const Record& record, const RenderOptions& options)
{
    const auto frame = tokenizer.pairFrame();
    auto first = tokenizer.encode(record.prompt, SpecialTokens::Omit), second = tokenizer.encode(record.completion, SpecialTokens::Omit);
    RenderedRow row;
    const auto length = [&] { return static_cast<std::int64_t>(frame.prefix.size() + first.size() + frame.middle.size() + second.size() + frame.suffix.size()); };
    if (options.maxLength > 0 && length() > options.maxLength && options.overlong == Overlong::Drop)
        return fail(ErrorCode::Unsupported, fmt::format("The row is longer than {} tokens.", options.maxLength), "Raise max_length or choose truncate.");
    for (; options.maxLength > 0 && length() > options.maxLength && first.size() + second.size() > 0; row.isTruncated = true)
        (first.size() > second.size() ? first : second).pop_back();
    for (const std::vector<std::int32_t>* part : std::initializer_list<const std::vector<std::int32_t>*> {&frame.prefix, &first, &frame.middle, &second, &frame.suffix})
        row.ids.insert(row.ids.end(), part->begin(), part->end());
    row.trained.assign(row.ids.size(), 0);
    const auto begin = static_cast<std::int32_t>(frame.prefix.size() + first.size() + frame.middle.size());
    row.partLengths = {begin, static_cast<std::int32_t>(row.ids.size()) - begin};
    return row;
}

Result<RenderedRow> labelled(const Tokenizer& tokenizer, const Record& record, const RenderOptions& options)
{
    if (record.label.empty())
        return fail(ErrorCode::RoleMissing, "The row has no label.", "Map a column to label, or clean the row.");
    const bool isPair = record.text.empty() && !record.prompt.empty() && !record.completion.empty();
    ATTUNE_TRY(auto row, isPair ? textPair(tokenizer, record, options) : plainText(tokenizer, record, options));
    if (options.labelKind == LabelKind::Number) {
        ATTUNE_TRY(const auto number, numberOf(record));
        row.labels = {number};
        return row;
    }
    if (options.labelKind == LabelKind::Class) {
        ATTUNE_TRY(const auto index, classOf(record.label, record, options));
        row.labels = {index};
        return row;
    }
    row.labels.assign(options.labels.size(), 0.0f);
    for (const auto& label : labelsOf(record.label)) {
        ATTUNE_TRY(const auto index, classOf(label, record, options));
        row.labels[static_cast<std::size_t>(index)] = 1.0f;
    }
    return row;
}

/// Whether a word behind another needs its space to be the same tokens as in running text (byte-level vocabularies).
bool needsSpaces(const Tokenizer& tokenizer)
{
    const auto both = tokenizer.encode("a b", SpecialTokens::Omit);
    auto apart = tokenizer.encode("a", SpecialTokens::Omit);
    tokenizer.encode("b", SpecialTokens::Omit, apart);
    return both != apart;
}

/// Words with a label each: the first token of a word bears it, the others none (HF run_ner's default).
Result<RenderedRow> labelledWords(const Tokenizer& tokenizer, const Record& record, const RenderOptions& options)
{
    const auto words = labelsOf(record.text), tags = labelsOf(record.label);
    if (words.empty() || tags.empty())
        return fail(ErrorCode::RoleMissing, "The row has no list of words with labels.", "Map a column of lists to text and one to label.");
    if (words.size() != tags.size())
        return fail(ErrorCode::RoleMissing, "The row's words and labels differ in number.", "Each word needs one label.");
    // The start and end tokens, from a text of one word.
    const auto framed = tokenizer.encode("a", SpecialTokens::Add), bare = tokenizer.encode("a", SpecialTokens::Omit);
    const auto middle = std::search(framed.begin(), framed.end(), bare.begin(), bare.end());
    RenderedRow row;
    row.ids.assign(framed.begin(), middle);
    row.labels.assign(row.ids.size(), kNoLabel);
    const bool isSpaced = needsSpaces(tokenizer);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto before = row.ids.size();
        tokenizer.encode(isSpaced && i > 0 ? " " + words[i] : words[i], SpecialTokens::Omit, row.ids);
        row.labels.resize(row.ids.size(), kNoLabel);
        ATTUNE_TRY(const auto index, classOf(tags[i], record, options));
        if (row.ids.size() > before)
            row.labels[before] = index;
    }
    if (middle != framed.end())
        row.ids.insert(row.ids.end(), middle + static_cast<std::ptrdiff_t>(bare.size()), framed.end());
    row.labels.resize(row.ids.size(), kNoLabel);
    row.trained.assign(row.ids.size(), 0);
    ATTUNE_RETURN_IF_ERROR(cutText(row, tokenizer, options));
    if (row.labels.size() > row.ids.size()) {
        row.labels.resize(row.ids.size());
        row.labels.back() = tokenizer.isSpecial(row.ids.back()) ? kNoLabel : row.labels.back();
    }
    if (std::all_of(row.labels.begin(), row.labels.end(), [](float label) { return label == kNoLabel; }))
        return fail(ErrorCode::NothingTrained, "The row has no token with a label.", "Check the row's words.");
    for (std::size_t i = 0; i < row.labels.size(); ++i)
        row.trained[i] = row.labels[i] != kNoLabel;
    return row;
}

/// The prompt of a pair or a judged answer with one answer behind it; the answer's tokens are trained.
Result<RenderedRow> answered(const Tokenizer& tokenizer, const ChatTemplate* chat, const Record& record, const std::string& answer, const RenderOptions& options)
{
    Record one;
    one.row = record.row;
    one.tools = record.tools;
    one.system = record.system;
    one.prompt = record.prompt;
    one.completion = answer;
    one.kind = Record::Kind::PromptCompletion;
    if (!record.messages.empty()) {
        one.kind = Record::Kind::Conversation;
        one.messages = record.messages;
        if (!record.system.empty() && one.messages.front().role != "system")
            one.messages.insert(one.messages.begin(), Message {"system", record.system, nullptr});
        one.messages.push_back({"assistant", answer, nullptr});
    }
    auto plain = options;
    plain.trainOn = TrainOn::Completion;
    return renderRecord(tokenizer, chat, one, plain);
}

void join(RenderedRow& row, const RenderedRow& other)
{
    row.partLengths = {static_cast<std::int32_t>(row.ids.size()), static_cast<std::int32_t>(other.ids.size())};
    row.ids.insert(row.ids.end(), other.ids.begin(), other.ids.end());
    row.trained.insert(row.trained.end(), other.trained.begin(), other.trained.end());
    row.isTruncated = row.isTruncated || other.isTruncated;
}

Status checkPair(const Record& record)
{
    if (record.kind != Record::Kind::Preference && record.kind != Record::Kind::Empty)
        return fail(ErrorCode::RoleMissing, "The row has no chosen and rejected answers.", "Map columns to chosen and rejected.");
    if (record.chosen.empty())
        return fail(ErrorCode::RoleMissing, "The row has no chosen answer.", "Fill it in or clean the row.");
    if (record.rejected.empty())
        return fail(ErrorCode::RoleMissing, "The row has no rejected answer.", "Fill it in or clean the row.");
    return {};
}

Result<RenderedRow> preference(const Tokenizer& tokenizer, const ChatTemplate* chat, const Record& record, const RenderOptions& options)
{
    ATTUNE_RETURN_IF_ERROR(checkPair(record));
    ATTUNE_TRY(auto row, answered(tokenizer, chat, record, record.chosen, options));
    ATTUNE_TRY(const auto rejected, answered(tokenizer, chat, record, record.rejected, options));
    join(row, rejected);
    return row;
}

Result<float> thumbOf(const Record& record)
{
    std::string text;
    for (const char c : record.label)
        text += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    for (const char* good : {"true", "1", "1.0", "yes", "good", "up", "thumbs_up", "desirable", "positive"})
        if (text == good)
            return 1.0f;
    for (const char* bad : {"false", "0", "0.0", "-1", "no", "bad", "down", "thumbs_down", "undesirable", "negative"})
        if (text == bad)
            return 0.0f;
    return fail(ErrorCode::FileCorrupt, fmt::format("Row {}: the label \"{}\" says neither good nor bad.", record.row, record.label), "Use true and false.");
}

Result<std::vector<RenderedRow>> feedback(const Tokenizer& tokenizer, const ChatTemplate* chat, const Record& record, const RenderOptions& options)
{
    std::vector<RenderedRow> rows;
    if (record.kind == Record::Kind::Preference) {
        ATTUNE_RETURN_IF_ERROR(checkPair(record));
        for (const auto* answer : {&record.chosen, &record.rejected}) {
            ATTUNE_TRY(auto row, answered(tokenizer, chat, record, *answer, options));
            row.labels = {answer == &record.chosen ? 1.0f : 0.0f};
            rows.push_back(std::move(row));
        }
        return rows;
    }
    if (record.label.empty())
        return fail(ErrorCode::RoleMissing, "The row has no label that says whether its answer is good.", "Map a column of true and false to label.");
    auto plain = options;
    plain.trainOn = TrainOn::Completion;
    ATTUNE_TRY(auto row, renderRecord(tokenizer, chat, record, plain));
    ATTUNE_TRY(const auto label, thumbOf(record));
    row.labels = {label};
    rows.push_back(std::move(row));
    return rows;
}

Result<RenderedRow> sourceTarget(const Tokenizer& tokenizer, const Record& record, const RenderOptions& options)
{
    std::string answer, prompt;
    ATTUNE_TRY(const auto messages, promptMessages(record, answer));
    for (const auto& message : messages)
        prompt += (prompt.empty() ? "" : "\n\n") + message.content;
    if (prompt.empty() || answer.empty())
        return fail(ErrorCode::RoleMissing, "The row has no source with a target.", "Map columns to prompt and completion.");
    RenderedRow source, target;
    target.ids.push_back(options.decoderStart);
    tokenizer.encode(prompt, SpecialTokens::Add, source.ids);
    source.trained.assign(source.ids.size(), 0);
    tokenizer.encode(answer, SpecialTokens::Add, target.ids);
    target.trained.assign(target.ids.size(), 1);
    target.trained.front() = 0;
    for (auto* part : {&source, &target}) {
        const bool wasTrained = part->trained.back() != 0;
        ATTUNE_RETURN_IF_ERROR(cutText(*part, tokenizer, options));
        part->trained.back() = wasTrained;
    }
    join(source, target);
    return source;
}

/// A text of any row as continued pre-training reads it.
Result<RenderedRow> document(const Tokenizer& tokenizer, const ChatTemplate* chat, const Record& record)
{
    RenderOptions options;
    options.trainOn = TrainOn::All;
    Record text = record;
    if (record.kind == Record::Kind::Labelled)
        text.kind = Record::Kind::Text;
    return renderRecord(tokenizer, chat, text, options);
}

template<typename T>
Result<std::vector<RenderedRow>> single(Result<T> row)
{
    if (!row)
        return row.error();
    std::vector<RenderedRow> rows;
    rows.push_back(std::move(*row));
    return rows;
}

}

Result<std::vector<RenderedRow>> renderRows(const Tokenizer& tokenizer, const ChatTemplate* chat, const Record& record, const RenderOptions& options)
{
    switch (options.shape) {
    case RowShape::Answers: return single(renderRecord(tokenizer, chat, record, options));
    case RowShape::Blocks: return single(document(tokenizer, chat, record));
    case RowShape::PlainText: return single(plainText(tokenizer, record, options));
    case RowShape::Labelled: return single(labelled(tokenizer, record, options));
    case RowShape::LabelledWords: return single(labelledWords(tokenizer, record, options));
    case RowShape::Preference: return single(preference(tokenizer, chat, record, options));
    case RowShape::Feedback: return feedback(tokenizer, chat, record, options);
    case RowShape::SourceTarget: return single(sourceTarget(tokenizer, record, options));
    }
    return fail(ErrorCode::Internal, "A row has no shape.");
}

std::vector<std::string> labelsOf(const std::string& text)
{
    if (text.empty())
        return {};
    if (text.front() == '[')
        if (const auto list = parseJson(text); list && list->is_array()) {
            std::vector<std::string> labels;
            for (const auto& item : *list)
                labels.push_back(item.is_string() ? item.get<std::string>() : toLine(item));
            return labels;
        }
    return {text};
}

Result<std::vector<std::string>> collectLabels(const importer::Dataset& dataset, const RenderOptions& options, const JobContext& context)
{
    std::set<std::string> labels;
    for (std::int64_t row = 0; row < dataset.rows(); ++row) {
        if (row % 1000 == 0 && context.isCancelled())
            return fail(ErrorCode::Cancelled, "Reading the labels was cancelled.");
        ATTUNE_TRY(const auto record, dataset.record(row));
        if (record.label.empty())
            continue;
        if (options.shape == RowShape::Labelled && options.labelKind == LabelKind::Class)
            labels.insert(record.label);
        else
            for (auto& label : labelsOf(record.label))
                labels.insert(std::move(label));
        if (labels.size() > kMostLabels)
            return fail(ErrorCode::FileCorrupt, fmt::format("There are more than {} different labels up to row {}.", kMostLabels, row),
                "Check which column is mapped to label; for numbers choose the objective regression.");
    }
    return std::vector<std::string>(labels.begin(), labels.end());
}

void BlockCutter::add(const RenderedRow& document, std::int64_t row)
{
    m_starts.emplace_back(m_ids.size(), row);
    m_ids.insert(m_ids.end(), document.ids.begin(), document.ids.end());
}

std::vector<std::pair<RenderedRow, std::int64_t>> BlockCutter::take(bool isLast)
{
    std::vector<std::pair<RenderedRow, std::int64_t>> blocks;
    std::size_t at = 0;
    for (; at < m_ids.size() && (m_ids.size() - at >= m_length || (isLast && m_ids.size() - at >= 2)); at += m_length) {
        const auto end = std::min(at + m_length, m_ids.size());
        RenderedRow block;
        block.ids.assign(m_ids.begin() + static_cast<std::ptrdiff_t>(at), m_ids.begin() + static_cast<std::ptrdiff_t>(end));
        block.trained.assign(block.ids.size(), 1);
        const auto start = std::upper_bound(m_starts.begin(), m_starts.end(), at, [](std::size_t place, const auto& s) { return place < s.first; });
        blocks.emplace_back(std::move(block), std::prev(start)->second);
    }
    at = std::min(at, m_ids.size());
    m_ids.erase(m_ids.begin(), m_ids.begin() + static_cast<std::ptrdiff_t>(at));
    // Rows that ended before the cut are done; the one that reaches over it begins at 0 now.
    auto first = std::upper_bound(m_starts.begin(), m_starts.end(), at, [](std::size_t place, const auto& s) { return place < s.first; });
    if (first != m_starts.begin())
        --first;
    m_starts.erase(m_starts.begin(), first);
    for (auto& start : m_starts)
        start.first = start.first > at ? start.first - at : 0;
    return blocks;
}

}
