// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/loaders.h"

#include "tokenizer/bpe.h"
#include "tokenizer/gguf_text_models.h"
#include "tokenizer/gguf_vocab.h"
#include "tokenizer/pipeline_tokenizer.h"
#include "tokenizer/pretokenizer_gguf.h"
#include "tokenizer/scored_bpe.h"

#include <fmt/format.h>

namespace attune::tokenizer {
namespace {

using Type = GgufTokenType;

std::array<std::int32_t, 256> byteTokens(const GgufVocab& vocab)
{
    std::array<std::int32_t, 256> ids;
    ids.fill(-1);
    for (std::size_t i = 0; i < vocab.tokens.size(); ++i)
        if (const int byte = byteOfToken(vocab.tokens[i]); byte >= 0)
            ids[static_cast<std::size_t>(byte)] = static_cast<std::int32_t>(i);
    return ids;
}

std::string unescaped(std::string_view token)
{
    std::string text(token);
    for (auto at = text.find("\xE2\x96\x81"); at != std::string::npos; at = text.find("\xE2\x96\x81", at + 1))
        text.replace(at, 3, " ");
    return text;
}

/// The bytes that decode adds for each token, as llama.cpp's token_to_piece.
void fillPieces(const GgufVocab& vocab, bool isByteLevel, TokenizerParts& parts)
{
    parts.pieces.resize(vocab.tokens.size());
    std::string bytes;
    for (std::size_t i = 0; i < vocab.tokens.size(); ++i) {
        const auto text = vocab.tokens[i];
        if (vocab.isAdded(i))
            parts.pieces[i] = text;
        else if (vocab.types[i] == Type::Byte)
            parts.pieces[i] = std::string(1, static_cast<char>(std::max(0, byteOfToken(text))));
        else if (vocab.types[i] == Type::Normal)
            parts.pieces[i] = isByteLevel ? (bytesOfByteLevel(text, bytes) ? bytes : std::string(text)) : unescaped(text);
    }
    parts.decodesPieces = true;
}

void fillCommon(const GgufVocab& vocab, TokenizerParts& parts)
{
    parts.tokens.assign(vocab.tokens.begin(), vocab.tokens.end());
    parts.special.resize(vocab.tokens.size());
    for (std::size_t i = 0; i < vocab.tokens.size(); ++i) {
        parts.special[i] = vocab.types[i] == Type::Control || vocab.types[i] == Type::Unknown;
        if (vocab.isAdded(i))
            parts.addedRaw.add({std::string(vocab.tokens[i]), static_cast<std::int32_t>(i), parts.special[i] != 0, false,
                vocab.stripsLeft[i] != 0, vocab.stripsRight[i] != 0, false});
    }
    parts.addedRaw.finish(AddedTokenMatcher::Order::LongestFirst);
    parts.startToken = vocab.start;
    parts.endToken = vocab.end;
    parts.endOfGeneration.assign(vocab.endOfGeneration.begin(), vocab.endOfGeneration.end());
    if (vocab.addsStart && vocab.start >= 0)
        parts.prefix = {vocab.start};
    if (vocab.addsEnd && vocab.end >= 0)
        parts.suffix = {vocab.end};
}

std::size_t totalBytes(const std::vector<std::string_view>& texts)
{
    std::size_t bytes = 0;
    for (const auto text : texts)
        bytes += text.size();
    return bytes;
}

Status fillBpe(const formats::GgufFile& file, const GgufVocab& vocab, TokenizerParts& parts)
{
    const auto* kind = findGgufPreKind(vocab.pre);
    ATTUNE_TRY(parts.preTokenizer, PreTokenizer::fromGgufName(vocab.pre));
    const bool isByteLevel = kind->flags.isByteLevel;
    const auto merges = file.texts("tokenizer.ggml.merges");
    if (merges.empty() && vocab.pre != "kimi-k2")
        return fail(ErrorCode::TokenizerBroken, "The GGUF file holds no merges (tokenizer.ggml.merges).", "Fetch the model again.");
    auto model = std::make_shared<BpeModel>(BpeModel::Options {.byteLevel = isByteLevel, .ignoreMerges = kind->flags.ignoresMerges,
                                                .byteFallback = !isByteLevel, .unknown = vocab.unknown, .continuingPrefix = {}, .endSuffix = {}},
        static_cast<std::int32_t>(vocab.tokens.size()));
    model->reserve(vocab.tokens.size(), totalBytes(vocab.tokens), merges.size());
    std::string left, right;
    for (std::size_t i = 0; i < vocab.tokens.size(); ++i) {
        if (!isByteLevel)
            model->addToken(vocab.tokens[i], static_cast<std::int32_t>(i));
        else if (bytesOfByteLevel(vocab.tokens[i], left))
            model->addToken(left, static_cast<std::int32_t>(i));
    }
    for (std::size_t i = 0; i < merges.size(); ++i) {
        const auto space = merges[i].find(' ', 1);
        if (space == std::string_view::npos)
            continue;
        const auto a = merges[i].substr(0, space), b = merges[i].substr(space + 1);
        if (!isByteLevel)
            model->addMerge(a, b, static_cast<std::int32_t>(i), false);
        else if (bytesOfByteLevel(a, left) && bytesOfByteLevel(b, right))
            model->addMerge(left, right, static_cast<std::int32_t>(i), false);
    }
    model->setByteTokens(byteTokens(vocab));
    model->finish();
    parts.model = std::move(model);
    parts.escapesSpaces = kind->flags.escapesSpaces;
    parts.description = fmt::format("bpe ({})", vocab.pre.empty() ? "default" : vocab.pre);
    fillPieces(vocab, isByteLevel, parts);
    return {};
}

void fillSentencePiece(const GgufVocab& vocab, TokenizerParts& parts)
{
    auto model = std::make_shared<ScoredBpeModel>(vocab.unknown);
    model->reserve(vocab.tokens.size(), totalBytes(vocab.tokens));
    for (std::size_t i = 0; i < vocab.tokens.size(); ++i)
        model->addPiece(vocab.tokens[i], static_cast<std::int32_t>(i), vocab.scores.empty() ? 0.0f : vocab.scores[i]);
    model->setByteTokens(byteTokens(vocab));
    parts.model = std::move(model);
    parts.takesAnyBytes = parts.escapesSpaces = true;
    parts.marksSegments = parts.dropsFirstSpace = vocab.addsSpacePrefix;
    parts.description = "sentencepiece (bpe)";
    fillPieces(vocab, false, parts);
}

Status fillUnigram(const formats::GgufFile& file, const GgufVocab& vocab, TokenizerParts& parts)
{
    ATTUNE_TRY(auto model, GgufUnigram::make(file, vocab));
    parts.model = std::move(model);
    parts.dropsFirstSpace = vocab.addsSpacePrefix || vocab.removesExtraSpaces;
    parts.description = "sentencepiece (unigram)";
    fillPieces(vocab, false, parts);
    return {};
}

void fillWordPiece(const formats::GgufFile& file, const GgufVocab& vocab, TokenizerParts& parts)
{
    parts.model = GgufWordPiece::make(file, vocab);
    parts.suffix.clear();
    if (vocab.separator >= 0)
        parts.suffix = {vocab.separator};
    parts.dropsFirstSpace = true;
    parts.description = "wordpiece";
    fillPieces(vocab, false, parts);
}

}

Result<std::shared_ptr<const Tokenizer>> loadGgufTokenizer(const formats::GgufFile& file)
{
    ATTUNE_TRY(const auto vocab, GgufVocab::read(file));
    TokenizerParts parts;
    fillCommon(vocab, parts);
    if (vocab.model == "llama")
        fillSentencePiece(vocab, parts);
    else if (vocab.model == "t5")
        ATTUNE_RETURN_IF_ERROR(fillUnigram(file, vocab, parts));
    else if (vocab.model == "bert")
        fillWordPiece(file, vocab, parts);
    else
        ATTUNE_RETURN_IF_ERROR(fillBpe(file, vocab, parts));
    return std::shared_ptr<const Tokenizer>(std::make_shared<PipelineTokenizer>(std::move(parts)));
}

}
