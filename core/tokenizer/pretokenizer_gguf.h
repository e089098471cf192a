// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tokenizer/pretokenizer.h"

namespace attune::tokenizer {

/// What a value of `tokenizer.ggml.pre` means in llama.cpp: how text is cut and which defaults it sets.
struct GgufPreKind {
    struct Flags {
        PreTokenizer::Scanner scanner = PreTokenizer::Scanner::None;
        bool ignoresMerges = false;   ///< a word that is a token is that token
        bool addsStart = false;       ///< default of add_bos_token
        bool isByteLevel = true;      ///< false: symbols are code points, unknown ones become <0xXX>
        bool escapesSpaces = false;   ///< spaces become U+2581
    };
    std::vector<std::string> names;
    std::vector<std::string> patterns;  ///< applied one after another, each inside the pieces of the last
    Flags flags {};
};

/// Null when unknown; an empty name is "default".
const GgufPreKind* findGgufPreKind(std::string_view name);

}
