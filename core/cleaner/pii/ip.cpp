// SPDX-License-Identifier: GPL-3.0-or-later
// Internet addresses: dotted IPv4 (RFC 791), and IPv6 in the spellings of RFC 4291. Version and section numbers
// look like the former; the words around them and what they are joined to tell.
#include "cleaner/pii_text.h"

#include <array>

namespace attune::cleaner::pii {
namespace {

const WordList kFor {"ip", "ips", "ipv4", "ipv6", "host", "server", "address", "adresse", "direcci\xC3\xB3n ip", "ping", "dns", "gateway", "router", "subnet", "netmask", "nameserver", "login", "ssh",
    "client", "connect", "traffic", "packet", "port", "block", "banned", "firewall", "request", "source", "endpoint", "node", "cluster", "vpn", "lan", "network", "peer", "machine", "device", "route", "resolve", "attack", "serveur", "servidor", "netz", "rechner", "proxy", "remote", "listen", "bind", "\xD0\xB0\xD0\xB4\xD1\x80\xD0\xB5\xD1\x81"};
const WordList kAgainst {"version", "versions", "ver", "ver.", "v", "release", "released", "build", "firmware", "upgrade", "upgraded", "update", "updated", "patch", "patched", "section", "\xC2\xA7",
    "chapter", "clause", "paragraph", "appendix", "figure", "table", "kernel", "driver", "software", "sdk", "versi\xC3\xB3n", "versione", "vers\xC3\xA3o", "wersja", "versie", "\xD0\xB2\xD0\xB5\xD1\x80\xD1\x81\xD0\xB8",
    "\xE7\x89\x88\xE6\x9C\xAC", "\xE3\x83\x90\xE3\x83\xBC\xE3\x82\xB8\xE3\x83\xA7\xE3\x83\xB3", "\xEB\xB2\x84\xEC\xA0\x84", "kapitel", "abschnitt", "ausgabe", "oid", "requires", "rev", "edition"};

/// Reads an octet: 0 to 255, no leading nought. Its end, or 0.
std::size_t octetEnd(std::string_view text, std::size_t at, int& value)
{
    value = 0;
    std::size_t end = at;
    while (isDigit(byteAt(text, end)) && end - at < 4)
        value = value * 10 + (text[end++] - '0');
    if (end == at || value > 255 || (end - at > 1 && text[at] == '0'))
        return 0;
    return end;
}

std::size_t quadEnd(std::string_view text, std::size_t at, std::array<int, 4>& octets)
{
    for (std::size_t i = 0; i < 4; ++i) {
        at = octetEnd(text, at, octets[i]);
        if (at == 0 || (i < 3 && byteAt(text, at) != '.'))
            return 0;
        at += i < 3 ? 1 : 0;
    }
    return at;
}

/// Addresses that nobody takes for a version: private, loopback, masks, the public resolvers.
bool isWellKnown(const std::array<int, 4>& o)
{
    return o[0] == 10 || o[0] == 127 || (o[0] == 192 && o[1] == 168) || (o[0] == 172 && o[1] >= 16 && o[1] <= 31) || (o[0] == 0 && o[1] == 0 && o[2] == 0 && o[3] == 0) || (o[0] == 8 && o[1] == 8)
        || (o[0] == 1 && o[1] == o[2] && o[2] == o[3] && (o[1] == 1 || o[1] == 0));
}

std::optional<Span> findV4(const Place& place, std::size_t at)
{
    const std::string_view text = place.text;
    const char before = byteBefore(text, at), earlier = byteBefore(text, at, 2);
    if (isWord(before) || ((before == '.' || before == '-' || before == ',' || before == '+') && isWord(earlier)) || (before == '/' && isAlnum(earlier)))
        return {};
    std::array<int, 4> octets {};
    const std::size_t end = quadEnd(text, at, octets);
    if (end == 0)
        return {};
    const char after = byteAt(text, end), next = byteAt(text, end + 1);
    if (isWord(after) || (after == '.' && isWord(next) && (isDigit(next) || isLower(next))) || ((after == '-' || after == '+') && isAlpha(next)))
        return {};
    const Context context = contextBefore(place, at, 32, kFor, kAgainst);
    if (context == Context::Against)
        return {};
    // Three small parts, and nothing said: far more often a version.
    const bool isSmall = octets[0] < 32 && octets[1] < 32 && octets[2] < 32;
    if (isSmall && context == Context::None && !isWellKnown(octets) && !(before == '[' || before == '/'))
        return {};
    return Span {at, end};
}

/// The groups of an IPv6 address, read from `at`.
struct Groups {
    std::size_t end = 0, count = 0, longest = 0;
    bool isShortened = false, hasDigit = false, hasQuad = false, isBroken = false;
};

Groups groupsFrom(std::string_view text, std::size_t at)
{
    Groups groups;
    while (true) {
        std::size_t end = at;
        bool hasDigit = false;
        while (isHex(byteAt(text, end)) && end - at < 5)
            hasDigit |= isDigit(text[end++]);
        if (end - at > 4) {
            groups.isBroken = true;
            return groups;
        }
        if (end > at) {
            std::array<int, 4> octets {};
            if (const std::size_t quad = byteAt(text, end) == '.' ? quadEnd(text, at, octets) : 0; quad && groups.count > 0) {
                groups.count += 2;
                groups.hasQuad = groups.hasDigit = true;
                groups.end = quad;
                return groups;
            }
            ++groups.count;
            groups.longest = std::max(groups.longest, end - at);
            groups.hasDigit |= hasDigit;
        }
        groups.end = end;
        if (byteAt(text, end) != ':')
            return groups;
        if (byteAt(text, end + 1) == ':') {
            if (groups.isShortened || byteAt(text, end + 2) == ':') {
                groups.isBroken = true;
                return groups;
            }
            groups.isShortened = true;
            groups.end = end + 2;
            // "::ffff:1.2.3.4" counts its quad even when nothing stands before it.
            groups.count += groups.count == 0 ? 1 : 0;
            at = end + 2;
            if (!isHex(byteAt(text, at)))
                return groups;
            continue;
        }
        if (!isHex(byteAt(text, end + 1)))
            return groups;
        at = end + 1;
    }
}

std::optional<Span> findV6(const Place& place, std::size_t at)
{
    const std::string_view text = place.text;
    std::size_t begin = at;
    while (begin > 0 && at - begin < 5 && isHex(text[begin - 1]))
        --begin;
    const char before = byteBefore(text, begin);
    if (at - begin > 4 || isWord(before) || before == ':' || (isBeyondAscii(before) && isSpacedLetter(codePointBefore(text, begin).value)))
        return {};
    if (begin == at && byteAt(text, at + 1) != ':')
        return {};
    if ((before == '.' || before == '-') && isWord(byteBefore(text, begin, 2)))
        return {};
    const Groups groups = groupsFrom(text, begin);
    if (groups.isBroken || groups.end == 0)
        return {};
    const char after = byteAt(text, groups.end);
    if (isWord(after) || (after == ':' && byteAt(text, groups.end + 1) == ':') || (after == '.' && isDigit(byteAt(text, groups.end + 1))))
        return {};
    if (!groups.isShortened)
        return groups.count == 8 ? std::optional(Span {begin, groups.end}) : std::nullopt;
    if (groups.count > 8)
        return {};
    const std::string_view found = text.substr(begin, groups.end - begin);
    const bool isSpecial = found == "::1";
    if (!isSpecial && (!groups.hasDigit || (groups.count <= 2 && groups.longest < 3 && !groups.hasQuad)))
        return {};
    if (found.size() < 3 || found.starts_with("::") != (begin == at))
        return {};
    return Span {begin, groups.end};
}

std::optional<Span> find(const Place& place, std::size_t at)
{
    return place.text[at] == ':' ? findV6(place, at) : findV4(place, at);
}

std::string canonical(std::string_view value)
{
    std::string out(value);
    for (char& c : out)
        c = lower(c);
    return out;
}

}

const Detector& ip()
{
    static const Detector detector {"ip", "Internet addresses", "[IP]", "IPv4 and IPv6 addresses; version numbers are none.", "0:", 40, find, canonical};
    return detector;
}

}
