// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/gguf_text_models.h"

#include "tokenizer/unicode.h"

#include <algorithm>
#include <limits>

namespace attune::tokenizer {
namespace {

constexpr std::string_view kSpace = "\xE2\x96\x81";

bool isIdeograph(char32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F)
        || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

}

Result<std::shared_ptr<const TokenModel>> GgufUnigram::make(const formats::GgufFile& file, const GgufVocab& vocab)
{
    Charsmap charsmap;
    if (const auto* value = file.find("tokenizer.ggml.precompiled_charsmap"); value && value->isArray) {
        ATTUNE_TRY(charsmap, Charsmap::parse({reinterpret_cast<const char*>(value->bytes.data()), value->bytes.size()}));
    }
    return std::shared_ptr<const TokenModel>(new GgufUnigram(vocab, std::move(charsmap)));
}

GgufUnigram::GgufUnigram(const GgufVocab& vocab, Charsmap charsmap)
    : m_charsmap(std::move(charsmap))
    , m_prependsSpace(vocab.addsSpacePrefix)
    , m_mergesSpaces(vocab.removesExtraSpaces)
{
    using Type = GgufTokenType;
    std::vector<UnigramModel::Piece> pieces;
    std::vector<std::pair<std::string_view, std::int32_t>> userDefined;
    double lowest = std::numeric_limits<float>::max();
    for (std::size_t i = 0; i < vocab.tokens.size(); ++i) {
        const double score = vocab.scores.empty() ? 0.0 : vocab.scores[i];
        const auto type = vocab.types[i];
        if (type == Type::Normal)
            lowest = std::min(lowest, score);
        if (type == Type::Normal || type == Type::UserDefined || type == Type::Unused)
            pieces.push_back({vocab.tokens[i], static_cast<std::int32_t>(i), type == Type::UserDefined ? 0.0 : score});
        if (type == Type::UserDefined)
            userDefined.emplace_back(vocab.tokens[i], static_cast<std::int32_t>(i));
    }
    m_userDefined.build(std::move(userDefined));
    m_model = std::make_unique<UnigramModel>(pieces, static_cast<std::int32_t>(vocab.tokens.size()), lowest, vocab.unknown);
}

/// Bytes that follow the tree of user-defined pieces, be it to the end of one or not (as llama.cpp).
std::size_t GgufUnigram::userDefinedPrefix(std::string_view text) const
{
    std::size_t length = 0;
    for (std::uint32_t node = Trie::kRoot; !m_userDefined.isEmpty() && length < text.size(); ++length) {
        node = m_userDefined.child(node, text[length]);
        if (node == Trie::kNone)
            break;
    }
    return length;
}

std::string GgufUnigram::normalized(std::string_view text) const
{
    std::string out;
    out.reserve(text.size() * 2);
    bool isPrepended = false, isInWord = false;
    const auto take = [&](std::string_view piece) {
        for (const char c : piece) {
            if (c == ' ') {
                isInWord = false;
                if (!m_mergesSpaces)
                    out += kSpace;
                continue;
            }
            if (!isInWord) {
                isInWord = true;
                if ((m_prependsSpace && !isPrepended) || m_mergesSpaces) {
                    out += kSpace;
                    isPrepended = true;
                }
            }
            out += c;
        }
    };
    while (!text.empty()) {
        std::size_t taken = userDefinedPrefix(text);
        if (taken > 0) {
            take(text.substr(0, taken));
        } else if (const auto match = m_charsmap.longestPrefix(text); match.length > 0) {
            take(match.replacement);
            taken = match.length;
        } else {
            taken = std::min<std::size_t>(static_cast<std::size_t>(sequenceLength(text[0])), text.size());
            take(text.substr(0, taken));
        }
        text.remove_prefix(taken);
    }
    return out;
}

void GgufUnigram::encode(std::string_view text, Ids& ids) const
{
    m_model->encode(normalized(text), ids);
}

std::shared_ptr<const TokenModel> GgufWordPiece::make(const formats::GgufFile& file, const GgufVocab& vocab)
{
    const bool lowercases = file.boolean("tokenizer.ggml.normalizer.lowercase").value_or(true);
    const bool stripsAccents = file.boolean("tokenizer.ggml.normalizer.strip_accents").value_or(lowercases);
    return std::shared_ptr<const TokenModel>(new GgufWordPiece(vocab, lowercases, stripsAccents));
}

GgufWordPiece::GgufWordPiece(const GgufVocab& vocab, bool lowercases, bool stripsAccents)
    : m_lowercases(lowercases)
    , m_stripsAccents(stripsAccents)
{
    WordPieceModel::Entries entries;
    for (std::size_t i = 0; i < vocab.tokens.size(); ++i)
        entries.emplace_back(vocab.tokens[i], static_cast<std::int32_t>(i));
    WordPieceModel::Options options {.unknown = vocab.unknown, .maxCodePoints = 0, .wordMark = std::string(kSpace), .splitsWords = true};
    m_model = std::make_unique<WordPieceModel>(std::move(options), entries, entries);
}

void GgufWordPiece::encode(std::string_view input, Ids& ids) const
{
    const auto* classes = charClasses();
    std::string words;  // with a space between any two
    for (std::size_t i = 0; i < input.size();) {
        auto [value, length] = codePointAt(input.data() + i);
        // llama.cpp keeps the first code point of a decomposition, of Hangul syllables too.
        if (m_stripsAccents && value >= 0x80)
            value = codePointAt(tokenizer::normalized(input.substr(i, static_cast<std::size_t>(length)), NormalForm::Nfd).data()).value;
        i += static_cast<std::size_t>(length);
        const auto kind = classes[value];
        if (kind & kWhitespace) {
            words += ' ';
            continue;
        }
        if (value == 0 || value == 0xFFFD || (kind & kControl) || (m_stripsAccents && (kind & kMark)))
            continue;
        const bool isAlone = (kind & kPunctuation) || (value < 0x7F && (kind & kSymbol)) || isIdeograph(value);
        if (isAlone)
            words += ' ';
        if (m_lowercases)
            appendLowercased(words, value);
        else
            appendUtf8(words, value);
        if (isAlone)
            words += ' ';
    }
    m_model->encode(words, ids);
}

}
