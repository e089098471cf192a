// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/wordpiece.h"

#include <algorithm>

namespace attune::tokenizer {

WordPieceModel::WordPieceModel(Options options, Entries begin, Entries continuing)
    : m_options(std::move(options))
{
    m_begin.build(std::move(begin));
    m_continuing.build(std::move(continuing));
}

void WordPieceModel::encode(std::string_view word, Ids& ids) const
{
    if (!m_options.splitsWords) {
        encodeWord(word, ids);
        return;
    }
    while (!word.empty()) {
        const auto space = std::min(word.find(' '), word.size());
        if (space > 0)
            encodeWord(word.substr(0, space), ids);
        word.remove_prefix(std::min(space + 1, word.size()));
    }
}

void WordPieceModel::encodeWord(std::string_view word, Ids& ids) const
{
    const auto codePoints = std::count_if(word.begin(), word.end(), [](char c) { return (c & 0xC0) != 0x80; });
    const std::string marked = m_options.wordMark + std::string(word);
    const std::size_t before = ids.size();
    bool isCovered = !m_options.maxCodePoints || static_cast<std::size_t>(codePoints) <= m_options.maxCodePoints;
    for (std::size_t at = 0; isCovered && at < marked.size();) {
        const auto match = (at == 0 ? m_begin : m_continuing).longestPrefix(std::string_view(marked).substr(at));
        isCovered = match.value >= 0;
        if (isCovered)
            ids.push_back(match.value);
        at += match.length;
    }
    if (isCovered)
        return;
    ids.resize(before);
    if (m_options.unknown >= 0)
        ids.push_back(m_options.unknown);
}

void WordLevelModel::encode(std::string_view word, Ids& ids) const
{
    const auto match = m_words.longestPrefix(word);
    if (match.value >= 0 && match.length == word.size())
        ids.push_back(match.value);
    else if (m_unknown >= 0)
        ids.push_back(m_unknown);
}

}
