// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/scanner.h"

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

namespace attune::cleaner {

/// A line of tests/fixtures/pii: its text and what is in it, as (kind, begin, end) in bytes.
struct LabelledText {
    std::string text;
    std::set<std::tuple<std::string, std::size_t, std::size_t>> spans;
};

/// Reads the mark-up ⟦kind|text⟧; tildes inside of a key are dropped.
inline std::vector<LabelledText> readLabelled(const std::string& file)
{
    const std::string open = "\xE2\x9F\xA6", close = "\xE2\x9F\xA7";
    std::vector<LabelledText> lines;
    std::istringstream in(file);
    for (std::string line; std::getline(in, line);) {
        LabelledText labelled;
        std::size_t at = 0;
        for (std::size_t mark; (mark = line.find(open, at)) != std::string::npos;) {
            labelled.text += line.substr(at, mark - at);
            const std::size_t bar = line.find('|', mark), end = line.find(close, mark);
            const std::string kind = line.substr(mark + open.size(), bar - mark - open.size());
            std::string value = line.substr(bar + 1, end - bar - 1);
            if (kind == "key")
                std::erase(value, '~');
            labelled.spans.emplace(kind, labelled.text.size(), labelled.text.size() + value.size());
            labelled.text += value;
            at = end + close.size();
        }
        labelled.text += line.substr(at);
        lines.push_back(std::move(labelled));
    }
    return lines;
}

/// Hits, false finds and misses of one kind; a find counts only when its span is exact.
struct Score {
    int hits = 0, falseFinds = 0, misses = 0;
    std::vector<std::string> mistakes;
    double precision() const { return hits + falseFinds ? static_cast<double>(hits) / (hits + falseFinds) : 1; }
    double recall() const { return hits + misses ? static_cast<double>(hits) / (hits + misses) : 1; }
};

inline std::map<std::string, Score> score(const std::vector<LabelledText>& lines, const Scanner& scanner)
{
    std::map<std::string, Score> scores;
    std::vector<Found> found;
    for (const auto& line : lines) {
        scanner.scan(line.text, "", found);
        auto missing = line.spans;
        for (const auto& f : found) {
            Score& s = scores[std::string(f.kind)];
            if (missing.erase({std::string(f.kind), f.begin, f.end})) {
                ++s.hits;
            } else {
                ++s.falseFinds;
                s.mistakes.push_back("found  " + line.text.substr(f.begin, f.end - f.begin) + "   in: " + line.text);
            }
        }
        for (const auto& [kind, begin, end] : missing) {
            ++scores[kind].misses;
            scores[kind].mistakes.push_back("missed " + line.text.substr(begin, end - begin) + "   in: " + line.text);
        }
    }
    return scores;
}

}
