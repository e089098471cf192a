// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/gguf_vocabulary.h"

#include "base/file.h"
#include "base/json_tree.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <vector>

namespace attune::exporter {
namespace {

using Tree = nlohmann::json;  // vocabularies are large; Json would search them linearly

enum TokenKind : std::int32_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };

constexpr std::int64_t kMaxVocabulary = 1 << 24;

struct Vocabulary {
    std::vector<std::string> tokens;
    std::vector<std::int32_t> kinds;
    std::vector<float> scores;
    std::map<std::string, std::int32_t> ids;

    void put(std::int64_t id, const std::string& token, TokenKind kind)
    {
        const auto index = static_cast<std::size_t>(id);
        tokens[index] = token;
        kinds[index] = kind;
        ids[token] = static_cast<std::int32_t>(id);
    }
};

Error broken(const std::string& folder, const std::string& what)
{
    return fail(ErrorCode::TokenizerBroken, fmt::format("{}/tokenizer.json: {}.", folder, what), "Fetch the model's tokenizer files again.");
}

Error unsupported(const std::string& what)
{
    return fail(ErrorCode::Unsupported, fmt::format("The tokenizer {}, which GGUF cannot express here.", what), "Use attune export merged; the Hugging Face folder keeps the tokenizer as it is.");
}

const Tree& member(const Tree& json, const char* key)
{
    static const Tree none;
    const auto it = json.is_object() ? json.find(key) : json.end();
    return json.is_object() && it != json.end() ? *it : none;
}

std::string textOf(const Tree& json)
{
    return json.is_string() ? json.get<std::string>() : std::string();
}

bool isTrue(const Tree& json)
{
    return json.is_boolean() && json.get<bool>();
}

/// All steps of a pre-tokenizer or normalizer, sequences flattened.
void collect(const Tree& step, const char* listKey, std::vector<const Tree*>& steps)
{
    if (textOf(member(step, "type")) != "Sequence") {
        if (step.is_object())
            steps.push_back(&step);
        return;
    }
    for (const auto& inner : member(step, listKey))
        collect(inner, listKey, steps);
}

/// Merges come as "a b" or ["a", "b"]; GGUF has "a b", spaces inside a part as U+0120.
Result<std::vector<std::string>> mergesOf(const std::string& folder, const Tree& model)
{
    std::vector<std::string> merges;
    for (const auto& merge : member(model, "merges")) {
        if (merge.is_string()) {
            merges.push_back(merge.get<std::string>());
            continue;
        }
        if (!merge.is_array() || merge.size() != 2 || !merge[0].is_string() || !merge[1].is_string())
            return broken(folder, "a merge is no pair of texts");
        std::string line;
        for (const auto& part : merge) {
            line += line.empty() ? "" : " ";
            for (const char c : part.get<std::string>())
                line += c == ' ' ? std::string("\xC4\xA0") : std::string(1, c);
        }
        merges.push_back(std::move(line));
    }
    return merges;
}

Result<Vocabulary> readTokens(const std::string& folder, const Tree& json, std::int64_t vocabSize)
{
    std::map<std::int64_t, std::string> byId;
    for (const auto& [token, id] : member(member(json, "model"), "vocab").items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= kMaxVocabulary)
            return broken(folder, fmt::format("the token \"{}\" has the id {}", token, id.dump()));
        byId[id.get<std::int64_t>()] = token;
    }
    std::map<std::int64_t, std::pair<std::string, bool>> added;
    for (const auto& token : member(json, "added_tokens")) {
        const Tree& id = member(token, "id");
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= kMaxVocabulary)
            return broken(folder, "an added token has no id");
        added[id.get<std::int64_t>()] = {textOf(member(token, "content")), isTrue(member(token, "special"))};
    }
    const std::int64_t last = std::max(byId.empty() ? -1 : byId.rbegin()->first, added.empty() ? -1 : added.rbegin()->first);
    if (last >= vocabSize)
        return broken(folder, fmt::format("the highest id is {}, the model has {} tokens", last, vocabSize));
    Vocabulary vocabulary;
    vocabulary.tokens.resize(static_cast<std::size_t>(vocabSize));
    vocabulary.kinds.resize(vocabulary.tokens.size(), kUnused);
    for (std::int64_t id = 0; id < vocabSize; ++id) {
        if (const auto it = added.find(id); it != added.end())
            vocabulary.put(id, it->second.first, it->second.second ? kControl : kUserDefined);
        else if (const auto normal = byId.find(id); normal != byId.end())
            vocabulary.put(id, normal->second, kNormal);
        else
            vocabulary.put(id, fmt::format("[PAD{}]", id), kUnused);
    }
    return vocabulary;
}

bool usesByteFallback(const Tree& json)
{
    return isTrue(member(member(json, "model"), "byte_fallback"));
}

/// A SentencePiece vocabulary kept as BPE: llama.cpp merges by score, so a token's score falls with the
/// rank of the merge that makes it.
void makeSentencePiece(Vocabulary& vocabulary, const std::vector<std::string>& merges, const Tree& json)
{
    vocabulary.scores.assign(vocabulary.tokens.size(), -1000.0f);
    float rank = 0;
    for (const auto& merge : merges) {
        const auto space = merge.find(' ');
        const auto it = vocabulary.ids.find(merge.substr(0, space) + merge.substr(space + 1));
        if (space != std::string::npos && it != vocabulary.ids.end() && vocabulary.scores[static_cast<std::size_t>(it->second)] == -1000.0f)
            vocabulary.scores[static_cast<std::size_t>(it->second)] = -rank;
        ++rank;
    }
    for (int byte = 0; byte < 256; ++byte)
        if (const auto it = vocabulary.ids.find(fmt::format("<0x{:02X}>", byte)); it != vocabulary.ids.end())
            vocabulary.kinds[static_cast<std::size_t>(it->second)] = kByte;
    if (const auto it = vocabulary.ids.find(textOf(member(member(json, "model"), "unk_token"))); it != vocabulary.ids.end())
        vocabulary.kinds[static_cast<std::size_t>(it->second)] = kUnknown;
}

/// Whether text gets a space in front: a Prepend step, or Metaspace's scheme.
bool prependsSpace(const Tree& json)
{
    std::vector<const Tree*> steps;
    collect(member(json, "normalizer"), "normalizers", steps);
    collect(member(json, "pre_tokenizer"), "pretokenizers", steps);
    for (const Tree* step : steps) {
        const std::string type = textOf(member(*step, "type"));
        if (type == "Prepend" || (type == "Metaspace" && textOf(member(*step, "prepend_scheme")) != "never"))
            return true;
    }
    return false;
}

/// The first special token of the single-sequence template, if it stands before the text.
std::string templateStart(const Tree& json)
{
    std::vector<const Tree*> steps;
    collect(member(json, "post_processor"), "processors", steps);
    for (const Tree* step : steps)
        if (const Tree& single = member(*step, "single"); single.is_array() && !single.empty())
            return textOf(member(member(single.front(), "SpecialToken"), "id"));
    return {};
}

std::optional<std::int32_t> tokenId(const Vocabulary& vocabulary, const Tree& value)
{
    const std::string text = value.is_object() ? textOf(member(value, "content")) : textOf(value);
    const auto it = vocabulary.ids.find(text);
    return text.empty() || it == vocabulary.ids.end() ? std::nullopt : std::optional(it->second);
}

void addSpecialTokens(formats::GgufWriter& writer, const Vocabulary& vocabulary, const std::string& folder, const Tree& json)
{
    const auto read = [&](const char* name) -> Tree {
        const auto text = readFile(folder + name, 16 << 20);
        return text ? parseJsonTree(*text).value_or(Tree::object()) : Tree::object();
    };
    const Tree settings = read("/tokenizer_config.json"), config = read("/config.json");
    std::optional<std::int32_t> start;
    for (const auto& [name, key] : {std::pair("bos", "bos"), std::pair("eos", "eos"), std::pair("pad", "padding"), std::pair("unk", "unknown")}) {
        auto id = tokenId(vocabulary, member(settings, (std::string(name) + "_token").c_str()));
        const Tree& fallback = member(config, (std::string(name) + "_token_id").c_str());
        const Tree& first = fallback.is_array() && !fallback.empty() ? fallback.front() : fallback;
        if (!id && first.is_number_integer() && first.get<std::int64_t>() >= 0 && first.get<std::int64_t>() < static_cast<std::int64_t>(vocabulary.tokens.size()))
            id = first.get<std::int32_t>();
        if (id)
            writer.setU32(fmt::format("tokenizer.ggml.{}_token_id", key), static_cast<std::uint32_t>(*id));
        if (std::string(name) == "bos")
            start = id;
    }
    const std::string first = templateStart(json);
    const auto firstId = vocabulary.ids.find(first);
    const bool addsByTemplate = !first.empty() && start && firstId != vocabulary.ids.end() && firstId->second == *start;
    writer.setBool("tokenizer.ggml.add_bos_token", member(json, "post_processor").is_null() ? isTrue(member(settings, "add_bos_token")) : addsByTemplate);
    writer.setBool("tokenizer.ggml.add_eos_token", isTrue(member(settings, "add_eos_token")));
}

}

std::optional<std::string> preTokenizerName(const Tree& json)
{
    std::vector<const Tree*> steps;
    collect(member(json, "pre_tokenizer"), "pretokenizers", steps);
    bool hasByteLevel = false, hasDigits = false, usesOwnExpression = false;
    std::string expressions;
    for (const Tree* step : steps) {
        const std::string type = textOf(member(*step, "type"));
        if (type == "ByteLevel") {
            hasByteLevel = true;
            usesOwnExpression = !member(*step, "use_regex").is_boolean() || isTrue(member(*step, "use_regex"));
        } else if (type == "Digits" && isTrue(member(*step, "individual_digits"))) {
            hasDigits = true;
        } else if (type == "Split") {
            expressions += textOf(member(member(*step, "pattern"), "Regex"));
        } else {
            return std::nullopt;
        }
    }
    if (!hasByteLevel)
        return std::nullopt;
    if (expressions.empty())
        return usesOwnExpression ? std::optional<std::string>(hasDigits ? "smollm" : "gpt-2") : std::nullopt;
    const auto has = [&](std::string_view part) { return expressions.find(part) != std::string::npos; };
    if (has("\\p{Lu}\\p{Lt}"))
        return has("\\p{N}{1,3}") ? "gpt-4o" : "tekken";
    if (has("[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"))
        return has("\\p{N}{1,3}") ? "llama-bpe" : "qwen2";
    return std::nullopt;
}

Status addVocabulary(formats::GgufWriter& writer, const std::string& folder, std::int64_t vocabSize)
{
    if (!fs::exists(folder + "/tokenizer.json"))
        return fail(ErrorCode::TokenizerBroken, fmt::format("{} holds no tokenizer.json.", folder), "Save the tokenizer with transformers' save_pretrained() first.");
    ATTUNE_TRY(const auto text, readFile(folder + "/tokenizer.json", 512u << 20));
    const auto parsed = parseJsonTree(text);
    if (!parsed)
        return broken(folder, parsed.error().message);
    const Tree& json = *parsed;
    if (const std::string type = textOf(member(member(json, "model"), "type")); type != "BPE")
        return unsupported(fmt::format("is of the kind \"{}\"", type));
    ATTUNE_TRY(auto vocabulary, readTokens(folder, json, vocabSize));
    ATTUNE_TRY(const auto merges, mergesOf(folder, member(json, "model")));
    if (usesByteFallback(json)) {
        makeSentencePiece(vocabulary, merges, json);
        writer.setText("tokenizer.ggml.model", "llama");
        writer.setText("tokenizer.ggml.pre", "default");
        writer.setF32s("tokenizer.ggml.scores", vocabulary.scores);
        writer.setBool("tokenizer.ggml.add_space_prefix", prependsSpace(json));
    } else {
        const auto pre = preTokenizerName(json);
        if (!pre)
            return unsupported("cuts words by a rule of its own");
        writer.setText("tokenizer.ggml.model", "gpt2");
        writer.setText("tokenizer.ggml.pre", *pre);
        writer.setTexts("tokenizer.ggml.merges", merges);
    }
    writer.setTexts("tokenizer.ggml.tokens", vocabulary.tokens);
    writer.setI32s("tokenizer.ggml.token_type", vocabulary.kinds);
    addSpecialTokens(writer, vocabulary, folder, json);
    return {};
}

}
