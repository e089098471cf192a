// SPDX-License-Identifier: GPL-3.0-or-later
#define PCRE2_CODE_UNIT_WIDTH 8
#include "cleaner/regex.h"

#include <pcre2.h>

namespace attune::cleaner {
namespace {

constexpr std::uint32_t kMostSteps = 5'000'000;

PCRE2_SPTR unitsOf(std::string_view text)
{
    return reinterpret_cast<PCRE2_SPTR>(text.data());
}

}

struct Regex::Private {
    pcre2_code* code = nullptr;
    pcre2_match_context* limits = nullptr;
    ~Private()
    {
        pcre2_code_free(code);
        pcre2_match_context_free(limits);
    }
};

Result<Regex> Regex::compile(const std::string& pattern)
{
    auto made = std::make_shared<Private>();
    int error = 0;
    PCRE2_SIZE at = 0;
    made->code = pcre2_compile(unitsOf(pattern), pattern.size(), PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF, &error, &at, nullptr);
    if (!made->code) {
        char text[200] = {};
        pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof text);
        return fail(ErrorCode::FileCorrupt, fmt::format("The pattern \"{}\" is wrong at character {}: {}.", pattern, at, text), "Patterns are Perl-compatible regular expressions.");
    }
    pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE);
    made->limits = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(made->limits, kMostSteps);
    Regex regex;
    regex.d = std::move(made);
    return regex;
}

bool Regex::isFoundIn(std::string_view text) const
{
    // Kept by the thread: making one costs as much as many a search.
    thread_local const std::unique_ptr<pcre2_match_data, void (*)(pcre2_match_data*)> match(pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
    return pcre2_match(d->code, unitsOf(text), text.size(), 0, 0, match.get(), d->limits) >= 0;
}

bool Regex::replace(std::string_view text, const std::string& replacement, std::string& out) const
{
    constexpr std::uint32_t kOptions = PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_EXTENDED | PCRE2_SUBSTITUTE_UNKNOWN_UNSET | PCRE2_SUBSTITUTE_UNSET_EMPTY | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH;
    out.resize(text.size() + 64);
    for (int attempt = 0; attempt < 2; ++attempt) {
        PCRE2_SIZE length = out.size();
        const int count = pcre2_substitute(d->code, unitsOf(text), text.size(), 0, kOptions, nullptr, d->limits, unitsOf(replacement), replacement.size(),
            reinterpret_cast<PCRE2_UCHAR*>(out.data()), &length);
        if (count == PCRE2_ERROR_NOMEMORY) {
            out.resize(length + 1);
            continue;
        }
        if (count <= 0)
            return false;
        out.resize(length);
        return true;
    }
    return false;
}

}
