// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/hash.h"
#include "base/json.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace attune::importer {

/// One value of a row. `text` is the unescaped text of a Text cell, and the source's own spelling of
/// a number, list or object ("1.0" stays "1.0").
struct Cell {
    enum class Kind : std::uint8_t { Absent, Null, Text, Number, Boolean, List, Object };
    Kind kind = Kind::Absent;
    std::string_view text;
    mutable std::uint8_t marks = 0;  ///< what a reader noted about the text; a cell with a new value has none

    bool isMissing() const { return kind == Kind::Absent || kind == Kind::Null; }
    bool isText() const { return kind == Kind::Text; }
};

/// One row by column number, made to be read into again and again: scanning ten million rows
/// allocates almost nothing. Views stay valid until the next reset(). One thread at a time.
class Row
{
public:
    /// Forgets the old values and makes room for `columns` absent cells.
    void reset(std::size_t columns);

    std::size_t size() const { return m_cells.size(); }
    /// Adds absent cells up to so many columns.
    void grow(std::size_t columns)
    {
        m_hasHash = m_hasHash && columns <= m_cells.size();
        m_cells.resize(std::max(m_cells.size(), columns));
    }
    Cell& operator[](std::size_t column)
    {
        m_hasHash = false;
        return m_cells[column];
    }
    const Cell& operator[](std::size_t column) const { return m_cells[column]; }

    /// Keeps `text` alive with the row and returns a view of it.
    std::string_view keep(std::string text);
    /// A text that grows in place, for unescaping; the view of it must be taken when it is complete.
    std::string& scratch();
    /// Takes the newest scratch() back: nothing refers to it.
    void dropScratch() { --m_textsUsed; }
    void setText(std::size_t column, std::string text) { (*this)[column] = {Cell::Kind::Text, keep(std::move(text))}; }

    /// Rearranges the cells: cell i becomes the old cell order[i].
    void select(const std::vector<int>& order);

    /// A hash of the cells that someone computed; forgotten whenever a cell may change.
    const Hash128* knownHash() const { return m_hasHash ? &m_hash : nullptr; }
    void rememberHash(const Hash128& hash) const
    {
        m_hash = hash;
        m_hasHash = true;
    }

private:
    std::vector<Cell> m_cells, m_spare;
    std::deque<std::string> m_texts;  // a deque: views of earlier texts stay valid while it grows
    std::size_t m_textsUsed = 0;
    mutable Hash128 m_hash;
    mutable bool m_hasHash = false;
};

/// The cell as JSON with its type. A list or object that is not valid JSON comes back as text.
Json toJson(const Cell& cell);
/// The JSON value put into a cell; texts and nested values are kept by the row.
void setCell(Row& row, std::size_t column, const Json& value);
/// How a cell reads as plain text: texts as they are, null and absent empty, the rest as spelled.
std::string_view plainText(const Cell& cell);

}
