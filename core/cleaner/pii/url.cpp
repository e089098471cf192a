// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses with a scheme (RFC 3986) that carry a password or a token.
#include "cleaner/pii_text.h"

#include <array>

namespace attune::cleaner::pii {
namespace {

constexpr std::size_t kMostBytes = 4096;

bool endsUrl(std::string_view text, std::size_t at)
{
    const char c = text[at];
    if (!isBeyondAscii(c))
        return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '<' || c == '>' || c == '`' || c == '\\' || c == '^' || c == 0x7F;
    const CodePoint code = codePointAt(text, at);
    return isUnspacedLetter(code.value) || (code.value >= 0x2000 && code.value <= 0x206F) || (code.value >= 0x3000 && code.value <= 0x303F) || (code.value >= 0xFF00 && code.value <= 0xFF65) || code.value == 0xA0;
}

std::size_t urlEnd(std::string_view text, std::size_t at)
{
    std::size_t end = at;
    int brackets = 0;
    while (end < text.size() && end - at < kMostBytes && !endsUrl(text, end)) {
        const char c = text[end];
        brackets += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
        if (brackets < 0 || c == '\'' || c == '|')
            break;
        ++end;
    }
    while (end > at && std::string_view(".,;:!?").find(text[end - 1]) != std::string_view::npos)
        --end;
    return end;
}

/// Something that stands where a secret would: ${PASSWORD}, <password>, ****.
bool isPlaceholder(std::string_view value)
{
    if (value.find_first_of("${}<>[]") != std::string_view::npos)
        return true;
    return value.size() > 2 && value.find_first_not_of(value.front()) == std::string_view::npos && !isDigit(value.front());
}

/// scheme://user:password@host
bool hasPassword(std::string_view authority)
{
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos || at + 1 == authority.size())
        return false;
    const auto colon = authority.find(':');
    if (colon >= at)
        return false;
    const std::string_view password = authority.substr(colon + 1, at - colon - 1);
    return !password.empty() && !isPlaceholder(password);
}

constexpr auto kSecrets = std::to_array<std::string_view>({"access_token", "api_key", "apikey", "api-key", "auth_token", "authtoken", "token", "password", "passwd", "pwd", "secret", "client_secret", "private_token",
    "refresh_token", "id_token", "session_token", "x-amz-signature", "x-amz-security-token", "sig", "signature"});

/// …?access_token=…
bool hasSecretParameter(std::string_view url)
{
    std::size_t at = url.find_first_of("?#");
    while (at != std::string_view::npos && at + 1 < url.size()) {
        const std::size_t next = url.find_first_of("&#;", at + 1);
        const std::string_view part = url.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
        at = next;
        const auto equals = part.find('=');
        if (equals == std::string_view::npos)
            continue;
        std::string name(part.substr(0, equals));
        for (char& c : name)
            c = lower(c);
        const std::string_view value = part.substr(equals + 1);
        const std::size_t least = name == "password" || name == "passwd" || name == "pwd" || name == "secret" ? 4 : 10;
        if (value.size() >= least && std::find(kSecrets.begin(), kSecrets.end(), name) != kSecrets.end() && !isPlaceholder(value))
            return true;
    }
    return false;
}

std::optional<Span> find(const Place& place, std::size_t at)
{
    const std::string_view text = place.text;
    if (byteAt(text, at + 1) != '/' || byteAt(text, at + 2) != '/')
        return {};
    std::size_t begin = at;
    while (begin > 0 && at - begin < 24 && (isAlnum(text[begin - 1]) || text[begin - 1] == '+' || text[begin - 1] == '.' || text[begin - 1] == '-'))
        --begin;
    while (begin < at && !isAlpha(text[begin]))
        ++begin;
    if (begin == at)
        return {};
    // A password may hold what ends other addresses, up to its "@".
    std::size_t authority = at + 3;
    while (authority < text.size() && authority - at < 300 && !endsUrl(text, authority) && std::string_view("/?#").find(text[authority]) == std::string_view::npos)
        ++authority;
    const auto host = text.substr(at + 3, authority - at - 3);
    const auto login = host.rfind('@');
    const std::size_t end = urlEnd(text, login == std::string_view::npos ? at + 3 : at + 3 + login + 1);
    if (end <= at + 3)
        return {};
    if (hasPassword(text.substr(at + 3, std::min(authority, end) - at - 3)))
        return Span {begin, end};
    // A key of a known provider in it is the find, then.
    if (hasSecretParameter(text.substr(begin, end - begin)))
        return Span {begin, end, -15};
    return {};
}

std::string canonical(std::string_view value)
{
    return std::string(value);
}

}

const Detector& url()
{
    static const Detector detector {"url", "Addresses with a password", "[URL]", "Web and database addresses that carry a password or a token.", ":", 90, find, canonical};
    return detector;
}

}
