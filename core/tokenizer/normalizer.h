// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "tokenizer/charsmap.h"
#include "tokenizer/regex.h"
#include "tokenizer/unicode.h"

#include <string>
#include <variant>
#include <vector>

namespace attune::tokenizer {

/// What is done to the text before it is split: the normalizers of tokenizer.json (formats.md §5.1),
/// with the parameters and effects of HF tokenizers. A list of steps; immutable, any thread.
class Normalizer
{
public:
    /// BertNormalizer (formats.md §5.4).
    struct Bert {
        bool cleanText = true, chineseChars = true, stripAccents = true, lowercase = true;
    };
    struct Strip {
        bool left = true, right = true;
    };
    struct Replace {
        std::string literal;  ///< empty: pattern
        Regex pattern;
        std::string content;
    };
    struct Prepend {
        std::string text;
    };
    struct Lowercase { };
    struct StripAccents { };
    struct Nmt { };
    struct ByteLevel { };

    using Step = std::variant<NormalForm, Bert, Strip, Replace, Prepend, Lowercase, StripAccents, Nmt, ByteLevel, Charsmap>;

    /// Errors: TokenizerBroken, naming the type that is unknown.
    static Result<Normalizer> fromJson(const Json& json);
    void add(Step step) { m_steps.push_back(std::move(step)); }
    bool isEmpty() const { return m_steps.empty(); }
    /// True when text of ASCII bytes comes back as it is.
    bool keepsAscii() const;
    std::string apply(std::string_view text) const;

private:
    std::vector<Step> m_steps;
};

/// The byte-level alphabet (GPT-2): the code point that stands for a byte, and back (-1 if none does).
char32_t byteLevelCodePoint(unsigned char byte);
int byteLevelByte(char32_t value);
/// The bytes that a byte-level token string stands for; false when it holds another code point.
bool bytesOfByteLevel(std::string_view token, std::string& bytes);

}
