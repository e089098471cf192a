// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace attune::runner {

/// Tokens may end inside a character; this holds the bytes back until the character is whole.
class Utf8Buffer
{
public:
    /// Adds bytes and returns the text that is complete by now.
    std::string add(std::string_view bytes);
    /// What is left: a cut character becomes U+FFFD.
    std::string finish();

private:
    std::string m_bytes;
};

}
