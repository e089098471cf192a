// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace attune::cleaner::pii {

/// Bytes [begin, end) of a text. `weight` is added to the detector's: a weak find gives way to others.
struct Span {
    std::size_t begin = 0, end = 0;
    int weight = 0;
    std::size_t size() const { return end - begin; }
};

/// A text being looked at. `label` is what stands outside of it, in lower case: the column's name, so that
/// a bare number in a column "phone" is read as one.
struct Place {
    std::string_view text;
    std::string_view label;
};

/// One kind of personal data: one file in pii/, found by the registry. Detectors are hand-written scanners:
/// a first pass over the bytes stops at anchors only, and find() looks around them.
struct Detector {
    std::string_view kind;     ///< "email"; permanent: in reports and steps.yaml
    std::string_view label;    ///< "E-mail addresses"
    std::string_view tag;      ///< what redaction puts in its place: "[EMAIL]"
    std::string_view help;     ///< what is found, in a sentence
    std::string_view anchors;  ///< bytes at which find() is called; '0' stands for the first digit of any run of digits
    int weight = 0;            ///< where spans overlap, the heavier one is kept, then the longer one
    /// The find that the anchor at `at` belongs to, if there is one.
    std::optional<Span> (*find)(const Place& place, std::size_t at);
    /// The same value in its one spelling: equal for "DE89 3704 …" and "DE893704…".
    std::string (*canonical)(std::string_view value);
};

/// All detectors, sorted by file name; generated from pii/*.cpp.
std::span<const Detector* const> detectors();
/// By kind; null if there is none.
const Detector* findDetector(std::string_view kind);

}
