// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/decoder.h"

#include "tokenizer/normalizer.h"
#include "tokenizer/unicode.h"

#include <fmt/format.h>

namespace attune::tokenizer {
namespace {

using Tokens = std::vector<std::string>;
constexpr int kMaxNesting = 16;

void replaceAll(std::string& text, std::string_view from, std::string_view to)
{
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

/// The literal replacements of HF tokenizers' WordPiece cleanup, in its order.
void cleanUp(std::string& text)
{
    for (const auto& [from, to] : {std::pair {" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"},
             {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}})
        replaceAll(text, from, to);
}

void applyStep(const Decoder::ByteLevel&, Tokens& tokens)
{
    std::string bytes;
    for (const auto& token : tokens)
        bytes += byteLevelPiece(token);
    tokens = {toUtf8Lossy(bytes)};
}

void applyStep(const Decoder::WordPiece& wordPiece, Tokens& tokens)
{
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i && !wordPiece.prefix.empty() && tokens[i].starts_with(wordPiece.prefix))
            tokens[i].erase(0, wordPiece.prefix.size());
        else if (i)
            tokens[i].insert(0, " ");
        if (wordPiece.cleansUp)
            cleanUp(tokens[i]);
    }
}

void applyStep(const Decoder::Metaspace& metaspace, Tokens& tokens)
{
    for (std::size_t i = 0; i < tokens.size(); ++i)
        replaceAll(tokens[i], metaspace.replacement, i == 0 && metaspace.dropsFirst ? "" : " ");
}

void applyStep(const Decoder::Suffix& suffix, Tokens& tokens)
{
    for (std::size_t i = 0; i < tokens.size(); ++i)
        replaceAll(tokens[i], suffix.suffix, i + 1 == tokens.size() ? "" : " ");
}

void applyStep(const Decoder::Replace& replace, Tokens& tokens)
{
    for (auto& token : tokens) {
        if (!replace.literal.empty()) {
            replaceAll(token, replace.literal, replace.content);
            continue;
        }
        std::string out;
        std::size_t at = 0;
        for (auto match = replace.pattern.find(token, 0); match && match.end > match.begin; match = replace.pattern.find(token, at)) {
            (out += token.substr(at, match.begin - at)) += replace.content;
            at = match.end;
        }
        token = out + token.substr(at);
    }
}

void applyStep(const Decoder::Fuse&, Tokens& tokens)
{
    std::string all;
    for (const auto& token : tokens)
        all += token;
    tokens = {std::move(all)};
}

void applyStep(const Decoder::Strip& strip, Tokens& tokens)
{
    for (auto& token : tokens) {
        for (std::size_t n = 0; n < strip.start && token.starts_with(strip.content); ++n)
            token.erase(0, strip.content.size());
        for (std::size_t n = 0; n < strip.stop && token.ends_with(strip.content); ++n)
            token.erase(token.size() - strip.content.size());
    }
}

/// Runs of byte tokens become text where they are valid UTF-8, else one U+FFFD a byte.
void applyStep(const Decoder::ByteFallback&, Tokens& tokens)
{
    Tokens out;
    std::string bytes;
    const auto flush = [&] {
        if (bytes.empty())
            return;
        if (isValidUtf8(bytes))
            out.push_back(bytes);
        else
            out.insert(out.end(), bytes.size(), "\xEF\xBF\xBD");
        bytes.clear();
    };
    for (auto& token : tokens) {
        if (const int byte = byteOfToken(token); byte >= 0) {
            bytes += static_cast<char>(byte);
            continue;
        }
        flush();
        out.push_back(std::move(token));
    }
    flush();
    tokens = std::move(out);
}

Error broken(std::string message)
{
    return fail(ErrorCode::TokenizerBroken, std::move(message), "The file may be damaged or newer than this version of Attune.");
}

std::string textOf(const Json& json, const char* key, const char* otherwise = "")
{
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : otherwise;
}

std::size_t countOf(const Json& json, const char* key)
{
    return json.contains(key) && json[key].is_number_unsigned() ? json[key].get<std::size_t>() : 0;
}

Status parseInto(const Json& json, Decoder& decoder, int depth)
{
    if (json.is_null())
        return {};
    if (!json.is_object() || textOf(json, "type").empty() || depth > kMaxNesting)
        return broken("The tokenizer's decoder is no object with a type.");
    const auto type = textOf(json, "type");
    if (type == "Sequence") {
        for (const auto& step : json.value("decoders", Json::array()))
            ATTUNE_RETURN_IF_ERROR(parseInto(step, decoder, depth + 1));
    } else if (type == "ByteLevel") {
        decoder.add(Decoder::ByteLevel {});
    } else if (type == "WordPiece") {
        decoder.add(Decoder::WordPiece {textOf(json, "prefix", "##"), json.value("cleanup", Json(true)) != Json(false)});
    } else if (type == "Metaspace") {
        const auto scheme = textOf(json, "prepend_scheme", json.value("add_prefix_space", Json(true)) == Json(false) ? "never" : "always");
        decoder.add(Decoder::Metaspace {textOf(json, "replacement", "\xE2\x96\x81"), scheme != "never"});
    } else if (type == "BPEDecoder") {
        decoder.add(Decoder::Suffix {textOf(json, "suffix", "</w>")});
    } else if (type == "Fuse") {
        decoder.add(Decoder::Fuse {});
    } else if (type == "ByteFallback") {
        decoder.add(Decoder::ByteFallback {});
    } else if (type == "Strip") {
        if (textOf(json, "content").empty())
            return broken("A Strip step of the tokenizer's decoder has no content.");
        decoder.add(Decoder::Strip {textOf(json, "content"), countOf(json, "start"), countOf(json, "stop")});
    } else if (type == "Replace") {
        Decoder::Replace replace;
        replace.content = textOf(json, "content");
        const Json pattern = json.value("pattern", Json::object());
        replace.literal = pattern.is_object() ? textOf(pattern, "String") : "";
        if (replace.literal.empty()) {
            ATTUNE_TRY(replace.pattern, Regex::compile(pattern.is_object() ? textOf(pattern, "Regex", "(?!)") : "(?!)"));
        }
        decoder.add(std::move(replace));
    } else {
        return broken(fmt::format("The tokenizer uses the decoder \"{}\", which is not known here.", type));
    }
    return {};
}

int hexDigit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}

int byteOfToken(std::string_view token)
{
    if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>')
        return -1;
    const int high = hexDigit(token[3]), low = hexDigit(token[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string byteLevelPiece(std::string_view token)
{
    std::string bytes;
    return bytesOfByteLevel(token, bytes) ? bytes : std::string(token);
}

Result<Decoder> Decoder::fromJson(const Json& json)
{
    Decoder decoder;
    ATTUNE_RETURN_IF_ERROR(parseInto(json, decoder, 0));
    return decoder;
}

std::string Decoder::decode(std::vector<std::string> tokens) const
{
    for (const auto& step : m_steps)
        std::visit([&](const auto& s) { applyStep(s, tokens); }, step);
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        text += (m_steps.empty() && i ? " " : "") + tokens[i];
    return text;
}

}
