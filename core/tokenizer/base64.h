// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace attune::tokenizer {

/// Bytes of standard base64 (RFC 4648) with or without padding. Errors: TokenizerBroken.
Result<std::string> decodeBase64(std::string_view text);

}
