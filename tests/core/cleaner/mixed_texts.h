// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/random.h"

#include <string>
#include <vector>

namespace attune::cleaner {

/// Texts of pieces that matter beside each other: final sigmas, marks that combine, letters whose small form has
/// another length, all kinds of white space, bytes that are no UTF-8.
inline std::vector<std::string> mixedTexts(std::size_t count)
{
    static const std::vector<std::string> parts {"a", "word", "A", "WORD", "e", " ", "  ", "\t", "\n", "\x1C", ".", "'", ":", "<", "&", std::string(15, 'x'), std::string(40, 'k'), std::string(64, ' '),
        "Σ", "ΑΣ", "ς", "É", "ß", "ẞ", "İ", "Ⱥ", "Ǆ", "ﬁ", "Å", "e\u0301", "\u0301", "\u0338", "か", "\u3099", "\u1100\u1161", "\u00A0", "\u3000", "\u2000", "€", "…", "日本語", "🙂", "\xC3", "\xE2\x80", "\xFF", std::string(1, '\0'), "[{", "Ã©"};
    SplitMix64 random(11);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) {
        texts.emplace_back();
        for (auto n = random.below(30); n > 0; --n)
            texts.back() += parts[random.below(parts.size())];
    }
    return texts;
}

}
