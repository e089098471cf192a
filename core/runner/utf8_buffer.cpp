// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/utf8_buffer.h"

#include <utility>

namespace attune::runner {
namespace {

std::size_t lengthOf(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

/// The length of text up to a character that is begun and not finished.
std::size_t completeLength(std::string_view text)
{
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80)
            continue;
        return lengthOf(byte) > back ? text.size() - back : text.size();
    }
    return text.size();
}

}

std::string Utf8Buffer::add(std::string_view bytes)
{
    m_bytes += bytes;
    const std::size_t length = completeLength(m_bytes);
    std::string text = m_bytes.substr(0, length);
    m_bytes.erase(0, length);
    return text;
}

std::string Utf8Buffer::finish()
{
    return std::exchange(m_bytes, {}).empty() ? std::string() : std::string("\xEF\xBF\xBD");
}

}
