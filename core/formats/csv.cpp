// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/csv.h"

#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace attune::formats {
namespace {

constexpr std::uint64_t kBlock = 64;

/// One bit per byte of a block of 64.
struct Masks {
    std::uint64_t quotes = 0, delimiters = 0, lineEnds = 0, returns = 0;
};

#ifdef __SSE2__
std::uint64_t equal(const __m128i (&block)[4], char c)
{
    const __m128i wanted = _mm_set1_epi8(c);
    std::uint64_t mask = 0;
    for (int i = 0; i < 4; ++i)
        mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(block[i], wanted)))) << (16 * i);
    return mask;
}
Masks masksOf(const char* p, CsvDialect dialect)
{
    __m128i block[4];
    for (int i = 0; i < 4; ++i)
        block[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
    return {equal(block, '"'), equal(block, dialect.delimiter), equal(block, dialect.lineEnd), equal(block, '\r')};
}
#else
Masks masksOf(const char* p, CsvDialect dialect)
{
    Masks m;
    for (std::uint64_t i = 0; i < kBlock; ++i) {
        m.quotes |= std::uint64_t(p[i] == '"') << i;
        m.delimiters |= std::uint64_t(p[i] == dialect.delimiter) << i;
        m.lineEnds |= std::uint64_t(p[i] == dialect.lineEnd) << i;
        m.returns |= std::uint64_t(p[i] == '\r') << i;
    }
    return m;
}
#endif

/// Bit i of the result: how many bits up to and including i are set, modulo two.
std::uint64_t prefixXor(std::uint64_t x)
{
    for (int shift = 1; shift < 64; shift *= 2)
        x ^= x << shift;
    return x;
}

/// Cuts the line end's '\r' and tells blank lines apart.
bool closeRecord(std::string_view text, std::uint64_t begin, std::uint64_t end, std::uint32_t fields, bool isClosed, std::vector<CsvRecord>& out)
{
    if (end > begin && text[end - 1] == '\r')
        --end;
    if (end == begin)
        return false;
    out.push_back({begin, end - begin, fields, isClosed});
    return true;
}

/// The fast scanner's state between blocks.
struct Scan {
    std::string_view text;
    CsvDialect dialect;
    std::vector<CsvRecord>& out;
    std::uint64_t to = 0;
    std::uint64_t quoted = 0;         // all ones inside quotes
    std::uint64_t mayOpen = 1;        // bit 0: a quote may open at the block's first byte
    std::uint64_t afterClose = 0;     // bit 0: the byte before closed a quote
    std::uint64_t begin = 0;
    std::uint32_t fields = 1;
    bool isInRecord = false, isRegular = true, isDone = false;

    void block(std::uint64_t at, const char* bytes, std::uint64_t valid)
    {
        Masks m = masksOf(bytes, dialect);
        m.quotes &= valid;
        const std::uint64_t inside = prefixXor(m.quotes) ^ quoted;
        const std::uint64_t opening = m.quotes & inside, closing = m.quotes & ~inside;
        const std::uint64_t ends = m.lineEnds & ~inside & valid;
        const std::uint64_t delimiters = m.delimiters & ~inside & valid;
        const std::uint64_t openers = delimiters | ends | closing;
        const bool badOpen = opening & ~((openers << 1) | mayOpen);
        const bool badClose = ((closing << 1) | afterClose) & ~(m.quotes | m.delimiters | m.lineEnds | m.returns) & valid;
        mayOpen = openers >> 63;
        afterClose = closing >> 63;
        quoted = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
        records(at, ends, delimiters);
        if ((badOpen || badClose) && isInRecord)
            isRegular = false;
    }

    void records(std::uint64_t at, std::uint64_t ends, std::uint64_t delimiters)
    {
        std::uint64_t counted = 0;  // bits of this block that belong to closed records
        while (ends) {
            const auto bit = static_cast<unsigned>(std::countr_zero(ends));
            const std::uint64_t upTo = (std::uint64_t(2) << bit) - 1;  // wraps to all ones at bit 63
            fields += static_cast<std::uint32_t>(std::popcount(delimiters & upTo & ~counted));
            if (isInRecord)
                closeRecord(text, begin, at + bit, fields, true, out);
            counted = upTo;
            fields = 1;
            begin = at + bit + 1;
            isInRecord = true;
            ends &= ends - 1;
            if (begin >= to) {
                isDone = true;
                return;
            }
        }
        fields += static_cast<std::uint32_t>(std::popcount(delimiters & ~counted));
    }
};

}

std::uint64_t countQuotes(std::string_view text)
{
    std::uint64_t count = 0, at = 0;
    for (; at + kBlock <= text.size(); at += kBlock)
        count += static_cast<std::uint64_t>(std::popcount(masksOf(text.data() + at, {}).quotes));
    for (; at < text.size(); ++at)
        count += text[at] == '"';
    return count;
}

CsvPiece scanCsv(std::string_view text, std::uint64_t from, std::uint64_t to, bool isRecordStart, bool quoted,
    CsvDialect dialect, std::vector<CsvRecord>& out)
{
    const std::size_t before = out.size();
    Scan scan {text, dialect, out, to};
    scan.quoted = quoted ? ~std::uint64_t(0) : 0;
    scan.begin = from;
    scan.isInRecord = isRecordStart;
    if (from > 0 && !isRecordStart)
        scan.mayOpen = ~std::uint64_t(0) >> 63;
    std::uint64_t at = from;
    for (; at + kBlock <= text.size() && !scan.isDone; at += kBlock)
        scan.block(at, text.data() + at, ~std::uint64_t(0));
    if (!scan.isDone && at < text.size()) {
        char padded[kBlock] = {};
        std::memcpy(padded, text.data() + at, text.size() - at);
        scan.block(at, padded, (std::uint64_t(1) << (text.size() - at)) - 1);
    }
    if (!scan.isDone) {
        // The text ends without a line end: the last record is what is left.
        if (scan.isInRecord && scan.begin < std::min<std::uint64_t>(to, text.size()))
            closeRecord(text, scan.begin, text.size(), scan.fields, scan.quoted == 0, out);
        scan.begin = text.size();
    }
    return {out.size() > before ? out[before].begin : scan.begin, scan.begin, scan.isRegular};
}

std::uint64_t scanCsvSlowly(std::string_view text, std::uint64_t from, std::uint64_t to, CsvDialect dialect, std::vector<CsvRecord>& out)
{
    enum class State { FieldStart, Plain, Quoted, QuoteInQuoted };
    std::uint64_t at = from;
    while (at < to && at < text.size()) {
        const std::uint64_t begin = at;
        State state = State::FieldStart;
        std::uint32_t fields = 1;
        for (; at < text.size(); ++at) {
            const char c = text[at];
            if (state == State::Quoted) {
                if (c == '"')
                    state = State::QuoteInQuoted;
                continue;
            }
            if (c == dialect.lineEnd)
                break;
            if (c == dialect.delimiter) {
                ++fields;
                state = State::FieldStart;
            } else if (c == '"' && state != State::Plain) {
                state = State::Quoted;  // a field's first quote, or the second of a doubled one
            } else {
                state = State::Plain;
            }
        }
        closeRecord(text, begin, at, fields, state != State::Quoted, out);
        ++at;
    }
    return std::min<std::uint64_t>(at, text.size());
}

bool CsvFields::next(std::string_view& field, std::string& scratch)
{
    if (m_isDone)
        return false;
    if (m_at < m_text.size() && m_text[m_at] == '"')
        return quoted(field, scratch);
    const void* found = m_at < m_text.size() ? std::memchr(m_text.data() + m_at, m_delimiter, m_text.size() - m_at) : nullptr;
    const std::size_t end = found ? static_cast<std::size_t>(static_cast<const char*>(found) - m_text.data()) : m_text.size();
    field = m_text.substr(m_at, end - m_at);
    m_at = end + 1;
    m_isDone = !found;
    return true;
}

bool CsvFields::quoted(std::string_view& field, std::string& scratch)
{
    const std::size_t begin = m_at + 1;
    std::size_t close = m_text.find('"', begin);
    const bool isSimple = close == std::string_view::npos || close + 1 >= m_text.size() || m_text[close + 1] == m_delimiter;
    if (isSimple) {
        field = m_text.substr(begin, close == std::string_view::npos ? close : close - begin);
        m_isDone = close == std::string_view::npos || close + 1 >= m_text.size();
        m_at = close + 2;
        return true;
    }
    scratch.clear();
    std::size_t from = begin;
    while (close != std::string_view::npos && close + 1 < m_text.size() && m_text[close + 1] == '"') {
        scratch.append(m_text, from, close + 1 - from);  // with one of the two quotes
        from = close + 2;
        close = m_text.find('"', from);
    }
    scratch.append(m_text, from, close == std::string_view::npos ? close : close - from);
    const std::size_t rest = close == std::string_view::npos ? m_text.size() : close + 1;
    std::size_t end = m_text.find(m_delimiter, rest);
    m_isDone = end == std::string_view::npos;
    end = m_isDone ? m_text.size() : end;
    // Text behind a closing quote is kept as it stands: `"a"b` is read as `ab`.
    scratch.append(m_text, rest, end - rest);
    m_at = end + 1;
    field = scratch;
    return true;
}

void appendCsvField(std::string& out, std::string_view field, char delimiter)
{
    const char special[] = {delimiter, '"', '\n', '\r'};
    if (field.find_first_of(std::string_view(special, sizeof special)) == std::string_view::npos) {
        out += field;
        return;
    }
    out += '"';
    for (const char c : field) {
        if (c == '"')
            out += '"';
        out += c;
    }
    out += '"';
}

bool isCanonicalNumber(std::string_view text)
{
    std::size_t i = 0;
    const auto digits = [&] {
        const std::size_t begin = i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9')
            ++i;
        return i - begin;
    };
    if (i < text.size() && text[i] == '-')
        ++i;
    const bool startsWithZero = i < text.size() && text[i] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (startsWithZero && whole > 1))
        return false;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (digits() == 0)
            return false;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-'))
            ++i;
        if (digits() == 0)
            return false;
    }
    return i == text.size();
}

}
