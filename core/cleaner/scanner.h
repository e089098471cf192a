// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "cleaner/pii.h"
#include "cleaner/regex.h"

#include <array>
#include <string>
#include <unordered_set>
#include <vector>

namespace attune::cleaner {

/// What to look for, and what to pass over.
struct ScanOptions {
    std::vector<std::string> kinds;           ///< empty: all but names
    std::vector<std::string> ignoredValues;   ///< in any spelling: spaces in an IBAN do not matter
    std::vector<std::string> ignoredPatterns; ///< regular expressions found anywhere in a value
    std::vector<std::string> names;           ///< words that are names of people, for the kind "name"
    std::vector<std::string> columns;         ///< empty: all
};

/// Personal data in one text: bytes [begin, end).
struct Found {
    std::string_view kind;
    std::string_view tag;
    std::size_t begin = 0, end = 0;
};

/// Finds personal data in texts: one pass over the bytes that stops at anchors, detectors around them,
/// overlaps resolved by weight and length. Immutable; any thread.
class Scanner
{
public:
    /// Errors: Usage (an unknown kind, naming the nearest; a kind "name" without names; a broken pattern).
    static Result<Scanner> create(const ScanOptions& options);
    /// What is in the text, in order, without overlaps. label: the column's name.
    void scan(std::string_view text, std::string_view label, std::vector<Found>& out) const;
    const std::vector<std::string>& kinds() const { return m_kinds; }

private:
    bool isIgnored(std::string_view value, const pii::Detector* detector) const;
    void findNames(std::string_view text, std::vector<Found>& out) const;

    std::vector<std::string> m_kinds;
    std::vector<const pii::Detector*> m_detectors;
    std::array<std::uint16_t, 256> m_anchors {};  ///< per byte: which detectors it calls, bit i = m_detectors[i]
    std::unordered_set<std::string> m_ignored;    ///< kind + canonical value, and the values as written
    std::vector<Regex> m_patterns;
    std::unordered_set<std::string> m_names;
};

/// Every kind there is: those of the detectors, and "name".
std::vector<std::string> piiKinds();
constexpr std::string_view kNameKind = "name", kNameTag = "[NAME]";

}
