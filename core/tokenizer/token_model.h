// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace attune::tokenizer {

using Ids = std::vector<std::int32_t>;

/// The step that turns one pre-token into ids. Immutable after loading; any thread.
class TokenModel
{
public:
    virtual ~TokenModel() = default;
    /// Appends the ids of one word (valid UTF-8 unless the model works on bytes).
    virtual void encode(std::string_view word, Ids& ids) const = 0;
};

}
