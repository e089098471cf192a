// SPDX-License-Identifier: GPL-3.0-or-later
// International bank account numbers (ISO 13616): a country of the registry, its length, and remainder 1 mod 97.
#include "cleaner/pii_text.h"

#include <array>

namespace attune::cleaner::pii {
namespace {

struct Country {
    std::string_view code;
    std::size_t length;
};
// SWIFT IBAN registry, release 99.
constexpr std::array kCountries {Country {"AD", 24}, Country {"AE", 23}, Country {"AL", 28}, Country {"AT", 20}, Country {"AZ", 28}, Country {"BA", 20}, Country {"BE", 16}, Country {"BG", 22},
    Country {"BH", 22}, Country {"BI", 27}, Country {"BR", 29}, Country {"BY", 28}, Country {"CH", 21}, Country {"CR", 22}, Country {"CY", 28}, Country {"CZ", 24}, Country {"DE", 22},
    Country {"DJ", 27}, Country {"DK", 18}, Country {"DO", 28}, Country {"EE", 20}, Country {"EG", 29}, Country {"ES", 24}, Country {"FI", 18}, Country {"FK", 18}, Country {"FO", 18},
    Country {"FR", 27}, Country {"GB", 22}, Country {"GE", 22}, Country {"GI", 23}, Country {"GL", 18}, Country {"GR", 27}, Country {"GT", 28}, Country {"HN", 28}, Country {"HR", 21},
    Country {"HU", 28}, Country {"IE", 22}, Country {"IL", 23}, Country {"IQ", 23}, Country {"IS", 26}, Country {"IT", 27}, Country {"JO", 30}, Country {"KW", 30}, Country {"KZ", 20},
    Country {"LB", 28}, Country {"LC", 32}, Country {"LI", 21}, Country {"LT", 20}, Country {"LU", 20}, Country {"LV", 21}, Country {"LY", 25}, Country {"MC", 27}, Country {"MD", 24},
    Country {"ME", 22}, Country {"MK", 19}, Country {"MN", 20}, Country {"MR", 27}, Country {"MT", 31}, Country {"MU", 30}, Country {"NI", 28}, Country {"NL", 18}, Country {"NO", 15},
    Country {"OM", 23}, Country {"PK", 24}, Country {"PL", 28}, Country {"PS", 29}, Country {"PT", 25}, Country {"QA", 29}, Country {"RO", 24}, Country {"RS", 22}, Country {"RU", 33},
    Country {"SA", 24}, Country {"SC", 31}, Country {"SD", 18}, Country {"SE", 24}, Country {"SI", 19}, Country {"SK", 24}, Country {"SM", 27}, Country {"SO", 23}, Country {"ST", 25},
    Country {"SV", 28}, Country {"TL", 23}, Country {"TN", 24}, Country {"TR", 26}, Country {"UA", 29}, Country {"VA", 22}, Country {"VG", 24}, Country {"XK", 20}, Country {"YE", 30}};

std::size_t lengthOf(char first, char second)
{
    for (const Country& country : kCountries)
        if (country.code[0] == first && country.code[1] == second)
            return country.length;
    return 0;
}

/// Remainder of the number that arises when letters become 10 … 35 and the first four characters move to the end.
int remainder(const std::string& iban)
{
    int rest = 0;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        const char c = iban[(i + 4) % iban.size()];
        rest = (isDigit(c) ? rest * 10 + (c - '0') : rest * 100 + (c - 'A' + 10)) % 97;
    }
    return rest;
}

std::optional<Span> find(const Place& place, std::size_t at)
{
    const std::string_view text = place.text;
    if (at < 2 || !isDigit(byteAt(text, at + 1)) || !isAlpha(text[at - 1]) || !isAlpha(text[at - 2]))
        return {};
    const std::size_t length = lengthOf(static_cast<char>(text[at - 2] & 0xDF), static_cast<char>(text[at - 1] & 0xDF));
    if (length == 0)
        return {};
    const std::size_t begin = at - 2;
    const bool isLabelled = begin >= 4 && onlyAlnum(text.substr(begin - 4, 4)) == "IBAN" && !isWord(byteBefore(text, begin, 5));
    if (isWord(byteBefore(text, begin)) && !isLabelled)
        return {};
    std::string iban;
    std::size_t end = begin;
    while (iban.size() < length) {
        const std::size_t separator = iban.size() >= 4 ? separatorAt(text, end, "-") : 0;
        const char c = byteAt(text, end + separator);
        if (!isAlnum(c))
            return {};
        iban += isLower(c) ? static_cast<char>(c - 32) : c;
        end += separator + 1;
    }
    if (isWord(byteAt(text, end)) || remainder(iban) != 1)
        return {};
    return Span {begin, end};
}

}

const Detector& iban()
{
    static const Detector detector {"iban", "Bank accounts (IBAN)", "[IBAN]", "International bank account numbers whose length and check digits (mod 97) are right.", "0", 70, find, onlyAlnum};
    return detector;
}

}
