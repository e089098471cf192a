// SPDX-License-Identifier: GPL-3.0-or-later
// Telephone numbers: international ones (ITU-T E.164, numbering plans of E.164.1), and national ones where
// their grouping or the words before them say what they are.
#include "cleaner/pii_text.h"

#include <array>
#include <vector>

namespace attune::cleaner::pii {
namespace {

struct Plan {
    std::uint16_t code;
    std::uint8_t shortest, longest;  ///< digits behind the code
};
constexpr std::array kPlans {Plan {1, 10, 10}, Plan {7, 10, 10}, Plan {20, 8, 10}, Plan {27, 9, 9}, Plan {30, 10, 10}, Plan {31, 9, 9}, Plan {32, 8, 9}, Plan {33, 9, 9}, Plan {34, 9, 9}, Plan {36, 8, 9},
    Plan {39, 6, 11}, Plan {40, 9, 9}, Plan {41, 9, 9}, Plan {43, 7, 13}, Plan {44, 9, 10}, Plan {45, 8, 8}, Plan {46, 7, 10}, Plan {47, 8, 8}, Plan {48, 9, 9}, Plan {49, 6, 12}, Plan {51, 8, 9},
    Plan {52, 10, 11}, Plan {53, 8, 8}, Plan {54, 10, 11}, Plan {55, 10, 11}, Plan {56, 9, 9}, Plan {57, 8, 10}, Plan {58, 10, 10}, Plan {60, 8, 10}, Plan {61, 9, 9}, Plan {62, 8, 12}, Plan {63, 8, 10},
    Plan {64, 8, 10}, Plan {65, 8, 8}, Plan {66, 8, 9}, Plan {81, 9, 10}, Plan {82, 8, 10}, Plan {84, 8, 10}, Plan {86, 9, 11}, Plan {90, 10, 10}, Plan {91, 10, 10}, Plan {92, 9, 10}, Plan {93, 9, 9},
    Plan {94, 9, 9}, Plan {95, 7, 10}, Plan {98, 10, 10}, Plan {211, 9, 9}, Plan {212, 9, 9}, Plan {213, 8, 9}, Plan {216, 8, 8}, Plan {218, 9, 9}, Plan {220, 7, 7}, Plan {221, 9, 9}, Plan {222, 8, 8},
    Plan {223, 8, 8}, Plan {224, 9, 9}, Plan {225, 10, 10}, Plan {226, 8, 8}, Plan {227, 8, 8}, Plan {228, 8, 8}, Plan {229, 8, 10}, Plan {230, 7, 8}, Plan {231, 7, 9}, Plan {232, 8, 8}, Plan {233, 9, 9},
    Plan {234, 8, 10}, Plan {235, 8, 8}, Plan {236, 8, 8}, Plan {237, 9, 9}, Plan {238, 7, 7}, Plan {239, 7, 7}, Plan {240, 9, 9}, Plan {241, 7, 8}, Plan {242, 9, 9}, Plan {243, 9, 9}, Plan {244, 9, 9},
    Plan {245, 7, 9}, Plan {248, 7, 7}, Plan {249, 9, 9}, Plan {250, 9, 9}, Plan {251, 9, 9}, Plan {252, 7, 9}, Plan {253, 8, 8}, Plan {254, 9, 9}, Plan {255, 9, 9}, Plan {256, 9, 9}, Plan {257, 8, 8},
    Plan {258, 9, 9}, Plan {260, 9, 9}, Plan {261, 9, 9}, Plan {262, 9, 9}, Plan {263, 9, 9}, Plan {264, 9, 9}, Plan {265, 9, 9}, Plan {266, 8, 8}, Plan {267, 7, 8}, Plan {268, 8, 8}, Plan {269, 7, 7},
    Plan {290, 4, 5}, Plan {291, 7, 7}, Plan {297, 7, 7}, Plan {298, 6, 6}, Plan {299, 6, 6}, Plan {350, 8, 8}, Plan {351, 9, 9}, Plan {352, 6, 9}, Plan {353, 8, 9}, Plan {354, 7, 7}, Plan {355, 8, 9},
    Plan {356, 8, 8}, Plan {357, 8, 8}, Plan {358, 6, 11}, Plan {359, 8, 9}, Plan {370, 8, 8}, Plan {371, 8, 8}, Plan {372, 7, 8}, Plan {373, 8, 8}, Plan {374, 8, 8}, Plan {375, 9, 9}, Plan {376, 6, 9},
    Plan {377, 8, 9}, Plan {378, 6, 10}, Plan {380, 9, 9}, Plan {381, 8, 9}, Plan {382, 8, 8}, Plan {383, 8, 8}, Plan {385, 8, 9}, Plan {386, 8, 8}, Plan {387, 8, 8}, Plan {389, 8, 8}, Plan {420, 9, 9},
    Plan {421, 9, 9}, Plan {423, 7, 9}, Plan {500, 5, 5}, Plan {501, 7, 7}, Plan {502, 8, 8}, Plan {503, 8, 8}, Plan {504, 8, 8}, Plan {505, 8, 8}, Plan {506, 8, 8}, Plan {507, 7, 8}, Plan {508, 6, 6},
    Plan {509, 8, 8}, Plan {590, 9, 9}, Plan {591, 8, 8}, Plan {592, 7, 7}, Plan {593, 8, 9}, Plan {594, 9, 9}, Plan {595, 8, 9}, Plan {596, 9, 9}, Plan {597, 6, 7}, Plan {598, 8, 8}, Plan {599, 7, 8},
    Plan {670, 7, 8}, Plan {673, 7, 7}, Plan {674, 7, 7}, Plan {675, 7, 8}, Plan {676, 5, 7}, Plan {677, 5, 7}, Plan {678, 5, 7}, Plan {679, 7, 7}, Plan {680, 7, 7}, Plan {682, 5, 5}, Plan {685, 5, 7},
    Plan {687, 6, 6}, Plan {689, 8, 8}, Plan {691, 7, 7}, Plan {692, 7, 7}, Plan {800, 8, 8}, Plan {850, 8, 10}, Plan {852, 8, 8}, Plan {853, 8, 8}, Plan {855, 8, 9}, Plan {856, 8, 10}, Plan {880, 8, 10},
    Plan {886, 8, 9}, Plan {960, 7, 7}, Plan {961, 7, 8}, Plan {962, 8, 9}, Plan {963, 8, 9}, Plan {964, 8, 10}, Plan {965, 8, 8}, Plan {966, 8, 9}, Plan {967, 7, 9}, Plan {968, 8, 8}, Plan {970, 8, 9},
    Plan {971, 8, 9}, Plan {972, 8, 9}, Plan {973, 8, 8}, Plan {974, 8, 8}, Plan {975, 7, 8}, Plan {976, 8, 8}, Plan {977, 8, 10}, Plan {992, 9, 9}, Plan {993, 8, 8}, Plan {994, 9, 9}, Plan {995, 9, 9},
    Plan {996, 9, 9}, Plan {998, 9, 9}};

const WordList kFor {"tel", "tel.", "phone", "telephone", "call", "calling", "mobile", "mob", "cell", "fax", "whatsapp", "signal", "telegram", "text me", "text us", "can text", "sms", "dial", "ring", "hotline",
    "reach", "contact", "landline", "voicemail", "ph", "telefon", "handy", "mobil", "rufnummer", "ruf", "durchwahl", "anruf", "rufe", "rufen", "t\xC3\xA9l", "t\xC3\xA9l.", "t\xC3\xA9l\xC3\xA9phone", "portable",
    "appelez", "appeler", "appelle", "fixe", "tel\xC3\xA9" "fono", "telefono", "m\xC3\xB3vil", "movil", "celular", "ll\xC3\xA1m", "llama al", "telefone", "telem\xC3\xB3vel", "ligue", "ligar", "cellulare", "chiam",
    "telefoon", "bel", "mobiel", "telefonu", "kom\xC3\xB3rk", "zadzwo\xC5\x84", "\xD1\x82\xD0\xB5\xD0\xBB\xD0\xB5\xD1\x84\xD0\xBE\xD0\xBD", "\xD1\x82\xD0\xB5\xD0\xBB", "\xD0\xB7\xD0\xB2\xD0\xBE\xD0\xBD",
    "\xD0\xBC\xD0\xBE\xD0\xB1\xD0\xB8\xD0\xBB\xD1\x8C\xD0\xBD", "\xE7\x94\xB5\xE8\xAF\x9D", "\xE6\x89\x8B\xE6\x9C\xBA", "\xE9\x9B\xBB\xE8\xA9\xB1", "\xE6\x90\xBA\xE5\xB8\xAF", "\xEC\xA0\x84\xED\x99\x94",
    "\xED\x9C\xB4\xEB\x8C\x80", "\xD9\x87\xD8\xA7\xD8\xAA\xD9\x81", "\xD8\xAC\xD9\x88\xD8\xA7\xD9\x84", "\xE2\x98\x8E", "\xF0\x9F\x93\x9E", "\xF0\x9F\x93\xB1", "\xE0\xA4\xAB\xE0\xA5\x8B\xE0\xA4\xA8", "puhelin", "my number", "number is"};
const WordList kAgainst {"order", "invoice", "isbn", "issn", "sku", "part", "case", "ref", "reference", "ticket", "serial", "account", "acct", "konto", "kunden", "bestell", "auftrag",
    "rechnung", "commande", "facture", "pedido", "factura", "ordine", "fattura", "zam\xC3\xB3wieni", "faktur", "\xD0\xB7\xD0\xB0\xD0\xBA\xD0\xB0\xD0\xB7", "\xD1\x81\xD1\x87\xD1\x91\xD1\x82", "\xE8\xAE\xA2\xE5\x8D\x95",
    "\xE6\xB3\xA8\xE6\x96\x87", "id", "imei", "ean", "upc", "gtin", "tracking", "patent", "version", "model", "item", "artikel", "article", "policy", "licence", "license", "passport", "batch", "lot", "seed", "timestamp",
    "unix", "population", "einwohner", "dated", "date", "coordinates", "lat", "lon", "barcode", "customer id", "sequence", "transaction", "chapter", "verse", "bestellnummer", "matrikel"};

/// A number as it is written: groups of digits, where each ends, and what kind of separator follows.
struct Number {
    std::string digits;
    std::vector<std::size_t> sizes, ends;
    std::vector<char> gaps;  ///< before each group: 0 first, ' ' '-' '.' '/' or ')'
    std::vector<bool> isBracketed;
};

constexpr std::size_t kMostGroups = 8, kMostDigits = 17;

/// Bytes between two groups, 0 if the number ends; `gap` is what they are and `opens` whether a bracket opens.
std::size_t gapAt(std::string_view text, std::size_t at, bool isInBracket, char& gap, bool& opens)
{
    std::size_t i = at;
    gap = 0;
    opens = false;
    if (isInBracket) {
        if (byteAt(text, i) != ')')
            return 0;
        ++i;
        gap = ')';
    }
    for (int count = 0; count < 3; ++count) {
        const std::size_t size = separatorAt(text, i, "-./");
        if (size == 0)
            break;
        if (gap == 0 || gap == ' ' || gap == ')')
            gap = size > 1 ? (text[i + 1] == '\x80' && text[i + 2] == '\x91' ? '-' : ' ') : text[i];
        i += size;
    }
    // " / " and " - " are gaps, double spaces and ".." are not.
    const std::size_t separators = i - at - (isInBracket ? 1 : 0);
    if (separators == 2 && text[i - 1] == text[i - 2])
        return 0;
    if (byteAt(text, i) == '(' && isDigit(byteAt(text, i + 1))) {
        opens = true;
        ++i;
        gap = gap ? gap : ' ';
    }
    return i > at && isDigit(byteAt(text, i)) ? i - at : 0;
}

Number numberFrom(std::string_view text, std::size_t at, bool isBracketed)
{
    Number number;
    char gap = 0;
    while (number.sizes.size() < kMostGroups) {
        std::size_t end = at;
        while (isDigit(byteAt(text, end)) && end - at < 20)
            ++end;
        number.digits += text.substr(at, end - at);
        number.sizes.push_back(end - at);
        number.gaps.push_back(gap);
        number.isBracketed.push_back(isBracketed);
        bool opens = false;
        const bool closes = isBracketed && byteAt(text, end) == ')';
        number.ends.push_back(end);
        if (isBracketed && !closes) {  // "(555 …": not an area code in brackets
            number.isBracketed.back() = false;
            isBracketed = false;
        }
        const std::size_t size = gapAt(text, end, isBracketed, gap, opens);
        if (size == 0 || number.digits.size() > kMostDigits)
            break;
        at = end + size;
        isBracketed = opens;
    }
    return number;
}

const Plan* planOf(std::string_view digits)
{
    std::uint32_t code = 0;
    for (std::size_t n = 0; n < 3 && n < digits.size(); ++n) {
        code = code * 10 + static_cast<std::uint32_t>(digits[n] - '0');
        for (const Plan& plan : kPlans)
            if (plan.code == code)
                return &plan;
    }
    return nullptr;
}

std::size_t codeSize(const Plan& plan)
{
    return plan.code < 10 ? 1 : plan.code < 100 ? 2 : 3;
}

/// The first `count` groups of a number, with what its rules ask.
class Candidate
{
public:
    Candidate(const Number& number, std::size_t count)
        : m_number(number)
        , m_count(count)
    {
        std::size_t size = 0;
        for (std::size_t g = 0; g < count; ++g)
            size += number.sizes[g];
        m_digits = std::string_view(number.digits).substr(0, size);
    }

    std::size_t count() const { return m_count; }
    std::string_view digits() const { return m_digits; }
    std::size_t size(std::size_t group) const { return m_number.sizes[group]; }
    bool isShape(std::initializer_list<std::size_t> shape) const { return std::equal(shape.begin(), shape.end(), m_number.sizes.begin(), m_number.sizes.begin() + static_cast<std::ptrdiff_t>(m_count)); }
    bool startsBracketed() const { return m_number.isBracketed[0]; }
    /// "+49 (0)30": the bracketed nought is not dialled from abroad.
    std::string dialled() const
    {
        std::string out;
        std::size_t at = 0;
        for (std::size_t g = 0; g < m_count; at += m_number.sizes[g++])
            if (g == 0 || !(m_number.isBracketed[g] && m_number.sizes[g] == 1 && m_digits[at] == '0'))
                out += m_digits.substr(at, m_number.sizes[g]);
        return out;
    }

    bool isInternational(std::string_view digits) const
    {
        const Plan* plan = planOf(digits);
        if (!plan)
            return false;
        const std::string_view national = digits.substr(codeSize(*plan));
        if (national.size() < plan->shortest || national.size() > plan->longest)
            return false;
        return plan->code != 1 || national[0] >= '2';
    }

    /// North America: area code and exchange begin with 2 to 9, but numbers that people make up do not heed it.
    bool isNorthAmerican() const
    {
        const bool hasCode = m_digits.size() == 11 && m_digits[0] == '1';
        const std::string_view national = m_digits.substr(hasCode ? 1 : 0);
        if (national.size() != 10 || national[0] < '2' || mixesDots())
            return false;
        if (national[3] < '2' && m_number.gaps[m_count - 1] != '-')
            return false;
        return hasCode ? isShape({1, 3, 3, 4}) : isShape({3, 3, 4}) || (isShape({3, 7}) && startsBracketed());
    }

    /// A trunk nought, as in most of Europe, Asia and Oceania.
    bool isTrunk() const
    {
        const std::string_view d = m_digits;
        if (d.size() < 9 || d.size() > 12 || d[0] != '0' || d[1] == '0' || m_count < 2 || m_count > 5 || isDate())
            return false;
        if (size(0) == 1)
            return d.size() == 11 && (isShape({1, 3, 3, 2, 2}) || isShape({1, 3, 3, 4}));
        if (size(0) > 6 || (m_count == 5 && (d.size() != 10 || size(0) != 2 || m_number.sizes.size() > 5)))
            return false;
        for (std::size_t g = 1; g < m_count; ++g)
            if (size(g) < 2 || size(g) > 9)
                return false;
        if (isShape({3, 2, 4}))
            return false;  // the social security number of the United States
        // "06419/46574" may be a page of many, "0123.45678" a decimal: only the words before them tell.
        return m_count > 2 || (size(1) >= 5 && m_number.gaps[1] != '.' && (m_number.gaps[1] != '/' || size(0) < 5));
    }

    /// An area code in brackets: (11) 98765-4321, (495) 123-45-67.
    bool isBracketedArea() const
    {
        if (!startsBracketed() || m_count < 2 || size(0) < 2 || size(0) > 5 || m_digits.size() < 9 || m_digits.size() > 11)
            return false;
        const bool isYear = size(0) == 4 && (m_digits.starts_with("19") || m_digits.starts_with("20"));
        for (std::size_t g = 1; g < m_count; ++g)
            if (size(g) < 2 || size(g) > 8)
                return false;
        return !isYear;
    }

    bool isOtherNational() const
    {
        const std::string_view d = m_digits;
        if (d.size() == 11 && d[0] == '8')  // Russia and its neighbours
            return isShape({1, 3, 3, 2, 2}) || isShape({1, 3, 3, 4});
        if (d.size() == 11 && d[0] == '1' && d[1] >= '3')  // mobile, China
            return isShape({3, 4, 4});
        return d.size() == 11 && isShape({2, 5, 4}) && d[2] == '9';  // mobile, Brazil
    }

    /// "252.227-7013": paragraphs of a law are written so, numbers are not.
    bool mixesDots() const
    {
        std::size_t dots = 0;
        for (std::size_t g = 1; g < m_count; ++g)
            dots += m_number.gaps[g] == '.';
        return dots > 0 && dots + 1 < m_count;
    }

    /// Day, month and year at the front.
    bool isDate() const
    {
        if (m_count < 3)
            return false;
        const char gap = m_number.gaps[1];
        const bool isSame = gap == m_number.gaps[2] && (gap == '.' || gap == '/' || gap == '-');
        const bool hasYear = size(2) == 4 && size(0) <= 2 && size(1) <= 2;
        return isSame && (hasYear || (size(0) == 4 && size(1) == 2 && size(2) == 2));
    }

private:
    const Number& m_number;
    std::size_t m_count = 0;
    std::string_view m_digits;
};

/// Where the number begins: a plus sign or a bracket belongs to it. Nothing if the digits are part of something else.
struct Start {
    std::size_t begin = 0;
    bool hasPlus = false, isBracketed = false;
};
std::optional<Start> startOf(std::string_view text, std::size_t at)
{
    Start start {at, false, false};
    if (byteBefore(text, start.begin) == '(') {
        start.isBracketed = true;
        --start.begin;
    }
    if (byteBefore(text, start.begin) == '+') {
        start.hasPlus = true;
        --start.begin;
    } else if (start.isBracketed && byteBefore(text, at) == '+') {
        start.hasPlus = true;
    }
    const char before = byteBefore(text, start.begin), earlier = byteBefore(text, start.begin, 2);
    if (isWord(before) || before == '@' || before == '#' || before == '$' || before == '%' || before == '*' || before == '\\')
        return {};
    if (isBeyondAscii(before)) {
        const CodePoint code = codePointBefore(text, start.begin);
        if (isSpacedLetter(code.value) || code.value == 0x20AC || code.value == 0xA3)
            return {};
    }
    if (std::string_view(".,-+/)~=:").find(before) != std::string_view::npos && before != '\0') {
        const bool isJoined = before == ':' || before == '=' ? isDigit(earlier) : before == '.' || before == ',' || before == ')' ? isDigit(earlier) : isAlnum(earlier) || earlier == '.';
        if (isJoined)
            return {};
    }
    if (before == '-' && !start.hasPlus && earlier != ' ' && earlier != '\0')
        return {};
    if (before == ' ' && isDigit(earlier) && !start.hasPlus && !start.isBracketed)
        return {};
    return start;
}

/// "ext. 12", "x12" behind a number belong to it.
std::size_t extensionEnd(std::string_view text, std::size_t end)
{
    std::size_t at = end;
    while (byteAt(text, at) == ' ' || byteAt(text, at) == ',')
        ++at;
    std::size_t word = 0;
    for (const std::string_view name : {"extension", "ext.", "ext", "x"})
        if (word == 0 && text.substr(at).starts_with(name))
            word = name.size();
    if (word == 0)
        return end;
    at += word;
    while (byteAt(text, at) == ' ')
        ++at;
    std::size_t stop = at;
    while (isDigit(byteAt(text, stop)) && stop - at < 7)
        ++stop;
    return stop == at || stop - at > 6 || isWord(byteAt(text, stop)) ? end : stop;
}

/// Whether the groups end where the number does, or at least where a new word begins.
bool endsAt(std::string_view text, const Number& number, std::size_t count)
{
    const std::size_t end = number.ends[count - 1];
    const char after = byteAt(text, end);
    if (count < number.sizes.size())
        return number.gaps[count] == ' ' && !number.isBracketed[count];
    if (after == 'x' && isDigit(byteAt(text, end + 1)))
        return true;  // an extension
    if (isWord(after) || after == '%' || (isBeyondAscii(after) && isSpacedLetter(codePointAt(text, end).value)))
        return false;
    if ((after == '.' || after == ',' || after == ':' || after == '/') && isDigit(byteAt(text, end + 1)))
        return false;
    return !(after == '-' && isWord(byteAt(text, end + 1)));
}

bool isPhone(const Place& place, const Start& start, const Candidate& number, std::optional<Context>& context)
{
    const auto contextOf = [&] {
        if (!context)
            context = contextBefore(place, start.begin, 28, kFor, kAgainst);
        return *context;
    };
    const std::string dialled = number.dialled();
    if (start.hasPlus)
        return number.isInternational(dialled);
    if (number.size(0) >= 2 && dialled.starts_with("00") && dialled.size() > 9 && number.isInternational(std::string_view(dialled).substr(2)))
        return number.count() > 1 ? contextOf() != Context::Against : contextOf() == Context::For;
    if (number.count() > 1 && (number.isNorthAmerican() || number.isTrunk() || number.isBracketedArea() || number.isOtherNational()))
        return contextOf() != Context::Against;
    const std::size_t size = number.digits().size();
    const bool isYears = number.count() == 2 && number.size(0) == 4 && number.size(1) == 4 && (number.digits().starts_with("19") || number.digits().starts_with("20"));
    return size >= (number.count() > 1 ? 7 : 8) && size <= 12 && !number.isDate() && !isYears && contextOf() == Context::For;
}

std::optional<Span> find(const Place& place, std::size_t at)
{
    const std::string_view text = place.text;
    const auto start = startOf(text, at);
    if (!start)
        return {};
    const Number number = numberFrom(text, at, start->isBracketed);
    // "(555-123-4567)": the bracket is around the number, not part of it.
    Start begin = *start;
    if (begin.isBracketed && !number.isBracketed[0] && !begin.hasPlus) {
        begin.isBracketed = false;
        begin.begin = at;
    }
    std::optional<Context> context;
    for (std::size_t count = number.sizes.size(); count > 0; --count) {
        const Candidate candidate(number, count);
        if (candidate.digits().size() < 7)
            break;
        if (candidate.digits().size() <= 16 && endsAt(text, number, count) && isPhone(place, begin, candidate, context))
            return Span {begin.begin, extensionEnd(text, number.ends[count - 1])};
    }
    return {};
}

std::string canonical(std::string_view value)
{
    std::string digits = onlyDigits(value);
    return digits.starts_with("00") ? digits.substr(2) : digits;
}

}

const Detector& phone()
{
    static const Detector detector {"phone", "Telephone numbers", "[PHONE]", "International numbers, and national ones that their grouping or the words before them give away.", "0", 30, find, canonical};
    return detector;
}

}
