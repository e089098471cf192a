// SPDX-License-Identifier: GPL-3.0-or-later
// Payment card numbers (ISO/IEC 7812): a known issuer range, its length, and the Luhn check digit.
#include "cleaner/pii_text.h"

#include <array>
#include <charconv>

namespace attune::cleaner::pii {
namespace {

struct Issuer {
    int first, last;  ///< the first four digits
    int shortest, longest;
};
constexpr std::array kIssuers {
    Issuer {4000, 4999, 13, 19},                                                             // Visa
    Issuer {5100, 5599, 16, 16}, Issuer {2221, 2720, 16, 16},                                // Mastercard
    Issuer {3400, 3499, 15, 15}, Issuer {3700, 3799, 15, 15},                                // American Express
    Issuer {6011, 6011, 16, 19}, Issuer {6440, 6599, 16, 19},                                // Discover
    Issuer {3000, 3059, 14, 19}, Issuer {3095, 3095, 14, 19}, Issuer {3600, 3699, 14, 19}, Issuer {3800, 3999, 14, 19},  // Diners Club
    Issuer {3528, 3589, 16, 19}, Issuer {6200, 6299, 16, 19}, Issuer {8100, 8171, 16, 19},   // JCB, UnionPay
    Issuer {2200, 2204, 16, 19}, Issuer {9792, 9792, 16, 16},                                // Mir, Troy
    Issuer {5018, 5018, 13, 19}, Issuer {5020, 5020, 13, 19}, Issuer {5038, 5038, 13, 19}, Issuer {5893, 5893, 13, 19}, Issuer {6304, 6304, 13, 19},
    Issuer {6759, 6759, 13, 19}, Issuer {6761, 6763, 13, 19},                                // Maestro
    Issuer {5060, 5089, 16, 19}, Issuer {6500, 6530, 16, 19}, Issuer {6060, 6069, 16, 16},   // Verve, RuPay, Elo, Hipercard
};

const WordList kFor {"card", "visa", "mastercard", "maestro", "kredit", "carte", "carta", "tarjeta", "cart\xC3\xA3o", "pan", "cc", "\xD0\xBA\xD0\xB0\xD1\x80\xD1\x82"};
const WordList kAgainst {"imei", "isbn", "ean", "gtin", "upc", "tracking", "iccid", "sku", "barcode", "siret"};

constexpr auto kShapes = std::to_array<std::string_view>({"4444", "465", "464", "44443", "4441", "44442"});

bool passesLuhn(std::string_view digits)
{
    int sum = 0;
    bool isDoubled = false;
    for (auto it = digits.rbegin(); it != digits.rend(); ++it, isDoubled = !isDoubled) {
        const int digit = (*it - '0') * (isDoubled ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

bool isIssued(std::string_view digits)
{
    int head = 0;
    std::from_chars(digits.data(), digits.data() + 4, head);
    const int size = static_cast<int>(digits.size());
    for (const Issuer& issuer : kIssuers)
        if (head >= issuer.first && head <= issuer.last && size >= issuer.shortest && size <= issuer.longest)
            return true;
    return false;
}

/// Runs of digits with the same separator between them.
struct Groups {
    std::string digits, shape;
    std::vector<std::size_t> ends;
    char separator = 0;
};

Groups groupsFrom(std::string_view text, std::size_t at)
{
    Groups groups;
    while (groups.ends.size() < 6) {
        std::size_t end = at;
        while (end < text.size() && isDigit(text[end]) && end - at < 20)
            ++end;
        groups.digits += text.substr(at, end - at);
        groups.shape += static_cast<char>('0' + std::min<std::size_t>(end - at, 40));
        groups.ends.push_back(end);
        const std::size_t separator = separatorAt(text, end, "-");
        if (separator == 0 || !isDigit(byteAt(text, end + separator)) || (groups.separator && groups.separator != text[end]) || groups.digits.size() > 19)
            break;
        groups.separator = text[end];
        at = end + separator;
    }
    return groups;
}

bool isFree(std::string_view text, std::size_t begin, std::size_t end)
{
    const char before = byteBefore(text, begin), after = byteAt(text, end);
    if (isWord(before) || isWord(after))
        return false;
    // A comma separates values ("card,4111…,2028") more often than it belongs to a number of this length.
    if ((before == '.' || before == '-' || before == '/' || before == '+') && isAlnum(byteBefore(text, begin, 2)))
        return false;
    return !((after == '.' || after == '-') && isDigit(byteAt(text, end + 1)));
}

std::optional<Span> find(const Place& place, std::size_t at)
{
    const std::string_view text = place.text;
    if (isWord(byteBefore(text, at)))
        return {};
    const Groups groups = groupsFrom(text, at);
    std::size_t count = 1;
    if (groups.ends[0] - at < 13) {
        count = 0;
        for (const std::string_view shape : kShapes)
            if (groups.shape.starts_with(shape))
                count = std::max(count, shape.size());
        // Groups of four before this one: the middle of a longer number.
        if (byteBefore(text, at) == ' ' && isDigit(byteBefore(text, at, 2)) && isDigit(byteBefore(text, at, 3)) && isDigit(byteBefore(text, at, 4)) && isDigit(byteBefore(text, at, 5)))
            return {};
    }
    std::size_t size = 0;
    for (; count > 0; --count) {
        size = 0;
        for (std::size_t g = 0; g < count; ++g)
            size += static_cast<std::size_t>(groups.shape[g] - '0');
        if (size < 13 || size > 19)
            return {};
        const std::string_view digits = std::string_view(groups.digits).substr(0, size);
        if (isIssued(digits) && passesLuhn(digits) && isFree(text, at, groups.ends[count - 1]))
            break;
    }
    if (count == 0)
        return {};
    const Context context = contextBefore(place, at, 32, kFor, kAgainst);
    // Thirteen digits are EANs, and long bare numbers identifiers, far more often than cards.
    const bool isUnusual = count == 1 && (size == 13 || size > 16);
    if (context == Context::Against || (isUnusual && context != Context::For))
        return {};
    return Span {at, groups.ends[count - 1]};
}

}

const Detector& card()
{
    static const Detector detector {"card", "Payment cards", "[CARD]", "Card numbers of the known issuers whose check digit (Luhn) is right.", "0", 60, find, onlyDigits};
    return detector;
}

}
