// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace attune::cleaner {

/// A user's pattern (PCRE2 syntax, UTF-8, compiled to machine code). Steps and depth are limited, so
/// that no pattern can hang on a text. Immutable; any thread.
class Regex
{
public:
    /// Errors: FileCorrupt, with the place where the pattern is wrong.
    static Result<Regex> compile(const std::string& pattern);
    bool isFoundIn(std::string_view text) const;
    /// Replaces every match; $1, ${name} and $0 in the replacement. False if nothing matched.
    bool replace(std::string_view text, const std::string& replacement, std::string& out) const;

private:
    struct Private;
    std::shared_ptr<const Private> d;
};

}
