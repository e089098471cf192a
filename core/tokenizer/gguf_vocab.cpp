// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/gguf_vocab.h"

#include "tokenizer/pretokenizer_gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace attune::tokenizer {
namespace {

constexpr std::string_view kPrefix = "tokenizer.ggml.";

Error broken(std::string message)
{
    return fail(ErrorCode::TokenizerBroken, std::move(message), "Fetch the model again, or use another copy of it.");
}

std::string key(std::string_view name)
{
    return std::string(kPrefix) + std::string(name);
}

/// Tokens that end a turn, known by their text because files name only some of them.
const std::vector<std::string_view> kEndTexts {"<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>",
    "<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>",
    "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~["};

/// Fill-in-the-middle tokens by key and, where the key is absent, by text; the last three end generation.
struct FimKind {
    std::string_view key;
    std::vector<std::string_view> texts;
    bool endsGeneration;
};
const std::vector<FimKind> kFimKinds {
    {"fim_pre_token_id", {"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>", "<|prefix|>"}, false},
    {"fim_suf_token_id", {"<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>", "<|suffix|>"}, false},
    {"fim_mid_token_id", {"<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>", "<|middle|>"}, false},
    {"fim_pad_token_id", {"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"}, true},
    {"fim_rep_token_id", {"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"}, true},
    {"fim_sep_token_id", {"<|file_sep|>"}, true},
};

}

std::int32_t GgufVocab::find(std::string_view text) const
{
    const auto found = std::find(tokens.begin(), tokens.end(), text);
    return found == tokens.end() ? -1 : static_cast<std::int32_t>(found - tokens.begin());
}

Status GgufVocab::readTokens(const formats::GgufFile& file)
{
    tokens = file.texts(key("tokens"));
    if (tokens.empty())
        return broken("The GGUF file holds no vocabulary (tokenizer.ggml.tokens).");
    const auto kinds = file.integers(key("token_type"));
    const auto values = file.numbers(key("scores"));
    if ((!kinds.empty() && kinds.size() < tokens.size()) || (!values.empty() && values.size() < tokens.size()))
        return broken(fmt::format("The GGUF file has {} tokens, {} token types and {} scores.", tokens.size(), kinds.size(), values.size()));
    types.assign(tokens.size(), GgufTokenType::Normal);
    for (std::size_t i = 0; i < tokens.size() && !kinds.empty(); ++i)
        types[i] = kinds[i] >= 1 && kinds[i] <= 6 ? static_cast<GgufTokenType>(kinds[i]) : GgufTokenType::Undefined;
    scores.assign(values.begin(), values.end());
    return {};
}

Status GgufVocab::applyDefaults()
{
    if (model == "llama") {
        start = 1, end = 2, unknown = 0;
        addsStart = addsSpacePrefix = true;
    } else if (model == "bert") {
        start = 101, unknown = 100, separator = 102;
        addsStart = true;
    } else if (model == "t5") {
        end = 1, unknown = 2;
        addsEnd = true;
    } else if (model == "gpt2" || model == "gemma4" || model == "whitespace") {
        if (model != "gemma4")
            start = end = 11;
        if (model == "gemma4")
            pre = "gemma4";
        const auto* kind = findGgufPreKind(pre);
        if (!kind)
            return broken(fmt::format("The model names the pre-tokenizer \"{}\", which is not known here.", pre));
        addsStart = kind->flags.addsStart;
    } else {
        return fail(ErrorCode::TokenizerBroken, fmt::format("The model's tokenizer is of the kind \"{}\", which is not known here.", model),
            "Use the model's Hugging Face folder, or another model.");
    }
    return {};
}

void GgufVocab::readSpecials(const formats::GgufFile& file)
{
    const auto count = static_cast<std::int64_t>(tokens.size());
    const auto read = [&](std::string_view name, std::int32_t& id) {
        if (id >= count)
            id = -1;
        if (const auto value = file.integer(key(name)); value && *value >= 0 && *value < count)
            id = static_cast<std::int32_t>(*value);
    };
    read("bos_token_id", start);
    read("eos_token_id", end);
    read("unknown_token_id", unknown);
    read("seperator_token_id", separator);  // the file format's spelling
    addsStart = file.boolean(key("add_bos_token")).value_or(addsStart) || (model == "gemma4");
    addsEnd = file.boolean(key("add_eos_token")).value_or(addsEnd);
    addsSpacePrefix = file.boolean(key("add_space_prefix")).value_or(addsSpacePrefix);
    removesExtraSpaces = file.boolean(key("remove_extra_whitespaces")).value_or(removesExtraSpaces);
}

void GgufVocab::markSpecials(const formats::GgufFile& file)
{
    std::unordered_map<std::string_view, std::int32_t> names;  // of the special texts only
    for (const auto text : kEndTexts)
        names[text] = -1;
    for (const auto& kind : kFimKinds)
        for (const auto text : kind.texts)
            names[text] = -1;
    for (const std::string_view text : {"<|channel|>", "<|message|>", "<|start|>", "<|constrain|>", "<|plamo:eos|>"})
        names[text] = -1;
    std::size_t longest = 0;
    for (const auto& [text, id] : names)
        longest = std::max(longest, text.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].size() < 3 || tokens[i].size() > longest)
            continue;
        const char first = tokens[i][0];
        if (first != '<' && first != '[' && first != '_' && first != '\xE2')
            continue;
        if (const auto found = names.find(tokens[i]); found != names.end())
            found->second = static_cast<std::int32_t>(i);
    }
    const auto setType = [this](std::int32_t id, GgufTokenType type) { types[static_cast<std::size_t>(id)] = type; };
    for (const auto& kind : kFimKinds) {
        std::int32_t id = static_cast<std::int32_t>(std::min<std::int64_t>(file.integer(key(kind.key)).value_or(-1), INT32_MAX));
        if (id < 0 || id >= static_cast<std::int32_t>(tokens.size())) {
            id = -1;
            for (const auto text : kind.texts)
                if (id < 0 && names[text] >= 0)
                    setType(id = names[text], GgufTokenType::Control);
        }
        if (kind.endsGeneration && id >= 0)
            endOfGeneration.insert(id);
    }
    for (const auto text : kEndTexts) {
        if (const auto id = names[text]; id >= 0) {
            endOfGeneration.insert(id);
            setType(id, GgufTokenType::Control);
        }
    }
    for (const std::string_view text : {"<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"})
        if (names[text] >= 0)
            setType(names[text], GgufTokenType::UserDefined);
    if (end >= 0)
        endOfGeneration.insert(end);
    for (const std::string_view name : {"eot_token_id", "eom_token_id"})
        if (const auto id = file.integer(key(name)); id && *id >= 0 && *id < static_cast<std::int64_t>(tokens.size()))
            endOfGeneration.insert(static_cast<std::int32_t>(*id));
    // In the harmony format a message ends with <|end|>, the turn with <|return|> or <|call|>.
    const bool hasCall = names["<|call|>"] >= 0 || names["<|calls|>"] >= 0;
    if (hasCall && names["<|end|>"] >= 0 && (names["<|return|>"] >= 0 || names["<|flush|>"] >= 0)) {
        endOfGeneration.erase(names["<|end|>"]);
        setType(names["<|end|>"], GgufTokenType::UserDefined);
    }
    if (names["</s>"] >= 0 && (names["<|tool_response>"] >= 0 || names["<|plamo:eos|>"] >= 0)) {
        endOfGeneration.erase(names["</s>"]);
        setType(names["</s>"], GgufTokenType::Normal);
    }
}

/// Files do not say which tokens take white space along; llama.cpp knows a few models by name.
void GgufVocab::markStrips(const formats::GgufFile& file)
{
    std::string name = file.text("general.name").value_or("");
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto has = [](std::string_view text, std::initializer_list<std::string_view> parts) {
        return std::any_of(parts.begin(), parts.end(), [&](auto part) { return text.find(part) != std::string_view::npos; });
    };
    stripsLeft.assign(tokens.size(), 0);
    stripsRight.assign(tokens.size(), 0);
    const auto mark = [&](std::string_view token, std::vector<std::uint8_t>& flags, std::uint8_t value) {
        if (const auto id = find(token); id >= 0)
            flags[static_cast<std::size_t>(id)] = value;
    };
    if (has(pre, {"jina-v2-de", "jina-v2-es", "jina-v2-code"}) || has(file.architecture(), {"nomic-bert-moe", "jina-bert-v3"})) {
        mark("<mask>", stripsLeft, 1);
    } else if (has(name, {"phi-3", "phi3"})) {
        for (std::size_t i = 0; i < tokens.size(); ++i)
            stripsRight[i] = isAdded(i);
        mark("</s>", stripsRight, 1);
        for (const auto* token : {"<unk>", "<s>", "<|endoftext|>"})
            mark(token, stripsRight, 0);
    } else if (has(name, {"modern-bert"})) {
        mark("[MASK]", stripsLeft, 1);
    }
}

Result<GgufVocab> GgufVocab::read(const formats::GgufFile& file)
{
    GgufVocab vocab;
    vocab.model = file.text(key("model")).value_or("");
    vocab.pre = file.text(key("pre")).value_or("");
    if (vocab.model.empty() || vocab.model == "no_vocab" || vocab.model == "none")
        return broken("The GGUF file holds no tokenizer (tokenizer.ggml.model).");
    ATTUNE_RETURN_IF_ERROR(vocab.readTokens(file));
    ATTUNE_RETURN_IF_ERROR(vocab.applyDefaults());
    vocab.readSpecials(file);
    vocab.markSpecials(file);
    vocab.markStrips(file);
    return vocab;
}

}
