// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/scanner.h"

#include "base/edit_distance.h"
#include "cleaner/pii_text.h"
#include "cleaner/text.h"

namespace attune::cleaner {
namespace {

using pii::isDigit;

constexpr int kNameWeight = 10;

struct Candidate {
    Found found;
    int weight = 0;
};

/// Keeps the heaviest of what overlaps, then the longest, then the first.
void keepBest(std::vector<Candidate>& candidates, std::vector<Found>& out)
{
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        const auto sizeA = a.found.end - a.found.begin, sizeB = b.found.end - b.found.begin;
        return a.weight != b.weight ? a.weight > b.weight : sizeA != sizeB ? sizeA > sizeB : a.found.begin < b.found.begin;
    });
    const std::size_t first = out.size();
    for (const auto& candidate : candidates) {
        const Found& f = candidate.found;
        const bool overlaps = std::any_of(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), [&](const Found& o) { return f.begin < o.end && o.begin < f.end; });
        if (!overlaps)
            out.push_back(f);
    }
    std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), [](const Found& a, const Found& b) { return a.begin < b.begin; });
}

/// A text may hold very many finds (a list of addresses): overlaps are looked for among neighbours only.
void resolve(std::vector<Candidate>& candidates, std::vector<Found>& out)
{
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.found.begin < b.found.begin; });
    std::vector<Candidate> cluster;
    std::size_t reach = 0;
    for (auto& candidate : candidates) {
        if (!cluster.empty() && candidate.found.begin >= reach) {
            keepBest(cluster, out);
            cluster.clear();
        }
        reach = std::max(reach, candidate.found.end);
        cluster.push_back(candidate);
    }
    keepBest(cluster, out);
}

}

std::vector<std::string> piiKinds()
{
    std::vector<std::string> kinds;
    for (const auto* detector : pii::detectors())
        kinds.emplace_back(detector->kind);
    kinds.emplace_back(kNameKind);
    return kinds;
}

Result<Scanner> Scanner::create(const ScanOptions& options)
{
    Scanner scanner;
    const auto known = piiKinds();
    scanner.m_kinds = options.kinds;
    if (scanner.m_kinds.empty()) {
        scanner.m_kinds = known;
        if (options.names.empty())
            scanner.m_kinds.pop_back();
    }
    for (const auto& kind : scanner.m_kinds) {
        if (const auto* detector = pii::findDetector(kind)) {
            const auto bit = static_cast<std::uint16_t>(1u << scanner.m_detectors.size());
            scanner.m_detectors.push_back(detector);
            for (const char anchor : detector->anchors)
                for (char c = anchor; c == anchor || (anchor == '0' && c <= '9'); ++c)
                    scanner.m_anchors[static_cast<unsigned char>(c)] |= bit;
        } else if (kind != kNameKind) {
            const std::string near = nearest(kind, known);
            return fail(ErrorCode::Usage, fmt::format("\"{}\" is no kind of personal data.", kind), near.empty() ? fmt::format("Kinds are {}.", fmt::join(known, ", ")) : fmt::format("Did you mean \"{}\"?", near));
        } else if (options.names.empty()) {
            return fail(ErrorCode::Usage, "The kind \"name\" needs a list of names.", "Give a file with one name a line.");
        }
    }
    if (std::find(scanner.m_kinds.begin(), scanner.m_kinds.end(), kNameKind) != scanner.m_kinds.end())
        for (const auto& name : options.names)
            scanner.m_names.insert(toLower(trimmed(name)));
    scanner.m_names.erase("");
    for (const auto& value : options.ignoredValues) {
        scanner.m_ignored.insert(value);
        for (const auto* detector : scanner.m_detectors)
            scanner.m_ignored.insert(std::string(detector->kind) + "\n" + detector->canonical(value));
    }
    for (const auto& pattern : options.ignoredPatterns) {
        auto regex = Regex::compile(pattern);
        if (!regex)
            return fail(ErrorCode::Usage, regex.error().message, regex.error().hint);
        scanner.m_patterns.push_back(std::move(*regex));
    }
    return scanner;
}

bool Scanner::isIgnored(std::string_view value, const pii::Detector* detector) const
{
    if (!m_ignored.empty() && (m_ignored.contains(std::string(value)) || (detector && m_ignored.contains(std::string(detector->kind) + "\n" + detector->canonical(value)))))
        return true;
    return std::any_of(m_patterns.begin(), m_patterns.end(), [&](const Regex& pattern) { return pattern.isFoundIn(value); });
}

void Scanner::findNames(std::string_view text, std::vector<Found>& out) const
{
    for (std::size_t at = 0; at < text.size();) {
        const bool isWordStart = pii::isUpper(text[at]) || pii::isBeyondAscii(text[at]);
        std::size_t end = at;
        while (end < text.size()) {
            const auto code = pii::codePointAt(text, end);
            if (!pii::isSpacedLetter(code.value) && !(code.value >= 0x80 && pii::isUnspacedLetter(code.value)))
                break;
            end += code.size;
        }
        if (end > at && isWordStart && m_names.contains(toLower(text.substr(at, end - at))))
            out.push_back({kNameKind, kNameTag, at, end});
        at = end > at ? end : at + pii::codePointAt(text, at).size;
    }
}

void Scanner::scan(std::string_view text, std::string_view label, std::vector<Found>& out) const
{
    out.clear();
    std::vector<Candidate> candidates;
    std::array<std::size_t, 16> done {};  // a detector is not asked again inside of what it found
    const pii::Place place {text, label};
    for (std::size_t at = 0; at < text.size();) {
        unsigned called = m_anchors[static_cast<unsigned char>(text[at])];
        const std::size_t anchor = at++;
        if (!called)
            continue;
        if (isDigit(text[anchor]))
            while (at < text.size() && isDigit(text[at]))
                ++at;
        for (unsigned d = 0; called; ++d, called >>= 1) {
            if (!(called & 1) || anchor < done[d])
                continue;
            const auto span = m_detectors[d]->find(place, anchor);
            if (!span)
                continue;
            done[d] = span->end;
            if (!isIgnored(text.substr(span->begin, span->size()), m_detectors[d]))
                candidates.push_back({{m_detectors[d]->kind, m_detectors[d]->tag, span->begin, span->end}, m_detectors[d]->weight + span->weight});
        }
    }
    if (!m_names.empty()) {
        std::vector<Found> names;
        findNames(text, names);
        for (const auto& name : names)
            if (!isIgnored(text.substr(name.begin, name.end - name.begin), nullptr))
                candidates.push_back({name, kNameWeight});
    }
    if (!candidates.empty())
        resolve(candidates, out);
}

}
