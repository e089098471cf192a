// SPDX-License-Identifier: GPL-3.0-or-later
// Finding the roles of columns by their names and by what a sample of rows holds.
#include "importer/roles.h"

#include <algorithm>
#include <set>

namespace attune::importer {
namespace {

/// What columns of these roles are called in published datasets, the usual name first.
struct KnownNames {
    ColumnRole role;
    std::vector<std::string_view> names;
};
const std::vector<KnownNames>& knownNames()
{
    static const std::vector<KnownNames> names {
        {ColumnRole::Messages, {"messages", "conversations", "conversation", "dialog", "dialogue", "dialogs", "chat", "turns"}},
        {ColumnRole::Chosen, {"chosen", "preferred", "accepted", "response_chosen", "chosen_response"}},
        {ColumnRole::Rejected, {"rejected", "dispreferred", "response_rejected", "rejected_response"}},
        {ColumnRole::Prompt, {"instruction", "prompt", "question", "query", "instructions", "user", "human", "problem", "request", "user_input", "source", "input"}},
        {ColumnRole::Input, {"input", "context", "inputs", "passage"}},
        {ColumnRole::Completion, {"output", "completion", "response", "answer", "target", "assistant", "reply", "solution", "answers", "responses", "outputs", "gpt", "summary"}},
        {ColumnRole::System, {"system", "system_prompt", "system_message"}},
        {ColumnRole::Text, {"text", "content", "document", "body", "sentence", "review", "comment", "article"}},
        {ColumnRole::Label, {"label", "labels", "category", "class", "intent", "sentiment", "topic", "target"}},
        {ColumnRole::Tools, {"tools", "functions", "available_tools"}},
    };
    return names;
}

std::string lower(std::string_view text)
{
    std::string out;
    for (const char c : text)
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == ' ' || c == '-' ? '_' : c;
    return out;
}

/// Shares of the sampled values that look like this or that.
struct Look {
    double filled = 0, conversations = 0, messages = 0, sharegpt = 0;
    std::size_t distinct = 0, values = 0;
    double meanLength = 0;
};

Look lookAt(const std::string& column, const std::vector<Json>& sample)
{
    Look look;
    std::set<std::string> seen;
    for (const auto& row : sample) {
        const auto it = row.find(column);
        if (it == row.end() || it->is_null())
            continue;
        ++look.values;
        const std::string text = it->is_string() ? it->get<std::string>() : toLine(*it);
        look.filled += !text.empty();
        look.meanLength += static_cast<double>(text.size());
        seen.insert(text);
        // Tables keep a conversation as JSON in a text.
        const Json list = it->is_string() && text.starts_with('[') ? parseJson(text, 64).value_or(Json()) : *it;
        if (!list.is_array() || list.empty() || !list.front().is_object())
            continue;
        const auto& first = list.front();
        look.messages += first.contains("role") && (first.contains("content") || first.contains("tool_calls"));
        look.sharegpt += first.contains("from") && (first.contains("value") || first.contains("content"));
    }
    look.conversations = look.messages + look.sharegpt;
    look.distinct = seen.size();
    if (look.values)
        look.meanLength /= static_cast<double>(look.values);
    return look;
}

/// The search for roles, one table row after the other.
class Guesser
{
public:
    Guesser(const std::vector<Column>& columns, const std::vector<Json>& sample)
        : m_columns(columns)
        , m_sample(sample)
    {
        for (const auto& column : columns) {
            m_looks.push_back(lookAt(column.name, sample));
            m_names.push_back(lower(column.name));
        }
        m_guess.roles.assign(columns.size(), ColumnRole::Ignore);
    }

    RoleGuess run()
    {
        if (!conversation() && !preference() && !promptCompletion() && !labelledWords() && !labelled() && !plainText())
            byContent();
        return std::move(m_guess);
    }

private:
    /// The column with the best-known name for a role; -1 if none has one.
    int named(ColumnRole role, int except = -1, int exceptToo = -1) const
    {
        for (const auto& known : knownNames())
            if (known.role == role)
                for (const auto name : known.names)
                    for (std::size_t c = 0; c < m_names.size(); ++c)
                        if (m_names[c] == name && static_cast<int>(c) != except && static_cast<int>(c) != exceptToo)
                            return static_cast<int>(c);
        return -1;
    }
    const Column& at(int c) const { return m_columns[static_cast<std::size_t>(c)]; }
    const Look& look(int c) const { return m_looks[static_cast<std::size_t>(c)]; }
    bool isTextual(int c) const { return at(c).type == "text" || at(c).type == "mixed" || at(c).type == "number"; }
    void set(int c, ColumnRole role)
    {
        if (c >= 0 && m_guess.roles[static_cast<std::size_t>(c)] == ColumnRole::Ignore)
            m_guess.roles[static_cast<std::size_t>(c)] = role;
    }
    void done(std::string style, double confidence, std::string what)
    {
        m_guess.style = std::move(style);
        m_guess.confidence = confidence;
        const char* sure = confidence >= 0.95 ? "Certain" : confidence >= 0.8 ? "Very likely" : confidence >= 0.5 ? "Likely" : "A guess, check it";
        m_guess.sentence = fmt::format("{}: {}", sure, what);
    }

    bool conversation()
    {
        int best = -1;
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            const int c = static_cast<int>(i);
            if (look(c).conversations > 0 && lower(at(c).name) != "chosen" && lower(at(c).name) != "rejected" && (best < 0 || look(c).conversations > look(best).conversations))
                best = c;
        }
        const int byName = named(ColumnRole::Messages);
        if (byName >= 0 && look(byName).conversations > 0)
            best = byName;
        if (best < 0 || (named(ColumnRole::Chosen) >= 0 && named(ColumnRole::Rejected) >= 0))
            return false;
        set(best, ColumnRole::Messages);
        set(named(ColumnRole::System), ColumnRole::System);
        const int tools = named(ColumnRole::Tools);
        set(tools, ColumnRole::Tools);
        const double share = look(best).conversations / static_cast<double>(std::max<std::size_t>(1, look(best).values));
        const bool isShareGpt = look(best).sharegpt > look(best).messages;
        done(isShareGpt ? "sharegpt" : "messages", share * (best == byName ? 1.0 : 0.9),
            fmt::format("conversations in {} form{}; column \"{}\" holds them in {:.0f} of {} sampled rows.", isShareGpt ? "ShareGPT" : "OpenAI messages",
                tools >= 0 ? " with tools" : "", at(best).name, look(best).conversations, m_sample.size()));
        return true;
    }

    bool preference()
    {
        const int chosen = named(ColumnRole::Chosen), rejected = named(ColumnRole::Rejected);
        if (chosen < 0 || rejected < 0)
            return false;
        set(chosen, ColumnRole::Chosen);
        set(rejected, ColumnRole::Rejected);
        const int prompt = named(ColumnRole::Prompt);
        set(prompt, ColumnRole::Prompt);
        set(named(ColumnRole::System), ColumnRole::System);
        done("preference", prompt >= 0 || look(chosen).conversations > 0 ? 0.98 : 0.8,
            fmt::format("preference pairs; \"{}\" is the better answer, \"{}\" the worse one{}.", at(chosen).name, at(rejected).name,
                prompt >= 0 ? fmt::format(", to \"{}\"", at(prompt).name) : ""));
        return true;
    }

    bool promptCompletion()
    {
        const int completion = named(ColumnRole::Completion);
        const int prompt = named(ColumnRole::Prompt, completion);
        if (completion < 0 || prompt < 0 || !isTextual(prompt))
            return false;
        if (isLabelColumn(completion) && named(ColumnRole::Text) >= 0)
            return false;
        set(prompt, ColumnRole::Prompt);
        set(completion, ColumnRole::Completion);
        const int input = named(ColumnRole::Input, prompt, completion);
        if (input >= 0 && isTextual(input))
            set(input, ColumnRole::Input);
        set(named(ColumnRole::System), ColumnRole::System);
        set(named(ColumnRole::Tools), ColumnRole::Tools);
        const int verdict = verdictColumn();
        set(verdict, ColumnRole::Label);
        const bool isAlpaca = lower(at(prompt).name) == "instruction" && lower(at(completion).name) == "output";
        const bool isPlain = isTextual(completion) && look(prompt).filled > 0 && look(completion).filled > 0;
        done(isAlpaca ? "alpaca" : "prompt-completion", isPlain ? 0.97 : 0.75,
            fmt::format("\"{}\" is what is asked{}, \"{}\" is the answer{} ({}).", at(prompt).name,
                input >= 0 && isTextual(input) ? fmt::format(" with \"{}\" as its input", at(input).name) : "", at(completion).name,
                verdict >= 0 ? fmt::format(", which \"{}\" calls good or bad", at(verdict).name) : "", isAlpaca ? "Alpaca's names" : "by their names"));
        return true;
    }

    /// A column that says true or false of an answer, as KTO's data has it.
    int verdictColumn() const
    {
        const int label = named(ColumnRole::Label);
        if (label < 0 || m_guess.roles[static_cast<std::size_t>(label)] != ColumnRole::Ignore)
            return -1;
        return at(label).type == "boolean" ? label : -1;
    }

    /// Few different short values, each several times.
    bool isLabelColumn(int c) const
    {
        return look(c).values >= 8 && look(c).distinct * 2 <= look(c).values && look(c).meanLength <= 40;
    }

    /// The first of these names whose column holds lists; -1 without one.
    int listNamed(std::initializer_list<std::string_view> names) const
    {
        for (const auto name : names)
            for (std::size_t c = 0; c < m_names.size(); ++c)
                if (m_names[c] == name && m_columns[c].type == "list")
                    return static_cast<int>(c);
        return -1;
    }

    /// Lists of words beside lists of their labels, one for each word in every sampled row.
    bool labelledWords()
    {
        const int words = listNamed({"tokens", "words", "text", "sentence"}), labels = listNamed({"ner_tags", "tags", "labels", "label", "pos_tags"});
        if (words < 0 || labels < 0)
            return false;
        for (const auto& row : m_sample) {
            const auto list = row.find(at(words).name), named = row.find(at(labels).name);
            const bool isPair = list != row.end() && named != row.end() && list->is_array() && named->is_array() && list->size() == named->size();
            if (!isPair || !std::all_of(list->begin(), list->end(), [](const Json& word) { return word.is_string(); }))
                return false;
        }
        set(words, ColumnRole::Text);
        set(labels, ColumnRole::Label);
        done("text-label", 0.95, fmt::format("lists of words in \"{}\" with a label for each in \"{}\".", at(words).name, at(labels).name));
        return true;
    }

    bool labelled()
    {
        const int text = named(ColumnRole::Text), label = named(ColumnRole::Label, text);
        if (text < 0 || label < 0 || !isTextual(text))
            return false;
        set(text, ColumnRole::Text);
        set(label, ColumnRole::Label);
        done("text-label", isLabelColumn(label) || look(label).values < 8 ? 0.97 : 0.9,
            fmt::format("texts in \"{}\" with a class in \"{}\" ({} different ones in {} sampled rows).", at(text).name, at(label).name, look(label).distinct, m_sample.size()));
        return true;
    }

    bool plainText()
    {
        const int text = named(ColumnRole::Text);
        if (text < 0 || !isTextual(text))
            return false;
        set(text, ColumnRole::Text);
        done("text", m_columns.size() == 1 ? 0.97 : 0.8, fmt::format("running text in \"{}\".", at(text).name));
        return true;
    }

    /// No name is known: text columns in their order, a short repeated one as the class.
    void byContent()
    {
        std::vector<int> texts;
        for (std::size_t c = 0; c < m_columns.size(); ++c)
            if (m_columns[c].type == "text" && m_looks[c].filled > 0)
                texts.push_back(static_cast<int>(c));
        if (texts.empty()) {
            m_guess.sentence = "No column was recognised as text to train on; give the roles with --map.";
            return;
        }
        if (texts.size() == 1) {
            set(texts[0], ColumnRole::Text);
            return done("text", m_columns.size() == 1 ? 0.7 : 0.4, fmt::format("\"{}\" is the only column with text.", at(texts[0]).name));
        }
        if (texts.size() == 2 && isLabelColumn(texts[1]) && look(texts[0]).meanLength > look(texts[1]).meanLength) {
            set(texts[0], ColumnRole::Text);
            set(texts[1], ColumnRole::Label);
            return done("text-label", 0.6, fmt::format("texts in \"{}\", and the few values of \"{}\" look like classes.", at(texts[0]).name, at(texts[1]).name));
        }
        if (texts.size() == 2) {
            set(texts[0], ColumnRole::Prompt);
            set(texts[1], ColumnRole::Completion);
            return done("prompt-completion", 0.4, fmt::format("the two text columns \"{}\" and \"{}\" are taken as question and answer.", at(texts[0]).name, at(texts[1]).name));
        }
        const int longest = *std::max_element(texts.begin(), texts.end(), [&](int a, int b) { return look(a).meanLength < look(b).meanLength; });
        set(longest, ColumnRole::Text);
        done("text", 0.3, fmt::format("\"{}\" holds the longest texts; no column has a name that says more.", at(longest).name));
    }

    const std::vector<Column>& m_columns;
    const std::vector<Json>& m_sample;
    std::vector<Look> m_looks;
    std::vector<std::string> m_names;
    RoleGuess m_guess;
};

}

RoleGuess guessRoles(const std::vector<Column>& columns, const std::vector<Json>& sample)
{
    return Guesser(columns, sample).run();
}

}
