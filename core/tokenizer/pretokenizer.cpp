// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/pretokenizer.h"

#include "tokenizer/normalizer.h"
#include "tokenizer/unicode.h"

#include <fmt/format.h>

namespace attune::tokenizer {
namespace {

constexpr int kMaxNesting = 16;
constexpr std::string_view kGpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
constexpr std::string_view kLlama3Pattern
    = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
constexpr std::string_view kQwen2Pattern
    = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
constexpr std::string_view kQwen35Pattern
    = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/// `\w` of the Rust regex crate: alphabetic, marks, decimal digits, connectors, joiners.
constexpr std::string_view kRustWord = "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{200C}\\x{200D}\\x{24B6}-\\x{24E9}\\x{1F130}-\\x{1F149}\\x{1F150}-\\x{1F169}\\x{1F170}-\\x{1F189}";

/// A stretch of a piece that did or did not match.
struct Part {
    std::size_t begin, end;
    bool isMatch;
};

struct Piece {
    std::string_view text;
    bool isAtStart;
};

using Behavior = PreTokenizer::Behavior;

/// Joins parts as the behaviour wants it; what is left are the new pieces (isMatch: to be dropped).
std::vector<Part> joined(const std::vector<Part>& parts, Behavior behavior)
{
    std::vector<Part> out;
    bool wasMatch = false;
    switch (behavior) {
    case Behavior::Removed: return parts;
    case Behavior::Isolated:
        for (const auto& p : parts)
            out.push_back({p.begin, p.end, false});
        break;
    case Behavior::Contiguous:
        for (const auto& p : parts) {
            if (!out.empty() && wasMatch == p.isMatch)
                out.back().end = p.end;
            else
                out.push_back({p.begin, p.end, false});
            wasMatch = p.isMatch;
        }
        break;
    case Behavior::MergedWithPrevious:
        for (const auto& p : parts) {
            if (p.isMatch && !wasMatch && !out.empty())
                out.back().end = p.end;
            else
                out.push_back({p.begin, p.end, false});
            wasMatch = p.isMatch;
        }
        break;
    case Behavior::MergedWithNext:
        for (auto p = parts.rbegin(); p != parts.rend(); ++p) {
            if (p->isMatch && !wasMatch && !out.empty())
                out.back().begin = p->begin;
            else
                out.push_back({p->begin, p->end, false});
            wasMatch = p->isMatch;
        }
        std::reverse(out.begin(), out.end());
        break;
    }
    return out;
}

void addPieces(const Piece& piece, const std::vector<Part>& parts, Behavior behavior, std::vector<Piece>& out)
{
    for (const auto& part : joined(parts, behavior))
        if (!part.isMatch && part.end > part.begin)
            out.push_back({piece.text.substr(part.begin, part.end - part.begin), piece.isAtStart && part.begin == 0});
}

void applyStep(const PreTokenizer::Split& split, const Piece& piece, PreTokenizer::Words&, std::vector<Piece>& out)
{
    std::vector<Part> parts;
    const auto text = piece.text;
    std::size_t done = 0, from = 0;
    while (from <= text.size()) {
        const auto match = split.pattern.find(text, from);
        if (!match)
            break;
        if (match.begin > done)
            parts.push_back({done, match.begin, split.isInverted});
        parts.push_back({match.begin, match.end, !split.isInverted});
        done = match.end;
        from = match.end > match.begin ? match.end : match.end + (match.end < text.size() ? static_cast<std::size_t>(sequenceLength(text[match.end])) : 1);
    }
    if (done < text.size())
        parts.push_back({done, text.size(), split.isInverted});
    addPieces(piece, parts, split.behavior, out);
}

bool isBertPunctuation(char32_t c, std::uint8_t kind)
{
    return (kind & kPunctuation) || (c < 0x80 && (kind & kSymbol));
}

bool isOf(const PreTokenizer::ClassSplit& split, char32_t c)
{
    using Kind = PreTokenizer::ClassSplit::Kind;
    const std::uint8_t kind = charClasses()[c];
    switch (split.kind) {
    case Kind::Whitespace: return kind & kWhitespace;
    case Kind::Punctuation: return isBertPunctuation(c, kind);
    case Kind::Number: return kind & kNumber;
    case Kind::Character: return c == split.character;
    }
    return false;
}

void applyStep(const PreTokenizer::ClassSplit& split, const Piece& piece, PreTokenizer::Words&, std::vector<Piece>& out)
{
    std::vector<Part> parts;
    for (std::size_t i = 0; i < piece.text.size();) {
        const auto [value, length] = codePointAt(piece.text.data() + i);
        const auto end = i + static_cast<std::size_t>(length);
        const bool isMatch = isOf(split, value);
        if (!isMatch && !parts.empty() && !parts.back().isMatch)
            parts.back().end = end;
        else
            parts.push_back({i, end, isMatch});
        i = end;
    }
    addPieces(piece, parts, split.behavior, out);
}

void applyStep(const PreTokenizer::Metaspace& metaspace, const Piece& piece, PreTokenizer::Words& words, std::vector<Piece>& out)
{
    using Prepend = PreTokenizer::Metaspace::Prepend;
    std::string text;
    text.reserve(piece.text.size() + 8);
    for (const char c : piece.text)
        if (c == ' ')
            text += metaspace.replacement;
        else
            text += c;
    const bool prepends = metaspace.prepend == Prepend::Always || (metaspace.prepend == Prepend::First && piece.isAtStart);
    if (prepends && !text.starts_with(metaspace.replacement))
        text.insert(0, metaspace.replacement);
    words.storage.push_back(std::move(text));
    const Piece whole {words.storage.back(), piece.isAtStart};
    if (!metaspace.isSplit) {
        out.push_back(whole);
        return;
    }
    const auto mark = codePointAt(metaspace.replacement.data()).value;
    applyStep(PreTokenizer::ClassSplit {PreTokenizer::ClassSplit::Kind::Character, Behavior::MergedWithNext, mark}, whole, words, out);
}

void applyStep(const PreTokenizer::PrefixSpace&, const Piece& piece, PreTokenizer::Words& words, std::vector<Piece>& out)
{
    if (piece.text.starts_with(' ')) {
        out.push_back(piece);
        return;
    }
    words.storage.push_back(" " + std::string(piece.text));
    out.push_back({words.storage.back(), piece.isAtStart});
}

void applyStep(const PreTokenizer::ByteLevelText&, const Piece& piece, PreTokenizer::Words& words, std::vector<Piece>& out)
{
    std::string text;
    for (const char c : piece.text)
        appendUtf8(text, byteLevelCodePoint(static_cast<unsigned char>(c)));
    words.storage.push_back(std::move(text));
    out.push_back({words.storage.back(), piece.isAtStart});
}

void applyStep(const PreTokenizer::FixedLength& fixed, const Piece& piece, PreTokenizer::Words&, std::vector<Piece>& out)
{
    std::size_t begin = 0, count = 0;
    for (std::size_t i = 0; i < piece.text.size();) {
        i += static_cast<std::size_t>(codePointAt(piece.text.data() + i).length);
        if (++count == fixed.length || i == piece.text.size()) {
            out.push_back({piece.text.substr(begin, i - begin), piece.isAtStart && begin == 0});
            begin = i;
            count = 0;
        }
    }
}

Error broken(std::string message)
{
    return fail(ErrorCode::TokenizerBroken, std::move(message), "The file may be damaged or newer than this version of Attune.");
}

std::string textOf(const Json& json, const char* key)
{
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

bool flagOf(const Json& json, const char* key, bool otherwise)
{
    return json.contains(key) && json[key].is_boolean() ? json[key].get<bool>() : otherwise;
}

Result<Behavior> behaviorOf(const Json& json, Behavior otherwise)
{
    const auto name = textOf(json, "behavior");
    if (name.empty())
        return otherwise;
    for (const auto& [known, value] : {std::pair {"Removed", Behavior::Removed}, {"Isolated", Behavior::Isolated},
             {"MergedWithPrevious", Behavior::MergedWithPrevious}, {"MergedWithNext", Behavior::MergedWithNext}, {"Contiguous", Behavior::Contiguous}})
        if (name == known)
            return value;
    return broken(fmt::format("The tokenizer splits with the behaviour \"{}\", which is not known here.", name));
}

std::string regexOf(const Json& json)
{
    return json.contains("pattern") && json["pattern"].is_object() ? textOf(json["pattern"], "Regex") : std::string();
}

Result<PreTokenizer::Split> splitOf(const Json& json)
{
    PreTokenizer::Split split;
    const auto pattern = json.value("pattern", Json());
    const auto literal = pattern.is_object() ? textOf(pattern, "String") : pattern.is_string() ? pattern.get<std::string>() : std::string();
    const auto regex = regexOf(json);
    if (literal.empty() && regex.empty())
        return broken("A Split step of the tokenizer has no pattern.");
    ATTUNE_TRY(split.pattern, regex.empty() ? Regex::literal(literal) : Regex::compile(regex));
    ATTUNE_TRY(split.behavior, behaviorOf(json, Behavior::Isolated));
    split.isInverted = flagOf(json, "invert", false);
    return split;
}

PreTokenizer::Metaspace metaspaceOf(const Json& json)
{
    PreTokenizer::Metaspace metaspace;
    using Prepend = PreTokenizer::Metaspace::Prepend;
    if (const auto replacement = textOf(json, "replacement"); !replacement.empty())
        metaspace.replacement = replacement;
    const auto scheme = textOf(json, "prepend_scheme");
    if (scheme.empty())
        metaspace.prepend = flagOf(json, "add_prefix_space", true) ? Prepend::Always : Prepend::Never;
    else
        metaspace.prepend = scheme == "first" ? Prepend::First : scheme == "never" ? Prepend::Never : Prepend::Always;
    metaspace.isSplit = flagOf(json, "split", true);
    return metaspace;
}

}

Status PreTokenizer::addJson(const Json& json, int depth, std::vector<Json>& flat)
{
    if (json.is_null())
        return {};
    if (!json.is_object() || textOf(json, "type").empty() || depth > kMaxNesting)
        return broken("The tokenizer's pre-tokenizer is no object with a type.");
    if (textOf(json, "type") != "Sequence") {
        flat.push_back(json);
        return {};
    }
    for (const auto& step : json.value("pretokenizers", Json::array()))
        ATTUNE_RETURN_IF_ERROR(addJson(step, depth + 1, flat));
    return {};
}

Status PreTokenizer::addStep(const Json& json, bool isLast)
{
    using Kind = ClassSplit::Kind;
    const auto type = textOf(json, "type");
    if (type == "ByteLevel") {
        if (flagOf(json, "add_prefix_space", true))
            m_steps.push_back(PrefixSpace {});
        if (flagOf(json, "use_regex", true)) {
            ATTUNE_TRY(auto regex, Regex::compile(std::string(kGpt2Pattern)));
            m_steps.push_back(Split {regex, Behavior::Isolated, false});
        }
        if (isLast)
            m_isByteLevel = true;
        else
            m_steps.push_back(ByteLevelText {});
    } else if (type == "BertPreTokenizer") {
        m_steps.push_back(ClassSplit {Kind::Whitespace, Behavior::Removed});
        m_steps.push_back(ClassSplit {Kind::Punctuation, Behavior::Isolated});
    } else if (type == "Whitespace") {
        ATTUNE_TRY(auto regex, Regex::compile(fmt::format("[{0}]+|[^{0}\\s]+", kRustWord)));
        m_steps.push_back(Split {regex, Behavior::Removed, true});
    } else if (type == "WhitespaceSplit") {
        m_steps.push_back(ClassSplit {Kind::Whitespace, Behavior::Removed});
    } else if (type == "Split") {
        ATTUNE_TRY(auto split, splitOf(json));
        m_steps.push_back(std::move(split));
    } else if (type == "Punctuation") {
        ATTUNE_TRY(const auto behavior, behaviorOf(json, Behavior::Isolated));
        m_steps.push_back(ClassSplit {Kind::Punctuation, behavior});
    } else if (type == "Digits") {
        m_steps.push_back(ClassSplit {Kind::Number, flagOf(json, "individual_digits", false) ? Behavior::Isolated : Behavior::Contiguous});
    } else if (type == "Metaspace") {
        m_steps.push_back(metaspaceOf(json));
    } else if (type == "CharDelimiterSplit") {
        const auto delimiter = textOf(json, "delimiter");
        if (delimiter.empty())
            return broken("A CharDelimiterSplit step of the tokenizer has no delimiter.");
        m_steps.push_back(ClassSplit {Kind::Character, Behavior::Removed, codePointAt(delimiter.data()).value});
    } else if (type == "FixedLength") {
        const auto length = json.contains("length") && json["length"].is_number_unsigned() ? json["length"].get<std::size_t>() : 5;
        m_steps.push_back(FixedLength {std::max<std::size_t>(1, length)});
    } else {
        return broken(fmt::format("The tokenizer uses the pre-tokenizer \"{}\", which is not known here.", type));
    }
    return {};
}

/// The common sequences get their scanner; the steps stay for reference.
void PreTokenizer::chooseScanner(const std::vector<Json>& flat)
{
    if (flat.empty() || textOf(flat.back(), "type") != "ByteLevel" || flagOf(flat.back(), "add_prefix_space", true))
        return;
    const bool hasRegex = flagOf(flat.back(), "use_regex", true);
    if (flat.size() == 1 && hasRegex)
        m_scanner = Scanner::Gpt2;
    if (flat.size() != 2)
        return;
    const auto& first = flat.front();
    const auto type = textOf(first, "type");
    if (type == "Digits" && flagOf(first, "individual_digits", false) && hasRegex)
        m_scanner = Scanner::Gpt2Numbers;
    if (type != "Split" || hasRegex || textOf(first, "behavior") != "Isolated" || flagOf(first, "invert", false))
        return;
    const auto regex = regexOf(first);
    m_scanner = regex == kLlama3Pattern ? Scanner::Llama3 : regex == kQwen2Pattern ? Scanner::Qwen2
        : regex == kQwen35Pattern ? Scanner::Qwen35 : regex == kGpt2Pattern ? Scanner::Gpt2 : Scanner::None;
}

Result<PreTokenizer> PreTokenizer::fromJson(const Json& json)
{
    PreTokenizer made;
    std::vector<Json> flat;
    ATTUNE_RETURN_IF_ERROR(made.addJson(json, 0, flat));
    for (std::size_t i = 0; i < flat.size(); ++i)
        ATTUNE_RETURN_IF_ERROR(made.addStep(flat[i], i + 1 == flat.size()));
    made.m_foldsLongS = true;
    made.chooseScanner(flat);
    return made;
}

void PreTokenizer::spellBytes()
{
    m_steps.push_back(ByteLevelText {});
    m_isByteLevel = false;
    m_scanner = Scanner::None;
}

void PreTokenizer::split(std::string_view text, bool isAtStart, Words& out) const
{
    out.words.clear();
    out.storage.clear();
    std::vector<Piece> pieces {{text, isAtStart}};
    std::vector<Piece> next;
    for (const auto& step : m_steps) {
        next.clear();
        for (const auto& piece : pieces)
            std::visit([&](const auto& s) { applyStep(s, piece, out, next); }, step);
        std::swap(pieces, next);
    }
    for (const auto& piece : pieces)
        out.words.push_back(piece.text);
}

}
