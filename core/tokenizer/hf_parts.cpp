// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/hf_parts.h"

#include "tokenizer/bpe.h"
#include "tokenizer/unigram.h"
#include "tokenizer/wordpiece.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <limits>

namespace attune::tokenizer {
namespace {

namespace dom = simdjson::dom;
constexpr std::int64_t kMaxTokenId = 1 << 24;  // ids make array sizes

Error broken(std::string message)
{
    return fail(ErrorCode::TokenizerBroken, std::move(message), "Fetch the model's files again.");
}

/// A subtree as the small-value type; its depth is limited by the parser.
Result<Json> subtree(const dom::element& root, std::string_view key)
{
    dom::element element;
    if (root[key].get(element))
        return Json();
    return parseJson(simdjson::minify(element));
}

std::string_view textAt(const dom::element& element, std::string_view key)
{
    std::string_view text;
    return element[key].get(text) ? std::string_view() : text;
}

bool flagAt(const dom::element& element, std::string_view key, bool otherwise)
{
    bool value = otherwise;
    return element[key].get(value) ? otherwise : value;
}

std::int32_t findId(const TokenizerParts& parts, std::string_view text)
{
    for (std::size_t i = 0; i < parts.tokens.size() && !text.empty(); ++i)
        if (parts.tokens[i] == text)
            return static_cast<std::int32_t>(i);
    return -1;
}

/// {piece: id} of BPE, WordPiece and WordLevel.
Status readVocab(const dom::element& model, TokenizerParts& parts, std::size_t& bytes)
{
    dom::object vocab;
    if (model["vocab"].get(vocab))
        return broken("The tokenizer's model has no vocabulary.");
    for (const auto& [text, value] : vocab) {
        std::int64_t id = -1;
        if (value.get(id) || id < 0 || id >= kMaxTokenId)
            return broken(fmt::format("The vocabulary's token \"{}\" has no sensible id.", text.substr(0, 60)));
        if (parts.tokens.size() <= static_cast<std::size_t>(id))
            parts.tokens.resize(static_cast<std::size_t>(id) + 1);
        parts.tokens[static_cast<std::size_t>(id)] = text;
        bytes += text.size();
    }
    return {};
}

std::array<std::int32_t, 256> byteTokens(const TokenizerParts& parts)
{
    std::array<std::int32_t, 256> ids;
    ids.fill(-1);
    for (std::size_t i = 0; i < parts.tokens.size(); ++i)
        if (const int byte = byteOfToken(parts.tokens[i]); byte >= 0)
            ids[static_cast<std::size_t>(byte)] = static_cast<std::int32_t>(i);
    return ids;
}

/// Both sides of a merge: "a b" split at the first space behind the first byte, or ["a", "b"].
bool mergeParts(const dom::element& merge, std::string_view& left, std::string_view& right)
{
    std::string_view text;
    if (!merge.get(text)) {
        const auto space = text.find(' ', 1);
        if (space == std::string_view::npos)
            return false;
        left = text.substr(0, space);
        right = text.substr(space + 1);
        return true;
    }
    dom::array pair;
    return !merge.get(pair) && pair.size() == 2 && !pair.at(0).get(left) && !pair.at(1).get(right);
}

Status readBpe(const dom::element& model, TokenizerParts& parts)
{
    std::size_t bytes = 0;
    ATTUNE_RETURN_IF_ERROR(readVocab(model, parts, bytes));
    const bool isByteLevel = parts.preTokenizer.isByteLevel();
    BpeModel::Options options {.byteLevel = isByteLevel, .ignoreMerges = flagAt(model, "ignore_merges", false),
        .byteFallback = flagAt(model, "byte_fallback", false), .fuseUnknown = flagAt(model, "fuse_unk", false),
        .unknown = findId(parts, textAt(model, "unk_token")),
        .continuingPrefix = std::string(textAt(model, "continuing_subword_prefix")), .endSuffix = std::string(textAt(model, "end_of_word_suffix"))};
    if (!options.continuingPrefix.empty() || !options.endSuffix.empty())
        options.byteLevel = false;  // these work on code points: the bytes' stand-ins, then
    const bool onBytes = options.byteLevel;
    if (isByteLevel && !onBytes)
        parts.preTokenizer.spellBytes();
    auto bpe = std::make_shared<BpeModel>(std::move(options), static_cast<std::int32_t>(parts.tokens.size()));
    dom::array merges;
    if (model["merges"].get(merges))
        return broken("The tokenizer's model has no merges.");
    bpe->reserve(parts.tokens.size(), bytes, merges.size());
    std::string left, right;
    for (std::size_t i = 0; i < parts.tokens.size(); ++i) {
        if (!onBytes && !parts.tokens[i].empty())
            bpe->addToken(parts.tokens[i], static_cast<std::int32_t>(i));
        else if (onBytes && bytesOfByteLevel(parts.tokens[i], left) && !left.empty())
            bpe->addToken(left, static_cast<std::int32_t>(i));
    }
    std::int32_t rank = 0;
    for (const auto merge : merges) {
        std::string_view a, b;
        bool isKnown = mergeParts(merge, a, b);
        if (isKnown && onBytes)
            isKnown = bytesOfByteLevel(a, left) && bytesOfByteLevel(b, right) && bpe->addMerge(left, right, rank, true);
        else if (isKnown)
            isKnown = bpe->addMerge(a, b, rank, true);
        if (!isKnown)
            return broken(fmt::format("Merge {} of the tokenizer joins tokens that are not in its vocabulary.", rank));
        ++rank;
    }
    bpe->setByteTokens(byteTokens(parts));
    bpe->finish();
    parts.model = std::move(bpe);
    parts.description = "bpe";
    return {};
}

Status readUnigram(const dom::element& model, TokenizerParts& parts)
{
    dom::array vocab;
    if (model["vocab"].get(vocab))
        return broken("The tokenizer's model has no vocabulary.");
    std::vector<double> scores;
    for (const auto entry : vocab) {
        dom::array pair;
        std::string_view text;
        double score = 0;
        if (entry.get(pair) || pair.size() != 2 || pair.at(0).get(text) || pair.at(1).get(score))
            return broken(fmt::format("Piece {} of the vocabulary is no pair of text and score.", scores.size()));
        parts.tokens.emplace_back(text);
        scores.push_back(score);
    }
    std::int64_t unknown = -1;
    if (model["unk_id"].get(unknown) || unknown >= static_cast<std::int64_t>(scores.size()))
        unknown = -1;
    std::vector<UnigramModel::Piece> pieces;
    double lowest = std::numeric_limits<double>::max();
    for (std::size_t i = 0; i < scores.size(); ++i) {
        lowest = std::min(lowest, scores[i]);
        pieces.push_back({parts.tokens[i], static_cast<std::int32_t>(i), scores[i]});
    }
    auto made = std::make_shared<UnigramModel>(pieces, static_cast<std::int32_t>(scores.size()), lowest, static_cast<std::int32_t>(unknown));
    if (flagAt(model, "byte_fallback", false))
        made->setByteTokens(byteTokens(parts));
    parts.model = std::move(made);
    parts.description = "unigram";
    return {};
}

Status readWordPiece(const dom::element& model, TokenizerParts& parts)
{
    std::size_t bytes = 0;
    ATTUNE_RETURN_IF_ERROR(readVocab(model, parts, bytes));
    std::string_view prefix = "##";
    if (model["continuing_subword_prefix"].get(prefix))
        prefix = "##";
    WordPieceModel::Entries begin, continuing;
    for (std::size_t i = 0; i < parts.tokens.size(); ++i) {
        const std::string_view text = parts.tokens[i];
        begin.emplace_back(text, static_cast<std::int32_t>(i));
        if (text.starts_with(prefix) && text.size() > prefix.size())
            continuing.emplace_back(text.substr(prefix.size()), static_cast<std::int32_t>(i));
    }
    std::int64_t longest = 100;
    if (model["max_input_chars_per_word"].get(longest) || longest < 0)
        longest = 100;
    WordPieceModel::Options options {.unknown = findId(parts, textAt(model, "unk_token")), .maxCodePoints = static_cast<std::size_t>(longest),
        .wordMark = {}, .splitsWords = false};
    parts.model = std::make_shared<WordPieceModel>(std::move(options), std::move(begin), std::move(continuing));
    parts.description = "wordpiece";
    return {};
}

Status readWordLevel(const dom::element& model, TokenizerParts& parts)
{
    std::size_t bytes = 0;
    ATTUNE_RETURN_IF_ERROR(readVocab(model, parts, bytes));
    WordPieceModel::Entries entries;
    for (std::size_t i = 0; i < parts.tokens.size(); ++i)
        entries.emplace_back(parts.tokens[i], static_cast<std::int32_t>(i));
    parts.model = std::make_shared<WordLevelModel>(std::move(entries), findId(parts, textAt(model, "unk_token")));
    parts.description = "wordlevel";
    return {};
}

/// Old files leave the type out.
std::string_view modelType(const dom::element& model)
{
    if (const auto type = textAt(model, "type"); !type.empty())
        return type;
    dom::element ignored;
    if (!model["merges"].get(ignored))
        return "BPE";
    return !model["unk_id"].get(ignored) ? "Unigram" : !model["max_input_chars_per_word"].get(ignored) ? "WordPiece" : "WordLevel";
}

Status readModel(const dom::element& root, TokenizerParts& parts)
{
    dom::element model;
    if (root["model"].get(model) || !model.is_object())
        return broken("The file has no tokenizer model.");
    const auto type = modelType(model);
    if (type == "BPE")
        return readBpe(model, parts);
    if (type == "Unigram")
        return readUnigram(model, parts);
    if (type == "WordPiece")
        return readWordPiece(model, parts);
    if (type == "WordLevel")
        return readWordLevel(model, parts);
    return broken(fmt::format("The tokenizer's model is of the type \"{}\", which is not known here.", type));
}

Status readAdded(const dom::element& root, TokenizerParts& parts)
{
    dom::array added;
    if (root["added_tokens"].get(added))
        return {};
    for (const auto entry : added) {
        std::int64_t id = -1;
        const auto content = textAt(entry, "content");
        if (entry["id"].get(id) || id < 0 || id >= kMaxTokenId || content.empty())
            return broken("An added token of the tokenizer has no content or no sensible id.");
        const bool isSpecial = flagAt(entry, "special", false);
        AddedToken token {std::string(content), static_cast<std::int32_t>(id), isSpecial, flagAt(entry, "single_word", false),
            flagAt(entry, "lstrip", false), flagAt(entry, "rstrip", false), flagAt(entry, "normalized", !isSpecial)};
        if (token.isNormalized && !parts.normalizer.isEmpty()) {
            // It is looked for behind the normalizer, in its normalised form; the id keeps its own text.
            AddedToken normalizedToken = token;
            normalizedToken.content = parts.normalizer.apply(content);
            parts.addToken(token, std::move(normalizedToken));
        } else {
            parts.addToken(std::move(token));
        }
    }
    return {};
}

/// The tokens of a template before its first sequence, behind that, and so on.
Result<std::vector<Ids>> templateTokens(const Json& json, const char* key)
{
    std::vector<Ids> places(1);
    const Json specials = json.value("special_tokens", Json::object());
    for (const auto& piece : json.value(key, Json::array())) {
        if (piece.is_object() && piece.contains("Sequence")) {
            places.emplace_back();
            continue;
        }
        if (!piece.is_object() || !piece.contains("SpecialToken"))
            return broken("The tokenizer's template has a piece that is neither token nor sequence.");
        const auto name = piece["SpecialToken"].value("id", "");
        const Json ids = specials.is_object() && specials.contains(name) ? specials[name].value("ids", Json::array()) : Json::array();
        for (const auto& id : ids) {
            if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= kMaxTokenId)
                return broken("The tokenizer's template names an id that is no token.");
            places.back().push_back(id.get<std::int32_t>());
        }
    }
    return places;
}

/// What a template puts before and behind one sequence, and between two.
Status readTemplate(const Json& json, TokenizerParts& parts)
{
    ATTUNE_TRY(const auto single, templateTokens(json, "single"));
    parts.prefix = single.front();
    if (single.size() > 1)
        parts.suffix = single[1];
    ATTUNE_TRY(const auto pair, templateTokens(json, "pair"));
    if (pair.size() == 3)
        parts.middle = pair[1];
    return {};
}

Status readPostProcessor(const Json& json, TokenizerParts& parts, int depth = 0)
{
    if (!json.is_object() || depth > 8)
        return {};
    const auto type = json.value("type", "");
    const auto idOf = [&](const char* key) {
        return json.contains(key) && json[key].is_array() && json[key].size() == 2 && json[key][1].is_number_integer() ? json[key][1].get<std::int32_t>() : -1;
    };
    if (type == "Sequence") {
        for (const auto& step : json.value("processors", Json::array()))
            ATTUNE_RETURN_IF_ERROR(readPostProcessor(step, parts, depth + 1));
    } else if (type == "TemplateProcessing") {
        return readTemplate(json, parts);
    } else if (type == "BertProcessing" || type == "RobertaProcessing") {
        if (const auto id = idOf("cls"); id >= 0)
            parts.prefix = {id};
        if (const auto id = idOf("sep"); id >= 0) {
            parts.suffix = {id};
            parts.middle = type == "RobertaProcessing" ? Ids {id, id} : Ids {id};
        }
    } else if (type != "ByteLevel") {
        return broken(fmt::format("The tokenizer uses the post-processor \"{}\", which is not known here.", type));
    }
    return {};
}

}

Result<TokenizerParts> partsFromTokenizerJson(std::string_view text)
{
    dom::parser parser;
    dom::element root;
    if (const auto error = parser.parse(text.data(), text.size()).get(root); error || !root.is_object())
        return broken(fmt::format("The tokenizer's file is no JSON object{}.", error ? fmt::format(" ({})", simdjson::error_message(error)) : ""));
    TokenizerParts parts;
    ATTUNE_TRY(const auto normalizer, subtree(root, "normalizer"));
    ATTUNE_TRY(const auto preTokenizer, subtree(root, "pre_tokenizer"));
    ATTUNE_TRY(const auto decoder, subtree(root, "decoder"));
    ATTUNE_TRY(const auto post, subtree(root, "post_processor"));
    try {
        ATTUNE_TRY(parts.normalizer, Normalizer::fromJson(normalizer));
        ATTUNE_TRY(parts.preTokenizer, PreTokenizer::fromJson(preTokenizer));
        ATTUNE_TRY(parts.decoder, Decoder::fromJson(decoder));
        ATTUNE_RETURN_IF_ERROR(readModel(root, parts));
        if (parts.decoder.isByteLevel()) {
            parts.pieces.resize(parts.tokens.size());
            for (std::size_t i = 0; i < parts.tokens.size(); ++i)
                parts.pieces[i] = byteLevelPiece(parts.tokens[i]);
        }
        ATTUNE_RETURN_IF_ERROR(readAdded(root, parts));
        ATTUNE_RETURN_IF_ERROR(readPostProcessor(post, parts));
    } catch (const nlohmann::json::exception&) {  // a value of another type than the format has
        return broken("The tokenizer's file holds a value of the wrong type.");
    }
    for (auto* ids : {&parts.prefix, &parts.middle, &parts.suffix})
        for (const auto id : *ids)
            if (id >= static_cast<std::int32_t>(parts.tokens.size()))
                return broken(fmt::format("The tokenizer adds the token {}, which is not in its vocabulary.", id));
    return parts;
}

}
