// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/loaders.h"

#include "base/file.h"

#include "tokenizer/hf_config.h"
#include "tokenizer/hf_parts.h"
#include "tokenizer/pipeline_tokenizer.h"

#include <fmt/format.h>

namespace attune::tokenizer {
namespace {

/// A vocabulary file of BERT's first releases: one piece a line (vocab.txt), with BertTokenizer's pipeline.
Result<TokenizerParts> partsFromVocabText(const std::string& path, const HfConfig& config)
{
    ATTUNE_TRY(const auto text, readFile(path, 1u << 28));
    Json vocab = Json::object();
    std::int32_t id = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        if (line.ends_with('\r'))
            line.pop_back();
        vocab[line] = id++;
        at = end + 1;
    }
    const bool lowercases = config.flag("do_lower_case", true);
    const auto idOf = [&](const char* token) { return vocab.value(token, Json(0)); };
    Json added = Json::array();
    for (const char* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
        if (vocab.contains(token))
            added.push_back({{"id", vocab[token]}, {"content", token}, {"special", true}});
    const Json json {{"added_tokens", added}, {"normalizer", {{"type", "BertNormalizer"}, {"lowercase", lowercases}}},
        {"pre_tokenizer", {{"type", "BertPreTokenizer"}}}, {"decoder", {{"type", "WordPiece"}}},
        {"post_processor", {{"type", "BertProcessing"}, {"sep", {"[SEP]", idOf("[SEP]")}}, {"cls", {"[CLS]", idOf("[CLS]")}}}},
        {"model", {{"type", "WordPiece"}, {"unk_token", "[UNK]"}, {"vocab", vocab}}}};
    return partsFromTokenizerJson(json.dump());
}

/// GPT-2's files: vocab.json and merges.txt.
Result<TokenizerParts> partsFromVocabAndMerges(const std::string& folder)
{
    ATTUNE_TRY(const auto vocab, readJsonFile(folder + "/vocab.json"));
    ATTUNE_TRY(const auto text, readFile(folder + "/merges.txt", 1u << 28));
    Json merges = Json::array();
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        if (line.ends_with('\r'))
            line.pop_back();
        if (!line.empty() && !(at == 0 && line.starts_with("#version")))
            merges.push_back(line);
        at = end + 1;
    }
    const Json byteLevel {{"type", "ByteLevel"}, {"add_prefix_space", false}};
    const Json json {{"pre_tokenizer", byteLevel}, {"decoder", byteLevel}, {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}}}};
    return partsFromTokenizerJson(json.dump());
}

Result<TokenizerParts> readParts(const std::string& folder, const HfConfig& config)
{
    std::error_code error;
    const auto has = [&](const char* name) { return fs::exists(folder + "/" + name, error); };
    if (has("tokenizer.json")) {
        ATTUNE_TRY(const auto text, readFile(folder + "/tokenizer.json", 1u << 29));
        auto parts = partsFromTokenizerJson(text);
        return parts ? std::move(parts) : parts.error().in(folder + "/tokenizer.json");
    }
    if (has("tokenizer.model")) {
        auto parts = partsFromSentencePiece(folder + "/tokenizer.model", config);
        return parts ? std::move(parts) : parts.error().in(folder + "/tokenizer.model");
    }
    if (has("vocab.txt"))
        return partsFromVocabText(folder + "/vocab.txt", config);
    if (has("vocab.json") && has("merges.txt"))
        return partsFromVocabAndMerges(folder);
    return fail(ErrorCode::TokenizerBroken, fmt::format("{} holds no tokenizer: none of tokenizer.json, tokenizer.model, vocab.txt, vocab.json is there.", folder),
        "Copy the tokenizer's files of the model into its folder.");
}

}

Result<std::shared_ptr<const Tokenizer>> loadHfTokenizer(const std::string& folder)
{
    ATTUNE_TRY(const auto config, HfConfig::read(folder));
    ATTUNE_TRY(auto parts, readParts(folder, config));
    config.addTokens(parts);
    config.applySpecials(parts);
    return std::shared_ptr<const Tokenizer>(std::make_shared<PipelineTokenizer>(std::move(parts)));
}

}
