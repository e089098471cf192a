// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace attune::tokenizer {

/// A pattern of a tokenizer file, compiled by PCRE2 with UTF, Unicode properties and JIT. `\s` is the
/// property White_Space as in the files' own engine. Immutable; any thread.
class Regex
{
public:
    /// Errors: TokenizerBroken, with PCRE2's message.
    static Result<Regex> compile(const std::string& pattern);
    /// The pattern that matches exactly this text.
    static Result<Regex> literal(std::string_view text);

    struct Match {
        std::size_t begin = std::string_view::npos;
        std::size_t end = 0;
        explicit operator bool() const { return begin != std::string_view::npos; }
    };
    /// The first match at or behind from. text must be valid UTF-8; what lies outside of it is not seen.
    Match find(std::string_view text, std::size_t from) const;

private:
    struct Code;
    std::shared_ptr<const Code> m_code;
};

}
