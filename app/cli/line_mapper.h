// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/session.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

namespace attune::cli {

/// A growing block of output bytes that is never cleared with zeros.
class OutputBuffer
{
public:
    /// Makes room for n more bytes and returns where they go; advance() says how many were written.
    char* room(std::size_t n)
    {
        if (m_size + n > m_capacity)
            grow(m_size + n);
        return m_data.get() + m_size;
    }
    void advance(const char* end) { m_size = static_cast<std::size_t>(end - m_data.get()); }
    void append(std::string_view text)
    {
        char* to = room(text.size());
        std::memcpy(to, text.data(), text.size());
        m_size += text.size();
    }
    std::string_view text() const { return {m_data.get(), m_size}; }
    void clear() { m_size = 0; }

private:
    void grow(std::size_t needed);
    std::unique_ptr<char[]> m_data;
    std::size_t m_size = 0;
    std::size_t m_capacity = 0;
};

/// Bytes behind every line that may be read (not used): what simdjson asks for.
inline constexpr std::size_t kLinePadding = 64;

/// Turns one line into what is printed for it (a line with its newline). Called by one thread at a
/// time; kLinePadding bytes behind the line are readable.
using LineFunction = std::function<Status(std::string_view line, OutputBuffer& out)>;

/// Reads standard input line by line and prints one answer per line, in order, with all cores. Each
/// worker gets a function of its own from makeFunction. Blank lines are passed over. An error ends the
/// work, names the line and keeps back the output of that block and of all behind it.
Status mapLines(Session& session, const std::function<LineFunction()>& makeFunction);

/// Decimal digits of a non-negative number; needs 10 bytes, returns the end.
inline char* writeNumber(char* to, std::uint32_t value)
{
    static constexpr auto kPairs = [] {
        std::array<char, 200> table {};
        for (int i = 0; i < 100; ++i) {
            table[static_cast<std::size_t>(2 * i)] = static_cast<char>('0' + i / 10);
            table[static_cast<std::size_t>(2 * i + 1)] = static_cast<char>('0' + i % 10);
        }
        return table;
    }();
    const auto pair = [&](char* p, std::uint32_t two) { std::memcpy(p, kPairs.data() + 2 * two, 2); };
    char digits[10];
    char* from = digits + 10;
    while (value >= 100) {
        from -= 2;
        pair(from, value % 100);
        value /= 100;
    }
    if (value >= 10)
        pair(from -= 2, value);
    else
        *--from = static_cast<char>('0' + value);
    const auto count = static_cast<std::size_t>(digits + 10 - from);
    std::memcpy(to, from, count);
    return to + count;
}

}
