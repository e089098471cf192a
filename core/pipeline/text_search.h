// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace attune::pipeline {

/// Finds a text in others, whatever the case of its letters. ASCII is looked for in place; other needles are compared
/// in lower case. Immutable; any thread.
class TextSearch
{
public:
    explicit TextSearch(std::string_view needle);
    bool isEmpty() const { return m_needle.empty(); }
    bool isIn(std::string_view text) const;
    /// The byte where the first find begins; npos if there is none. Exact for ASCII needles; for others the byte in
    /// the lower-case text, which is close.
    std::size_t findIn(std::string_view text) const;

private:
    std::size_t findAscii(std::string_view text) const;
    std::string m_needle;  ///< in lower case
    bool m_isAscii = true;
    std::array<std::size_t, 256> m_skip {};
};

}
