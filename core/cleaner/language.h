// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attune::cleaner {

/// The language of a text as an ISO 639-1 code ("en", "zh"), or empty when it cannot be told (too few
/// letters, or two languages fit alike). By script where a script has one language here, else by letter
/// runs (naive Bayes; profiles in language_profiles.inc). Looks at the first 2 000 letters. Any thread.
std::string languageOf(std::string_view text);

/// All codes that languageOf() can give, sorted.
const std::vector<std::string>& knownLanguages();

}
