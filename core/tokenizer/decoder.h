// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "tokenizer/regex.h"

#include <string>
#include <variant>
#include <vector>

namespace attune::tokenizer {

/// How token strings become text again: the decoders of tokenizer.json (formats.md §5.1).
/// Immutable; any thread.
class Decoder
{
public:
    struct ByteLevel { };
    struct WordPiece {
        std::string prefix = "##";
        bool cleansUp = true;
    };
    struct Metaspace {
        std::string replacement = "\xE2\x96\x81";
        bool dropsFirst = true;
    };
    struct Suffix {
        std::string suffix = "</w>";
    };
    struct Replace {
        std::string literal;  ///< empty: pattern
        Regex pattern;
        std::string content;
    };
    struct Fuse { };
    struct Strip {
        std::string content;
        std::size_t start = 0, stop = 0;
    };
    struct ByteFallback { };
    using Step = std::variant<ByteLevel, WordPiece, Metaspace, Suffix, Replace, Fuse, Strip, ByteFallback>;

    /// Errors: TokenizerBroken, naming the type that is unknown.
    static Result<Decoder> fromJson(const Json& json);
    void add(Step step) { m_steps.push_back(std::move(step)); }
    bool isEmpty() const { return m_steps.empty(); }
    /// One ByteLevel step and nothing else: the pieces' bytes in a row.
    bool isByteLevel() const { return m_steps.size() == 1 && std::holds_alternative<ByteLevel>(m_steps[0]); }
    /// Joined by spaces where there is no decoder at all, as HF does.
    std::string decode(std::vector<std::string> tokens) const;

private:
    std::vector<Step> m_steps;
};

/// The byte of a token `<0xXX>`, or -1.
int byteOfToken(std::string_view token);
/// The bytes that a token string stands for under ByteLevel; the string itself where it is none of that alphabet.
std::string byteLevelPiece(std::string_view token);

}
