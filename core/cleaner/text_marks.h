// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "importer/row.h"

#include <cstdint>
#include <string_view>

namespace attune::cleaner {

/// What a text holds, found in one pass: a step that can only change texts with certain marks leaves all others
/// alone without looking at them again. A mark may be there without need, never missing.
using TextMarks = std::uint8_t;

constexpr TextMarks kSeen = 1;       ///< always there: somebody looked
constexpr TextMarks kWide = 2;       ///< a byte beyond ASCII
constexpr TextMarks kByteC3 = 4;     ///< U+00C0 to U+00FF: what damaged characters begin with
constexpr TextMarks kMarkup = 8;     ///< '<' or '&'
constexpr TextMarks kCapital = 16;   ///< A to Z
constexpr TextMarks kOddSpace = 32;  ///< ASCII white space that is no single space between two words
constexpr TextMarks kMessages = 64;  ///< begins like a conversation written as JSON, whose escapes hide the rest

TextMarks marksOf(std::string_view text);

/// The marks of a cell's text, kept by the cell until it gets another value.
inline TextMarks marksOf(const importer::Cell& cell)
{
    if (!cell.marks)
        cell.marks = marksOf(cell.text);
    return cell.marks;
}

}
