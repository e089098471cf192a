// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/hf_tokenizer.h"

#include "base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <vector>

namespace attune::exporter {
namespace {

constexpr std::int64_t kControl = 3, kUserDefined = 4;

// Expressions of llama.cpp's pre-tokenizers as tokenizer.json has them (formats.md §5.3).
constexpr const char* kLlama3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
constexpr const char* kQwen2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

Json byteLevel(bool usesExpression)
{
    return Json {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", usesExpression}};
}

Json split(const char* expression)
{
    return Json {{"type", "Split"}, {"pattern", {{"Regex", expression}}}, {"behavior", "Isolated"}, {"invert", false}};
}

Json sequence(Json first, Json second)
{
    return Json {{"type", "Sequence"}, {"pretokenizers", Json::array({std::move(first), std::move(second)})}};
}

Result<Json> preTokenizer(const std::string& pre)
{
    if (pre == "gpt-2" || pre == "mpt" || pre == "olmo" || pre == "jais" || pre == "roberta-bpe")
        return byteLevel(true);
    if (pre == "smollm" || pre == "starcoder" || pre == "command-r" || pre == "refact")
        return sequence(Json {{"type", "Digits"}, {"individual_digits", true}}, byteLevel(true));
    if (pre == "llama-bpe" || pre == "llama3" || pre == "llama-v3" || pre == "dbrx" || pre == "smaug-bpe")
        return sequence(split(kLlama3), byteLevel(false));
    if (pre == "qwen2" || pre == "stablelm2" || pre == "deepseek-r1-qwen")
        return sequence(split(kQwen2), byteLevel(false));
    return fail(ErrorCode::Unsupported, fmt::format("The tokenizer of the kind \"{}\" cannot be written for Hugging Face here.", pre), "Use attune export gguf, or copy tokenizer.json from the original model into the folder.");
}

Json addedTokens(const std::vector<std::string_view>& tokens, const std::vector<std::int64_t>& kinds)
{
    Json list = Json::array();
    for (std::size_t id = 0; id < tokens.size() && id < kinds.size(); ++id)
        if (kinds[id] == kControl || kinds[id] == kUserDefined)
            list.push_back({{"id", id}, {"content", tokens[id]}, {"single_word", false}, {"lstrip", false}, {"rstrip", false}, {"normalized", false}, {"special", kinds[id] == kControl}});
    return list;
}

Json startTemplate(const formats::GgufFile& file, const std::vector<std::string_view>& tokens)
{
    const auto id = file.integer("tokenizer.ggml.bos_token_id").value_or(-1);
    const bool addsByDefault = file.text("tokenizer.ggml.model") == "llama" || file.text("tokenizer.ggml.pre") == "llama-bpe";
    if (!file.boolean("tokenizer.ggml.add_bos_token").value_or(addsByDefault) || id < 0 || id >= static_cast<std::int64_t>(tokens.size()))
        return nullptr;
    const std::string token(tokens[static_cast<std::size_t>(id)]);
    const auto special = [&](int type) { return Json {{"SpecialToken", {{"id", token}, {"type_id", type}}}}; };
    const auto text = [](const char* name, int type) { return Json {{"Sequence", {{"id", name}, {"type_id", type}}}}; };
    Json result {{"type", "TemplateProcessing"}};
    result["single"] = Json::array({special(0), text("A", 0)});
    result["pair"] = Json::array({special(0), text("A", 0), special(1), text("B", 1)});
    result["special_tokens"][token] = Json {{"id", token}, {"ids", Json::array({id})}, {"tokens", Json::array({token})}};
    return result;
}

/// SentencePiece merges whichever pair makes the token of the highest score; as BPE that is a list of
/// all pairs, ordered by that score.
Json mergesByScore(const std::vector<std::string_view>& tokens, const std::vector<double>& scores)
{
    std::unordered_map<std::string_view, std::size_t> ids;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        ids.emplace(tokens[i], i);
    struct Merge {
        double score;
        std::size_t left, right;
    };
    std::vector<Merge> merges;
    for (std::size_t i = 0; i < tokens.size() && i < scores.size(); ++i)
        for (std::size_t cut = 1; cut < tokens[i].size(); ++cut) {
            const auto left = ids.find(tokens[i].substr(0, cut)), right = ids.find(tokens[i].substr(cut));
            if (left != ids.end() && right != ids.end())
                merges.push_back({scores[i], left->second, right->second});
        }
    std::stable_sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) { return a.score > b.score; });
    Json list = Json::array();
    for (const auto& merge : merges)
        list.push_back(Json::array({tokens[merge.left], tokens[merge.right]}));
    return list;
}

void makeSentencePiece(Json& json, const formats::GgufFile& file, const std::vector<std::string_view>& tokens)
{
    const bool prepends = file.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
    Json& model = json["model"];
    model["byte_fallback"] = true;
    model["fuse_unk"] = true;
    if (const auto unknown = file.integer("tokenizer.ggml.unknown_token_id").value_or(0); unknown >= 0 && unknown < static_cast<std::int64_t>(tokens.size()))
        model["unk_token"] = tokens[static_cast<std::size_t>(unknown)];
    model["merges"] = mergesByScore(tokens, file.numbers("tokenizer.ggml.scores"));
    const Json replace {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\u2581"}};
    Json steps = Json::array();
    if (prepends)
        steps.push_back({{"type", "Prepend"}, {"prepend", "\u2581"}});
    steps.push_back(replace);
    json["normalizer"] = Json {{"type", "Sequence"}, {"normalizers", steps}};
    json["pre_tokenizer"] = nullptr;
    Json decoders = Json::array({Json {{"type", "Replace"}, {"pattern", {{"String", "\u2581"}}}, {"content", " "}}, Json {{"type", "ByteFallback"}}, Json {{"type", "Fuse"}}});
    if (prepends)
        decoders.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    json["decoder"] = Json {{"type", "Sequence"}, {"decoders", decoders}};
}

Status makeByteLevel(Json& json, const formats::GgufFile& file)
{
    ATTUNE_TRY(json["pre_tokenizer"], preTokenizer(file.text("tokenizer.ggml.pre").value_or("default")));
    json["decoder"] = byteLevel(true);
    json["model"]["ignore_merges"] = file.text("tokenizer.ggml.pre") == "llama-bpe";
    Json merges = Json::array();
    for (const auto merge : file.texts("tokenizer.ggml.merges"))
        if (const auto space = merge.find(' ', 1); space != std::string_view::npos)
            merges.push_back(Json::array({merge.substr(0, space), merge.substr(space + 1)}));
    json["model"]["merges"] = std::move(merges);
    return {};
}

Json settingsFromGguf(const formats::GgufFile& file, const std::vector<std::string_view>& tokens, std::int64_t contextLength)
{
    Json settings {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"model_max_length", contextLength}, {"clean_up_tokenization_spaces", false}};
    for (const auto& [name, key] : {std::pair("bos_token", "bos"), std::pair("eos_token", "eos"), std::pair("pad_token", "padding"), std::pair("unk_token", "unknown")}) {
        const auto id = file.integer(fmt::format("tokenizer.ggml.{}_token_id", key)).value_or(-1);
        if (id >= 0 && id < static_cast<std::int64_t>(tokens.size()))
            settings[name] = tokens[static_cast<std::size_t>(id)];
    }
    return settings;
}

Status copyFiles(const std::string& from, const std::string& to)
{
    for (const char* name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model", "generation_config.json"}) {
        std::error_code error;
        if (!fs::exists(from + "/" + name, error))
            continue;
        fs::copy_file(from + "/" + name, to + "/" + name, fs::copy_options::overwrite_existing, error);
        if (error)
            return failSystem(to + "/" + name, "write", error.value());
    }
    return {};
}

}

Result<Json> tokenizerJsonFromGguf(const formats::GgufFile& file)
{
    const auto tokens = file.texts("tokenizer.ggml.tokens");
    const std::string kind = file.text("tokenizer.ggml.model").value_or("");
    if (kind != "gpt2" && kind != "llama")
        return fail(ErrorCode::Unsupported, fmt::format("The vocabulary of the kind \"{}\" cannot be written for Hugging Face here.", kind), "Use attune export gguf.");
    Json json {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}};
    json["added_tokens"] = addedTokens(tokens, file.integers("tokenizer.ggml.token_type"));
    json["normalizer"] = nullptr;
    json["pre_tokenizer"] = nullptr;
    json["post_processor"] = startTemplate(file, tokens);
    json["decoder"] = nullptr;
    json["model"] = Json {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}, {"continuing_subword_prefix", nullptr}, {"end_of_word_suffix", nullptr}, {"fuse_unk", false}, {"byte_fallback", false}};
    nlohmann::json vocabulary = nlohmann::json::object();  // a tree: ordered_json would search linearly
    for (std::size_t id = 0; id < tokens.size(); ++id)
        vocabulary[std::string(tokens[id])] = id;
    json["model"]["vocab"] = vocabulary;
    if (kind == "llama")
        makeSentencePiece(json, file, tokens);
    else
        ATTUNE_RETURN_IF_ERROR(makeByteLevel(json, file));
    return json;
}

Status writeHfTokenizer(const families::ModelSource& base, const std::string& folder, const std::optional<std::string>& chatTemplate)
{
    if (base.format == families::ModelFormat::HfFolder) {
        ATTUNE_RETURN_IF_ERROR(copyFiles(base.path, folder));
    } else {
        ATTUNE_TRY(const auto file, formats::GgufFile::open(base.path));
        ATTUNE_TRY(const auto json, tokenizerJsonFromGguf(file));
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/tokenizer.json", toLine(json)));
        const auto settings = settingsFromGguf(file, file.texts("tokenizer.ggml.tokens"), base.spec.contextLength);
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/tokenizer_config.json", settings.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"));
    }
    if (chatTemplate)
        ATTUNE_RETURN_IF_ERROR(writeFileAtomically(folder + "/chat_template.jinja", *chatTemplate));
    return {};
}

}
