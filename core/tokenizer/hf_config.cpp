// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/hf_config.h"

#include "base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace attune::tokenizer {
namespace {

constexpr std::int64_t kMaxTokenId = 1 << 24;  // far above any vocabulary; ids make array sizes

Result<Json> readIfThere(const std::string& path)
{
    std::error_code error;
    if (!fs::exists(path, error))
        return Json::object();
    auto json = readJsonFile(path, 1u << 27);
    if (!json || !json->is_object())
        return fail(ErrorCode::TokenizerBroken, fmt::format("{} is no JSON object.", path), "Fetch the model's files again.");
    return json;
}

bool isTrue(const Json& json, const char* key)
{
    return json.contains(key) && json[key] == Json(true);
}

std::int32_t findToken(const TokenizerParts& parts, const std::string& text)
{
    if (text.empty())
        return -1;
    // Special tokens tend to lie at the end or at the start.
    for (std::size_t i = parts.tokens.size(); i-- > 0;)
        if (parts.tokens[i] == text)
            return static_cast<std::int32_t>(i);
    return -1;
}

void addIds(const Json& json, const TokenizerParts& parts, std::vector<std::int32_t>& ids)
{
    if (json.is_array()) {
        for (const auto& value : json)
            addIds(value, parts, ids);
        return;
    }
    if (!json.is_number_integer())
        return;
    const auto id = json.get<std::int64_t>();
    if (id >= 0 && id < static_cast<std::int64_t>(parts.tokens.size()) && std::find(ids.begin(), ids.end(), id) == ids.end())
        ids.push_back(static_cast<std::int32_t>(id));
}

}

Result<HfConfig> HfConfig::read(const std::string& folder)
{
    HfConfig config;
    ATTUNE_TRY(config.m_tokenizer, readIfThere(folder + "/tokenizer_config.json"));
    ATTUNE_TRY(config.m_specials, readIfThere(folder + "/special_tokens_map.json"));
    ATTUNE_TRY(config.m_model, readIfThere(folder + "/config.json"));
    ATTUNE_TRY(config.m_generation, readIfThere(folder + "/generation_config.json"));
    return config;
}

bool HfConfig::flag(const char* key, bool otherwise) const
{
    return m_tokenizer.contains(key) && m_tokenizer[key].is_boolean() ? m_tokenizer[key].get<bool>() : otherwise;
}

std::string HfConfig::token(const char* key) const
{
    for (const auto* json : {&m_tokenizer, &m_specials}) {
        if (!json->contains(key))
            continue;
        const auto& value = (*json)[key];
        if (value.is_string())
            return value.get<std::string>();
        if (value.is_object() && value.contains("content") && value["content"].is_string())
            return value["content"].get<std::string>();
    }
    return {};
}

void HfConfig::addTokens(TokenizerParts& parts) const
{
    Json added = m_tokenizer.value("added_tokens_decoder", Json::object());
    if (!added.is_object())
        added = Json::object();
    for (const auto& [key, value] : added.items()) {
        std::int64_t id = -1;
        std::from_chars(key.data(), key.data() + key.size(), id);
        if (!value.is_object() || id < 0 || id >= kMaxTokenId || !value.contains("content") || !value["content"].is_string())
            continue;
        const auto content = value["content"].get<std::string>();
        const auto index = static_cast<std::size_t>(id);
        if (index < parts.tokens.size() && parts.tokens[index] == content && parts.isAdded(index))
            continue;
        AddedToken token {content, static_cast<std::int32_t>(id), isTrue(value, "special"), isTrue(value, "single_word"), isTrue(value, "lstrip"),
            isTrue(value, "rstrip"), isTrue(value, "normalized")};
        parts.addToken(std::move(token));
    }
    // What the small files name as bos_token and its kin is special, and looked for in the text.
    for (const char* key : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
        const auto text = token(key);
        const auto id = findToken(parts, text);
        if (id >= 0 && !parts.isAdded(static_cast<std::size_t>(id)))
            parts.addToken({text, id, true, false, false, false, false});
    }
    parts.addedRaw.finish(AddedTokenMatcher::Order::LeftmostLongest);
    parts.addedNormalized.finish(AddedTokenMatcher::Order::LeftmostLongest);
}

void HfConfig::applySpecials(TokenizerParts& parts) const
{
    const auto idFrom = [&](const char* tokenKey, const char* idKey) {
        if (const auto id = findToken(parts, token(tokenKey)); id >= 0)
            return id;
        std::vector<std::int32_t> ids;
        if (m_model.contains(idKey))
            addIds(m_model[idKey], parts, ids);
        return ids.empty() ? -1 : ids.front();
    };
    parts.startToken = idFrom("bos_token", "bos_token_id");
    parts.endToken = idFrom("eos_token", "eos_token_id");
    if (parts.startToken < 0)
        parts.startToken = findToken(parts, token("cls_token"));
    if (parts.endToken < 0)
        parts.endToken = findToken(parts, token("sep_token"));
    if (parts.endToken >= 0)
        parts.endOfGeneration.push_back(parts.endToken);
    for (const auto* json : {&m_generation, &m_model})
        if (json->contains("eos_token_id"))
            addIds((*json)["eos_token_id"], parts, parts.endOfGeneration);
    for (const char* text : {"<|eot_id|>", "<|im_end|>", "<end_of_turn>", "<|end|>", "<|eom_id|>"})
        if (const auto id = findToken(parts, text); id >= 0 && std::find(parts.endOfGeneration.begin(), parts.endOfGeneration.end(), id) == parts.endOfGeneration.end())
            parts.endOfGeneration.push_back(id);
}

}
