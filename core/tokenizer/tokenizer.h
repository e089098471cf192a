// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace attune::tokenizer {

/// What the post-processor puts around two texts that belong together: a cross-encoder's input.
struct PairFrame {
    std::vector<std::int32_t> prefix, middle, suffix;
};

enum class SpecialTokens { Add, Omit };  ///< whether the post-processor's start and end tokens are added

/// Text to ids and back, equal to HF tokenizers (HF folders) or llama.cpp (GGUF). Immutable after
/// loading: any thread may call at once.
class Tokenizer
{
public:
    virtual ~Tokenizer() = default;

    /// Special tokens written in the text are recognised, as HF does.
    virtual void encode(std::string_view text, SpecialTokens special, std::vector<std::int32_t>& ids) const = 0;
    std::vector<std::int32_t> encode(std::string_view text, SpecialTokens special = SpecialTokens::Add) const
    {
        std::vector<std::int32_t> ids;
        encode(text, special, ids);
        return ids;
    }
    /// UTF-8 may be cut at the ends of a stream; invalid bytes become U+FFFD.
    virtual std::string decode(std::span<const std::int32_t> ids, bool skipSpecial) const = 0;
    /// The bytes of one token as decode would add them in the middle of a text (for token views and streams).
    virtual std::string piece(std::int32_t id) const = 0;

    virtual std::int32_t vocabSize() const = 0;
    virtual bool isSpecial(std::int32_t id) const = 0;
    virtual std::int32_t idOf(std::string_view token) const = 0;  ///< -1 if there is none
    virtual std::int32_t startToken() const = 0;                  ///< bos, -1 if none
    virtual std::int32_t endToken() const = 0;                    ///< eos, -1 if none
    virtual bool addsStartToken() const = 0;
    virtual PairFrame pairFrame() const = 0;
    virtual std::vector<std::int32_t> endOfGeneration() const = 0;  ///< eos, eot, …
    virtual std::string description() const = 0;                  ///< "bpe (smollm)"
};

/// From a GGUF's metadata, or an HF folder's tokenizer.json / tokenizer.model / vocab.txt.
/// Errors: FileMissing, TokenizerBroken.
Result<std::shared_ptr<const Tokenizer>> loadTokenizer(const std::string& modelPath);

}
