// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/token_offsets.h"

#include <algorithm>
#include <string>

namespace attune::tokenizer {
namespace {

constexpr std::size_t kLookAhead = 64;  // how far a changed stretch may reach before a token is given up

std::string_view withoutSpace(std::string_view piece)
{
    return piece.starts_with(' ') ? piece.substr(1) : piece;
}

/// The bytes of a token as they may stand in the text: U+2581 is a space, ## only marks a continuation.
std::string textOf(const Tokenizer& tokenizer, std::int32_t id)
{
    std::string piece = tokenizer.piece(id);
    for (auto at = piece.find("\xE2\x96\x81"); at != std::string::npos && !tokenizer.isSpecial(id); at = piece.find("\xE2\x96\x81", at + 1))
        piece.replace(at, 3, " ");
    if (piece.size() > 2 && piece.starts_with("##"))
        piece.erase(0, 2);
    return piece;
}

}

std::vector<std::size_t> tokenEnds(const Tokenizer& tokenizer, std::string_view text, std::span<const std::int32_t> ids)
{
    std::vector<std::size_t> ends;
    ends.reserve(ids.size());
    std::size_t at = 0;
    for (const auto id : ids) {
        const std::string piece = textOf(tokenizer, id);
        const auto rest = text.substr(at);
        if (rest.starts_with(piece)) {
            at += piece.size();
        } else if (const auto bare = withoutSpace(piece); rest.starts_with(bare)) {
            at += bare.size();
        } else {
            const auto window = rest.substr(0, kLookAhead + piece.size());
            const auto found = bare.empty() ? std::string_view::npos : window.find(bare);
            if (found != std::string_view::npos)
                at += found + bare.size();
        }
        ends.push_back(at);
    }
    return ends;
}

}
