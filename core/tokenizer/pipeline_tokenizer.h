// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/added_tokens.h"
#include "tokenizer/decoder.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/pretokenizer.h"
#include "tokenizer/token_model.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/vocab.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace attune::tokenizer {

class WordCache;

/// Everything a loader fills in; the steps run in this order (formats.md §5.1).
struct TokenizerParts {
    std::string description;
    std::vector<std::string> tokens;   ///< strings as the file has them, by id
    std::vector<std::string> pieces;   ///< the bytes that decode adds, by id; empty: decoder decides
    std::vector<std::uint8_t> special; ///< 1 where skipSpecial leaves the token out, by id
    AddedTokenMatcher addedRaw;        ///< looked for in the text as it is
    AddedTokenMatcher addedNormalized; ///< looked for behind the normalizer
    Normalizer normalizer;
    PreTokenizer preTokenizer;
    std::shared_ptr<const TokenModel> model;
    Ids prefix, suffix;                ///< what the post-processor puts around a text
    Ids middle;                        ///< … and between two, where it has that
    Decoder decoder;
    bool decodesPieces = false;        ///< pieces in a row, whatever the decoder says
    bool dropsFirstSpace = false;      ///< of the decoded text
    bool marksSegments = false;        ///< SentencePiece in llama.cpp: a space before every text behind a special token
    bool escapesSpaces = false;        ///< spaces become U+2581
    bool takesAnyBytes = false;        ///< else invalid UTF-8 becomes U+FFFD first
    std::int32_t startToken = -1, endToken = -1;
    std::vector<std::int32_t> endOfGeneration;

    /// A token looked for in the text; its id may lie behind the model's vocabulary. finish() the matchers afterwards.
    void addToken(AddedToken token) { addToken(token, token); }
    /// The same where the text is looked for in another form than the id stands for.
    void addToken(const AddedToken& token, AddedToken lookedFor);
    bool isAdded(std::size_t id) const { return id < added.size() && added[id]; }
    std::vector<std::uint8_t> added;   ///< 1 for ids given to addToken
};

/// The tokenizer over these parts. Words that were met lately are looked up in a cache per thread.
class PipelineTokenizer final : public Tokenizer
{
public:
    explicit PipelineTokenizer(TokenizerParts parts);

    using Tokenizer::encode;
    void encode(std::string_view text, SpecialTokens special, Ids& ids) const override;
    std::string decode(std::span<const std::int32_t> ids, bool skipSpecial) const override;
    std::string piece(std::int32_t id) const override;
    std::int32_t vocabSize() const override { return static_cast<std::int32_t>(m_parts.tokens.size()); }
    bool isSpecial(std::int32_t id) const override { return isKnown(id) && m_parts.special[static_cast<std::size_t>(id)]; }
    std::int32_t idOf(std::string_view token) const override;
    std::int32_t startToken() const override { return m_parts.startToken; }
    std::int32_t endToken() const override { return m_parts.endToken; }
    bool addsStartToken() const override { return !m_parts.prefix.empty(); }
    PairFrame pairFrame() const override { return {m_parts.prefix, m_parts.middle.empty() ? m_parts.suffix : m_parts.middle, m_parts.suffix}; }
    std::vector<std::int32_t> endOfGeneration() const override { return m_parts.endOfGeneration; }
    std::string description() const override { return m_parts.description; }

private:
    bool isKnown(std::int32_t id) const { return id >= 0 && static_cast<std::size_t>(id) < m_parts.tokens.size(); }
    void encodeText(std::string_view text, bool isAtStart, Ids& ids) const;
    void encodeMarked(std::string_view text, bool isAfterSpecial, Ids& ids) const;
    void encodeWords(std::string_view text, bool isAtStart, Ids& ids) const;
    template<typename Scan>
    void scanWords(std::string_view text, Ids& ids, Scan&& scan) const;

    TokenizerParts m_parts;
    std::uint64_t m_serial;  ///< tells the caches of different tokenizers apart
    bool m_keepsAscii;
    mutable std::once_flag m_namesOnce;
    mutable Vocab m_names;
};

}
