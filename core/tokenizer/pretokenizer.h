// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "tokenizer/regex.h"

#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace attune::tokenizer {

/// Cuts normalised text into the words that the model sees one by one: the pre-tokenizers of
/// tokenizer.json (formats.md §5.1), and the kinds that a GGUF names in tokenizer.ggml.pre.
/// Immutable; any thread.
class PreTokenizer
{
public:
    /// What becomes of the matches of a split.
    enum class Behavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };
    /// Sequences of steps that have a hand-written scanner (pretokenizer_scan.h).
    enum class Scanner { None, Gpt2, Gpt2Numbers, Llama3, Qwen2, Qwen35 };

    struct Split {
        Regex pattern;
        Behavior behavior = Behavior::Isolated;
        bool isInverted = false;
    };
    /// A split at code points of a kind, without a regex.
    struct ClassSplit {
        enum class Kind { Whitespace, Punctuation, Number, Character } kind = Kind::Whitespace;
        Behavior behavior = Behavior::Removed;
        char32_t character = 0;
    };
    struct Metaspace {
        enum class Prepend { Always, First, Never } prepend = Prepend::Always;
        std::string replacement = "\xE2\x96\x81";
        bool isSplit = true;
    };
    /// The space before the text (byte-level with add_prefix_space); the bytes are the model's business.
    struct PrefixSpace { };
    /// Bytes to the code points that stand for them, where steps follow that expect this.
    struct ByteLevelText { };
    struct FixedLength {
        std::size_t length = 5;
    };
    using Step = std::variant<Split, ClassSplit, Metaspace, PrefixSpace, ByteLevelText, FixedLength>;

    /// Errors: TokenizerBroken, naming the type that is unknown.
    static Result<PreTokenizer> fromJson(const Json& json);
    /// The kind that a GGUF names; empty is "default". Errors: TokenizerBroken when unknown.
    static Result<PreTokenizer> fromGgufName(std::string_view name);

    /// Whether the words are bytes for a byte-level model (a ByteLevel step stands last).
    bool isByteLevel() const { return m_isByteLevel; }
    /// For models that work on the bytes' stand-ins instead of bytes.
    void spellBytes();
    Scanner scanner() const { return m_scanner; }
    /// HF's engine folds case by Unicode: `(?i:'s)` takes U+017F too.
    bool foldsLongS() const { return m_foldsLongS; }
    bool isEmpty() const { return m_steps.empty() && m_scanner == Scanner::None; }

    /// Words of a text, for kinds without a scanner. Views live in text or in storage.
    struct Words {
        std::vector<std::string_view> words;
        std::deque<std::string> storage;
    };
    /// isAtStart: text begins the input (Metaspace "first").
    void split(std::string_view text, bool isAtStart, Words& out) const;

private:
    Status addJson(const Json& json, int depth, std::vector<Json>& flat);
    Status addStep(const Json& json, bool isLast);
    void chooseScanner(const std::vector<Json>& flat);

    std::vector<Step> m_steps;
    Scanner m_scanner = Scanner::None;
    bool m_isByteLevel = false;
    bool m_foldsLongS = false;
};

}
