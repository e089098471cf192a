// SPDX-License-Identifier: GPL-3.0-or-later
// API keys and tokens, by the prefixes that their providers document; JSON web tokens (RFC 7519), private keys
// in PEM (RFC 7468).
#include "cleaner/pii_text.h"

#include <array>
#include <bitset>
#include <vector>

namespace attune::cleaner::pii {
namespace {

enum class Alphabet { Alnum, Base64Url, Hex, Upper };

bool isIn(Alphabet alphabet, char c)
{
    switch (alphabet) {
    case Alphabet::Alnum: return isAlnum(c);
    case Alphabet::Base64Url: return isWord(c) || c == '-';
    case Alphabet::Hex: return isDigit(c) || (c >= 'a' && c <= 'f');
    case Alphabet::Upper: return isUpper(c) || isDigit(c);
    }
    return false;
}

/// A prefix, and what must follow it: at least `least` characters, at most `most` (0: any number).
struct Rule {
    std::string_view prefix;
    Alphabet alphabet;
    std::size_t least, most;
    bool needsDigit = false;
};
constexpr auto kRules = std::to_array<Rule>({
    {"sk-proj-", Alphabet::Base64Url, 20, 0}, {"sk-svcacct-", Alphabet::Base64Url, 20, 0}, {"sk-admin-", Alphabet::Base64Url, 20, 0}, {"sk-None-", Alphabet::Base64Url, 20, 0},  // OpenAI
    {"sk-ant-", Alphabet::Base64Url, 20, 0},                                                              // Anthropic
    {"sk-or-", Alphabet::Base64Url, 20, 0}, {"sk-lf-", Alphabet::Base64Url, 20, 0}, {"sk-", Alphabet::Alnum, 20, 0, true},  // OpenRouter, Langfuse, OpenAI's older ones and their kin
    {"AKIA", Alphabet::Upper, 16, 16}, {"ASIA", Alphabet::Upper, 16, 16}, {"ABIA", Alphabet::Upper, 16, 16}, {"ACCA", Alphabet::Upper, 16, 16},  // Amazon
    {"ghp_", Alphabet::Alnum, 30, 0}, {"gho_", Alphabet::Alnum, 30, 0}, {"ghu_", Alphabet::Alnum, 30, 0}, {"ghs_", Alphabet::Alnum, 30, 0}, {"ghr_", Alphabet::Alnum, 30, 0}, {"github_pat_", Alphabet::Base64Url, 22, 0},  // GitHub
    {"glpat-", Alphabet::Base64Url, 18, 0}, {"gldt-", Alphabet::Base64Url, 18, 0}, {"glrt-", Alphabet::Base64Url, 18, 0}, {"glptt-", Alphabet::Base64Url, 18, 0}, {"glcbt-", Alphabet::Base64Url, 18, 0}, {"glft-", Alphabet::Base64Url, 18, 0},
    {"glsoat-", Alphabet::Base64Url, 18, 0}, {"glimt-", Alphabet::Base64Url, 18, 0}, {"glagent-", Alphabet::Base64Url, 18, 0}, {"gloas-", Alphabet::Base64Url, 18, 0},  // GitLab
    {"xoxb-", Alphabet::Base64Url, 20, 0, true}, {"xoxp-", Alphabet::Base64Url, 20, 0, true}, {"xoxa-", Alphabet::Base64Url, 20, 0, true}, {"xoxr-", Alphabet::Base64Url, 20, 0, true}, {"xoxs-", Alphabet::Base64Url, 20, 0, true},
    {"xoxe-", Alphabet::Base64Url, 20, 0, true}, {"xoxe.", Alphabet::Base64Url, 20, 0, true}, {"xoxc-", Alphabet::Base64Url, 20, 0, true}, {"xoxd-", Alphabet::Base64Url, 20, 0, true}, {"xapp-", Alphabet::Base64Url, 20, 0, true},  // Slack
    {"sk_live_", Alphabet::Alnum, 16, 0}, {"sk_test_", Alphabet::Alnum, 16, 0}, {"pk_live_", Alphabet::Alnum, 16, 0}, {"pk_test_", Alphabet::Alnum, 16, 0}, {"rk_live_", Alphabet::Alnum, 16, 0}, {"rk_test_", Alphabet::Alnum, 16, 0},
    {"whsec_", Alphabet::Alnum, 24, 0},                                                                   // Stripe
    {"AIza", Alphabet::Base64Url, 33, 37}, {"GOCSPX-", Alphabet::Base64Url, 24, 0}, {"ya29.", Alphabet::Base64Url, 30, 0},  // Google
    {"hf_", Alphabet::Alnum, 30, 0}, {"api_org_", Alphabet::Alnum, 30, 0},                                // Hugging Face
    {"npm_", Alphabet::Alnum, 36, 0}, {"pypi-", Alphabet::Base64Url, 60, 0},                              // package registries
    {"dop_v1_", Alphabet::Hex, 60, 0}, {"doo_v1_", Alphabet::Hex, 60, 0}, {"dor_v1_", Alphabet::Hex, 60, 0},  // DigitalOcean
    {"shpat_", Alphabet::Hex, 30, 0}, {"shpss_", Alphabet::Hex, 30, 0}, {"shpca_", Alphabet::Hex, 30, 0}, {"shppa_", Alphabet::Hex, 30, 0},  // Shopify
    {"gsk_", Alphabet::Alnum, 40, 0}, {"xai-", Alphabet::Alnum, 60, 0}, {"pplx-", Alphabet::Alnum, 40, 0}, {"r8_", Alphabet::Alnum, 35, 0}, {"nvapi-", Alphabet::Base64Url, 50, 0}, {"csk-", Alphabet::Alnum, 40, 0},  // Groq, xAI, Perplexity, Replicate, NVIDIA, Cerebras
    {"hvs.", Alphabet::Base64Url, 24, 0}, {"hvb.", Alphabet::Base64Url, 24, 0}, {"lin_api_", Alphabet::Alnum, 32, 0}, {"ntn_", Alphabet::Alnum, 40, 0}, {"figd_", Alphabet::Base64Url, 30, 0}, {"sbp_", Alphabet::Hex, 40, 0},
    {"PMAK-", Alphabet::Base64Url, 40, 0}, {"NRAK-", Alphabet::Upper, 26, 0}, {"glsa_", Alphabet::Base64Url, 32, 0}, {"glc_", Alphabet::Alnum, 32, 0}, {"sq0atp-", Alphabet::Base64Url, 22, 0}, {"sq0csp-", Alphabet::Base64Url, 40, 0},
    {"ATATT3", Alphabet::Base64Url, 50, 0}, {"tskey-", Alphabet::Base64Url, 20, 0, true}, {"dapi-", Alphabet::Hex, 32, 0}, {"dp.pt.", Alphabet::Alnum, 40, 0}, {"pat-na1-", Alphabet::Base64Url, 36, 0}, {"key-", Alphabet::Hex, 32, 32},
    {"EAACEdEose0cBA", Alphabet::Alnum, 20, 0}, {"AGE-SECRET-KEY-1", Alphabet::Upper, 50, 0},
});

constexpr std::string_view kAnchors = "_-.AJ:";

/// The rules by the byte of their prefix at which find() is called: the first that is rare in prose.
struct AnchoredRules {
    struct One {
        const Rule* rule;
        std::size_t offset;
    };
    std::vector<One> rules;
    std::bitset<256> before;  ///< bytes in front of the anchor with which a rule goes on
};
const std::array<AnchoredRules, 128>& anchoredRules()
{
    static const auto table = [] {
        std::array<AnchoredRules, 128> anchored;
        for (const Rule& rule : kRules) {
            const std::size_t offset = rule.prefix.find_first_of("_-.A");
            AnchoredRules& place = anchored[static_cast<std::size_t>(rule.prefix[offset])];
            place.rules.push_back({&rule, offset});
            if (offset > 0)
                place.before.set(static_cast<unsigned char>(rule.prefix[offset - 1]));
            else
                place.before.set();
        }
        return anchored;
    }();
    return table;
}

/// Made-up keys ("sk-xxxxxxxx") have few different characters; names have no digits and one case.
bool looksRandom(std::string_view value, bool needsDigit)
{
    std::bitset<128> seen;
    bool hasDigit = false, hasUpper = false;
    for (const char c : value) {
        seen.set(static_cast<std::size_t>(c & 0x7F));
        hasDigit |= isDigit(c);
        hasUpper |= isUpper(c);
    }
    return seen.count() >= 8 && (needsDigit ? hasDigit : hasDigit || hasUpper);
}

std::optional<Span> matchRule(const Rule& rule, std::string_view text, std::size_t begin)
{
    if (!text.substr(begin).starts_with(rule.prefix))
        return {};
    const std::size_t from = begin + rule.prefix.size();
    std::size_t end = from;
    while (end < text.size() && isIn(rule.alphabet, text[end]))
        ++end;
    if (end - from < rule.least || (rule.most && end - from > rule.most))
        return {};
    if (isWord(byteAt(text, end)) || !looksRandom(text.substr(from, end - from), rule.needsDigit))
        return {};
    return Span {begin, end};
}

std::size_t runOf(std::string_view text, std::size_t at, Alphabet alphabet)
{
    std::size_t end = at;
    while (end < text.size() && isIn(alphabet, text[end]))
        ++end;
    return end - at;
}

/// eyJ….eyJ….signature
std::optional<Span> findToken(std::string_view text, std::size_t at)
{
    if (at < 2 || text.substr(at - 2, 3) != "eyJ" || isWord(byteBefore(text, at - 2)))
        return {};
    const std::size_t begin = at - 2, header = runOf(text, begin, Alphabet::Base64Url);
    const std::size_t payloadAt = begin + header + 1;
    if (header < 12 || byteAt(text, begin + header) != '.')
        return {};
    const std::size_t payload = runOf(text, payloadAt, Alphabet::Base64Url);
    const std::size_t signatureAt = payloadAt + payload + 1;
    if (payload < 10 || byteAt(text, payloadAt + payload) != '.')
        return {};
    const std::size_t signature = runOf(text, signatureAt, Alphabet::Base64Url);
    return signature >= 10 ? std::optional(Span {begin, signatureAt + signature}) : std::nullopt;
}

/// SG.<22>.<43>
std::optional<Span> findSendGrid(std::string_view text, std::size_t at)
{
    if (at < 2 || text.substr(at - 2, 3) != "SG." || isWord(byteBefore(text, at - 2)))
        return {};
    const std::size_t id = runOf(text, at + 1, Alphabet::Base64Url);
    if (id < 16 || byteAt(text, at + 1 + id) != '.')
        return {};
    const std::size_t secret = runOf(text, at + 2 + id, Alphabet::Base64Url);
    return secret >= 16 ? std::optional(Span {at - 2, at + 2 + id + secret}) : std::nullopt;
}

/// Telegram's bots: 8 to 10 digits, a colon, AA and 33 more.
std::optional<Span> findBot(std::string_view text, std::size_t at)
{
    if (text.substr(at + 1, 2) != "AA")
        return {};
    std::size_t begin = at;
    while (begin > 0 && isDigit(text[begin - 1]) && at - begin < 11)
        --begin;
    const std::size_t secret = runOf(text, at + 1, Alphabet::Base64Url);
    const bool isBot = at - begin >= 8 && at - begin <= 10 && secret >= 33 && secret <= 36 && !isAlnum(byteBefore(text, begin));
    return isBot ? std::optional(Span {begin, at + 1 + secret}) : std::nullopt;
}

/// https://hooks.slack.com/services/T…/B…/…: whoever has the address may post.
std::optional<Span> findHook(std::string_view text, std::size_t at)
{
    constexpr std::string_view address = "https://hooks.slack.com/services/";
    constexpr std::size_t dot = 13;
    if (at < dot || text[at - 1] != 's' || text.substr(at - dot, address.size()) != address)
        return {};
    std::size_t end = at - dot + address.size();
    const std::size_t from = end;
    while (end < text.size() && (isAlnum(text[end]) || text[end] == '/'))
        ++end;
    return end - from >= 20 ? std::optional(Span {at - dot, end}) : std::nullopt;
}

/// aws_secret_access_key = <40 characters of base64>: nothing but the name tells it from other text.
std::optional<Span> findAmazonSecret(std::string_view text, std::size_t at)
{
    if (lower(byteAt(text, at + 1)) != 's' || lower(byteAt(text, at + 7)) != '_')
        return {};
    std::string name(text.substr(at, 18));
    for (char& c : name)
        c = lower(c);
    if (name != "_secret_access_key")
        return {};
    std::size_t begin = at + 18;
    while (begin < text.size() && begin - at < 26 && std::string_view(" \t\"'=:").find(text[begin]) != std::string_view::npos)
        ++begin;
    std::size_t end = begin;
    while (end < text.size() && (isAlnum(text[end]) || text[end] == '/' || text[end] == '+'))
        ++end;
    return end - begin == 40 && looksRandom(text.substr(begin, 40), false) ? std::optional(Span {begin, end}) : std::nullopt;
}

/// From -----BEGIN … PRIVATE KEY----- to its end line, or as far as the base64 goes when that is cut off.
std::optional<Span> findPrivateKey(std::string_view text, std::size_t at)
{
    constexpr std::string_view opening = "-----BEGIN ";
    constexpr std::size_t most = 20'000;
    if (byteAt(text, at + 1) != '-' || byteBefore(text, at) == '-' || !text.substr(at).starts_with(opening))
        return {};
    const std::size_t labelAt = at + opening.size(), labelEnd = text.find("-----", labelAt);
    if (labelEnd == std::string_view::npos || labelEnd - labelAt > 40 || text.substr(labelAt, labelEnd - labelAt).find("PRIVATE KEY") == std::string_view::npos)
        return {};
    const std::string_view rest = text.substr(labelEnd + 5, most);
    if (const auto closing = rest.find("-----END "); closing != std::string_view::npos)
        if (const auto last = rest.find("-----", closing + 9); last != std::string_view::npos && last - closing < 60)
            return Span {at, labelEnd + 5 + last + 5};
    std::size_t end = labelEnd + 5;
    while (end < text.size() && end - labelEnd < most && (isAlnum(text[end]) || std::string_view("+/=\r\n\\").find(text[end]) != std::string_view::npos))
        ++end;
    return Span {at, end};
}

std::optional<Span> findSpecial(std::string_view text, std::size_t at)
{
    switch (text[at]) {
    case 'J': return findToken(text, at);
    case ':': return findBot(text, at);
    case '-': return findPrivateKey(text, at);
    case '_': return findAmazonSecret(text, at);
    case '.': {
        const auto mail = findSendGrid(text, at);
        return mail ? mail : findHook(text, at);
    }
    default: return {};
    }
}

std::optional<Span> find(const Place& place, std::size_t at)
{
    const std::string_view text = place.text;
    if (const auto special = findSpecial(text, at))
        return special;
    const AnchoredRules& anchored = anchoredRules()[static_cast<std::size_t>(text[at])];
    if (!anchored.before.test(static_cast<unsigned char>(byteBefore(text, at))))
        return {};
    for (const auto& [rule, offset] : anchored.rules) {
        if (at < offset || text[at - offset] != rule->prefix[0])
            continue;
        const std::size_t begin = at - offset;
        const char before = byteBefore(text, begin);
        if (isWord(before) || before == '-')
            continue;
        if (const auto span = matchRule(*rule, text, begin))
            return span;
    }
    return {};
}

std::string canonical(std::string_view value)
{
    return std::string(value);
}

}

const Detector& key()
{
    static const Detector detector {"key", "Keys and tokens", "[KEY]", "API keys and tokens of the big providers, JSON web tokens, private keys.", kAnchors, 80, find, canonical};
    return detector;
}

}
