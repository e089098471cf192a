// SPDX-License-Identifier: GPL-3.0-or-later
#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/regex.h"

#include <fmt/format.h>
#include <pcre2.h>

namespace attune::tokenizer {
namespace {

constexpr std::size_t kMaxPattern = 1 << 16;
/// A hostile pattern gives up here in place of running for years.
constexpr std::uint32_t kMatchLimit = 10'000'000;

constexpr std::string_view kSpaces = "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}";

/// Oniguruma's `\w`: PCRE2's has no marks, but all numbers.
constexpr std::string_view kWordParts = "\\p{L}\\p{M}\\p{Nd}\\p{Pc}";

/// `\s`, `\S`, `\w` and `\W` spelled out: PCRE2's `\s` also takes U+180E.
std::string translated(const std::string& pattern)
{
    std::string out;
    bool inClass = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '\\' && i + 1 < pattern.size()) {
            const char next = pattern[++i];
            const auto parts = next == 's' || next == 'S' ? kSpaces : kWordParts;
            if (next == 's' || next == 'w')
                out += inClass ? std::string(parts) : "[" + std::string(parts) + "]";
            else if ((next == 'S' || next == 'W') && !inClass)
                out += "[^" + std::string(parts) + "]";
            else
                (out += c) += next;
            continue;
        }
        if (c == '[' && inClass)
            out += '\\';  // an inner bracket is a literal
        inClass = c == '[' ? true : c == ']' ? false : inClass;
        out += c;
    }
    return out;
}

struct MatchData {
    pcre2_match_data* data = pcre2_match_data_create(64, nullptr);
    pcre2_match_context* context = pcre2_match_context_create(nullptr);
    MatchData() { pcre2_set_match_limit(context, kMatchLimit); }
    MatchData(const MatchData&) = delete;
    MatchData& operator=(const MatchData&) = delete;
    ~MatchData()
    {
        pcre2_match_data_free(data);
        pcre2_match_context_free(context);
    }
};

}

struct Regex::Code {
    pcre2_code* code;
    explicit Code(pcre2_code* c) : code(c) {}
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    ~Code() { pcre2_code_free(code); }
};

Result<Regex> Regex::compile(const std::string& pattern)
{
    if (pattern.size() > kMaxPattern)
        return fail(ErrorCode::TokenizerBroken, fmt::format("A pattern of the tokenizer has {} bytes.", pattern.size()), "Fetch the model's files again.");
    const std::string text = translated(pattern);
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr);
    if (!code) {
        PCRE2_UCHAR message[256];
        pcre2_get_error_message(error, message, sizeof message);
        return fail(ErrorCode::TokenizerBroken,
            fmt::format("The tokenizer's pattern \"{}\" cannot be used: {}.", pattern.substr(0, 80), reinterpret_cast<const char*>(message)),
            "Fetch the model's files again.");
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    Regex regex;
    regex.m_code = std::make_shared<const Code>(code);
    return regex;
}

Result<Regex> Regex::literal(std::string_view text)
{
    std::string pattern;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80 && !std::isalnum(static_cast<unsigned char>(c)) && c != ' ')
            pattern += fmt::format("\\x{{{:x}}}", static_cast<unsigned char>(c));
        else
            pattern += c;
    }
    return compile(pattern);
}

Regex::Match Regex::find(std::string_view text, std::size_t from) const
{
    thread_local MatchData match;
    const int count = pcre2_match(m_code->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, PCRE2_NO_UTF_CHECK, match.data, match.context);
    if (count < 0)
        return {};
    const auto* range = pcre2_get_ovector_pointer(match.data);
    return {range[0], range[1]};
}

}
