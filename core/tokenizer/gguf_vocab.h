// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "formats/gguf_file.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace attune::tokenizer {

/// tokenizer.ggml.token_type.
enum class GgufTokenType : std::uint8_t { Undefined, Normal, Unknown, Control, UserDefined, Unused, Byte };

/// The vocabulary of a GGUF file with llama.cpp's defaults and corrections applied (formats.md §4.4,
/// src/llama-vocab.cpp of 0.3.36). Views live as long as the file.
struct GgufVocab {
    std::string model;  ///< "gpt2", "llama", "t5", "bert", "gemma4", "whitespace"
    std::string pre;
    std::vector<std::string_view> tokens;
    std::vector<GgufTokenType> types;
    std::vector<float> scores;  ///< empty when the file has none
    std::int32_t start = -1, end = -1, unknown = -1, separator = -1;
    bool addsStart = false, addsEnd = false, addsSpacePrefix = false, removesExtraSpaces = false;
    std::set<std::int32_t> endOfGeneration;
    std::vector<std::uint8_t> stripsLeft, stripsRight;  ///< per token: takes white space along

    /// Errors: TokenizerBroken when there is no vocabulary, or it does not fit together.
    static Result<GgufVocab> read(const formats::GgufFile& file);
    bool isAdded(std::size_t id) const
    {
        return types[id] == GgufTokenType::Control || types[id] == GgufTokenType::UserDefined || types[id] == GgufTokenType::Unknown;
    }
    std::int32_t find(std::string_view text) const;  ///< by looking at all; for the few special names

private:
    Status readTokens(const formats::GgufFile& file);
    Status applyDefaults();
    void readSpecials(const formats::GgufFile& file);
    void markSpecials(const formats::GgufFile& file);
    void markStrips(const formats::GgufFile& file);
};

}
