// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/normalizer.h"

#include "tokenizer/base64.h"

#include <fmt/format.h>

#include <array>

namespace attune::tokenizer {
namespace {

constexpr int kMaxNesting = 16;

/// The blocks that BertNormalizer sets apart; 2B920 is what HF tokenizers' source has (Google's had 2B820).
bool isChinese(char32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F)
        || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

template<typename F>
void forEachCodePoint(std::string_view text, F&& f)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto [value, length] = codePointAt(text.data() + i);
        f(value, text.substr(i, static_cast<std::size_t>(length)));
        i += static_cast<std::size_t>(length);
    }
}

/// Without the code points of a class: all marks (StripAccents), or those that take no room (BERT).
std::string without(std::string_view text, CharClass dropped)
{
    std::string out;
    const auto* classes = charClasses();
    forEachCodePoint(text, [&](char32_t c, std::string_view bytes) {
        if (!(classes[c] & dropped))
            out += bytes;
    });
    return out;
}

std::string applyStep(const Normalizer::Bert& bert, std::string_view input)
{
    std::string text(input);
    const auto* classes = charClasses();
    if (bert.cleanText || bert.chineseChars) {
        std::string out;
        forEachCodePoint(text, [&](char32_t c, std::string_view bytes) {
            const bool isSpace = classes[c] & kWhitespace;
            if (bert.cleanText) {
                const bool isControl = (classes[c] & kControl) || (c != '\t' && c != '\n' && c != '\r' && c < 0x20) || c == 0x85;
                if (c == 0 || c == 0xFFFD || isControl)
                    return;
                if (isSpace) {
                    out += ' ';
                    return;
                }
            }
            if (bert.chineseChars && isChinese(c))
                ((out += ' ') += bytes) += ' ';
            else
                out += bytes;
        });
        text = std::move(out);
    }
    if (bert.stripAccents)
        text = without(normalized(text, NormalForm::Nfd), kNonspacing);
    return bert.lowercase ? lowercased(text) : text;
}

std::string applyStep(const Normalizer::Strip& strip, std::string_view text)
{
    const auto* classes = charClasses();
    std::size_t begin = text.size(), end = 0, at = 0;
    forEachCodePoint(text, [&](char32_t c, std::string_view bytes) {
        if (!(classes[c] & kWhitespace)) {
            begin = std::min(begin, at);
            end = at + bytes.size();
        }
        at += bytes.size();
    });
    if (begin >= end)
        return strip.left || strip.right ? std::string() : std::string(text);
    begin = strip.left ? begin : 0;
    end = strip.right ? end : text.size();
    return std::string(text.substr(begin, end - begin));
}

std::string applyStep(const Normalizer::Replace& replace, std::string_view text)
{
    std::string out;
    std::size_t at = 0;
    if (!replace.literal.empty()) {
        for (auto found = text.find(replace.literal); found != std::string_view::npos; found = text.find(replace.literal, at)) {
            (out += text.substr(at, found - at)) += replace.content;
            at = found + replace.literal.size();
        }
        return out += text.substr(at);
    }
    std::size_t from = 0;
    while (from <= text.size()) {
        const auto match = replace.pattern.find(text, from);
        if (!match)
            break;
        (out += text.substr(at, match.begin - at)) += replace.content;
        at = match.end;
        from = match.end > match.begin || match.end >= text.size() ? match.end + (match.end == match.begin) : match.end + static_cast<std::size_t>(sequenceLength(text[match.end]));
    }
    return out += text.substr(std::min(at, text.size()));
}

/// SentencePiece's NMT rules: some controls vanish, odd spaces become plain ones.
std::string applyStep(const Normalizer::Nmt&, std::string_view text)
{
    std::string out;
    forEachCodePoint(text, [&](char32_t c, std::string_view bytes) {
        const bool isDropped = (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
        const bool isSpace = c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 || (c >= 0x200B && c <= 0x200F) || c == 0x2028
            || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
        if (isSpace)
            out += ' ';
        else if (!isDropped)
            out += bytes;
    });
    return out;
}

std::string applyStep(const Normalizer::ByteLevel&, std::string_view text)
{
    std::string out;
    for (const char c : text)
        appendUtf8(out, byteLevelCodePoint(static_cast<unsigned char>(c)));
    return out;
}

std::string applyStep(NormalForm form, std::string_view text) { return normalized(text, form); }
std::string applyStep(const Normalizer::Lowercase&, std::string_view text) { return lowercased(text); }
std::string applyStep(const Normalizer::StripAccents&, std::string_view text) { return without(text, kMark); }
std::string applyStep(const Charsmap& map, std::string_view text) { return map.applyByGrapheme(text); }
std::string applyStep(const Normalizer::Prepend& prepend, std::string_view text)
{
    return text.empty() ? std::string() : prepend.text + std::string(text);
}

Error broken(std::string message)
{
    return fail(ErrorCode::TokenizerBroken, std::move(message), "The file may be damaged or newer than this version of Attune.");
}

Result<Normalizer::Replace> parseReplace(const Json& json)
{
    Normalizer::Replace replace;
    replace.content = json.value("content", "");
    const Json pattern = json.value("pattern", Json());
    if (pattern.is_object() && pattern.contains("String") && pattern["String"].is_string() && !pattern["String"].get<std::string>().empty()) {
        replace.literal = pattern["String"].get<std::string>();
        return replace;
    }
    if (!pattern.is_object() || !pattern.contains("Regex") || !pattern["Regex"].is_string())
        return broken("A Replace step of the tokenizer has no pattern.");
    ATTUNE_TRY(replace.pattern, Regex::compile(pattern["Regex"].get<std::string>()));
    return replace;
}

Status parseInto(const Json& json, Normalizer& normalizer, int depth)
{
    if (json.is_null())
        return {};
    if (!json.is_object() || !json.contains("type") || !json["type"].is_string() || depth > kMaxNesting)
        return broken("The tokenizer's normalizer is no object with a type.");
    const auto type = json["type"].get<std::string>();
    const auto flag = [&](const char* key, bool otherwise) { return json.contains(key) && json[key].is_boolean() ? json[key].get<bool>() : otherwise; };
    if (type == "Sequence") {
        for (const auto& step : json.value("normalizers", Json::array()))
            ATTUNE_RETURN_IF_ERROR(parseInto(step, normalizer, depth + 1));
    } else if (type == "NFC") {
        normalizer.add(NormalForm::Nfc);
    } else if (type == "NFD") {
        normalizer.add(NormalForm::Nfd);
    } else if (type == "NFKC") {
        normalizer.add(NormalForm::Nfkc);
    } else if (type == "NFKD") {
        normalizer.add(NormalForm::Nfkd);
    } else if (type == "Lowercase") {
        normalizer.add(Normalizer::Lowercase {});
    } else if (type == "StripAccents") {
        normalizer.add(Normalizer::StripAccents {});
    } else if (type == "Nmt") {
        normalizer.add(Normalizer::Nmt {});
    } else if (type == "ByteLevel") {
        normalizer.add(Normalizer::ByteLevel {});
    } else if (type == "Strip") {
        normalizer.add(Normalizer::Strip {flag("strip_left", true), flag("strip_right", true)});
    } else if (type == "Prepend") {
        normalizer.add(Normalizer::Prepend {json.value("prepend", "")});
    } else if (type == "BertNormalizer") {
        const bool lowercase = flag("lowercase", true);
        normalizer.add(Normalizer::Bert {flag("clean_text", true), flag("handle_chinese_chars", true), flag("strip_accents", lowercase), lowercase});
    } else if (type == "Replace") {
        ATTUNE_TRY(auto replace, parseReplace(json));
        normalizer.add(std::move(replace));
    } else if (type == "Precompiled") {
        ATTUNE_TRY(auto blob, decodeBase64(json.value("precompiled_charsmap", "")));
        ATTUNE_TRY(auto map, Charsmap::parse(blob));
        normalizer.add(std::move(map));
    } else {
        return broken(fmt::format("The tokenizer uses the normalizer \"{}\", which is not known here.", type));
    }
    return {};
}

}

Result<Normalizer> Normalizer::fromJson(const Json& json)
{
    Normalizer normalizer;
    ATTUNE_RETURN_IF_ERROR(parseInto(json, normalizer, 0));
    return normalizer;
}

bool Normalizer::keepsAscii() const
{
    return std::all_of(m_steps.begin(), m_steps.end(), [](const Step& s) { return std::holds_alternative<NormalForm>(s); });
}

std::string Normalizer::apply(std::string_view text) const
{
    std::string current(text);
    for (const auto& step : m_steps)
        current = std::visit([&](const auto& s) { return applyStep(s, current); }, step);
    return current;
}

char32_t byteLevelCodePoint(unsigned char byte)
{
    static const auto table = [] {
        std::array<char32_t, 256> made {};
        char32_t next = 256;
        for (unsigned b = 0; b < 256; ++b) {
            const bool isPrintable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174);
            made[b] = isPrintable ? b : next++;
        }
        return made;
    }();
    return table[byte];
}

int byteLevelByte(char32_t value)
{
    static const auto table = [] {
        std::array<std::int16_t, 324> made;
        made.fill(-1);
        for (int b = 0; b < 256; ++b)
            made[byteLevelCodePoint(static_cast<unsigned char>(b))] = static_cast<std::int16_t>(b);
        return made;
    }();
    return value < table.size() ? table[value] : -1;
}

bool bytesOfByteLevel(std::string_view token, std::string& bytes)
{
    bytes.clear();
    for (std::size_t i = 0; i < token.size();) {
        if (i + static_cast<std::size_t>(sequenceLength(token[i])) > token.size())
            return false;
        const auto [value, length] = codePointAt(token.data() + i);
        const int byte = byteLevelByte(value);
        if (byte < 0)
            return false;
        bytes += static_cast<char>(byte);
        i += static_cast<std::size_t>(length);
    }
    return true;
}

}
