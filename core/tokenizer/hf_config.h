// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "tokenizer/pipeline_tokenizer.h"

#include <string>

namespace attune::tokenizer {

/// What the small files of an HF folder say about its tokenizer: tokenizer_config.json,
/// special_tokens_map.json, config.json, generation_config.json. Each may be missing.
class HfConfig
{
public:
    /// Errors: TokenizerBroken when one of them is there and no JSON object.
    static Result<HfConfig> read(const std::string& folder);

    bool flag(const char* key, bool otherwise) const;  ///< of tokenizer_config.json
    /// The text of bos_token, eos_token, unk_token …, empty when none.
    std::string token(const char* key) const;
    /// Adds the tokens of added_tokens_decoder that the tokenizer's own file lacks, and finishes the matchers.
    void addTokens(TokenizerParts& parts) const;
    /// Fills startToken, endToken and endOfGeneration.
    void applySpecials(TokenizerParts& parts) const;

private:
    Json m_tokenizer, m_specials, m_model, m_generation;
};

}
