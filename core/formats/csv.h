// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attune::formats {

/// Delimited text after RFC 4180: fields may be quoted with '"', a quote inside is doubled, quoted
/// fields hold delimiters and line ends. Beyond the RFC: any one-byte delimiter, \n, \r\n or (with
/// lineEnd '\r') old \r, and text behind a closing quote is appended as it stands.
struct CsvDialect {
    char delimiter = ',';
    char lineEnd = '\n';
};

/// Where a record lies and how many fields it has; blank lines are no records.
struct CsvRecord {
    std::uint64_t begin = 0;
    std::uint64_t length = 0;  ///< without the line end
    std::uint32_t fields = 0;
    bool isClosed = true;      ///< false: a quote was open when the text ended
};

/// Records whose first byte lies in [from, to), `from` being the start of a record. Returns where the
/// first record behind them begins (text.size() at the end). One byte at a time: always right.
std::uint64_t scanCsvSlowly(std::string_view text, std::uint64_t from, std::uint64_t to, CsvDialect dialect, std::vector<CsvRecord>& out);

/// What the fast scan of a piece found.
struct CsvPiece {
    std::uint64_t begin = 0;   ///< of its first record
    std::uint64_t end = 0;     ///< where the first record behind it begins
    bool isRegular = true;     ///< false: quotes stand where RFC 4180 has none; scan it slowly
};
/// The same 64 bytes at a time, from anywhere: `quoted` says whether `from` lies inside quotes (parity
/// of the quotes before it). Unless from is 0 or isRecordStart, records begin behind the next line end.
CsvPiece scanCsv(std::string_view text, std::uint64_t from, std::uint64_t to, bool isRecordStart, bool quoted,
    CsvDialect dialect, std::vector<CsvRecord>& out);

/// How many quotes the text holds.
std::uint64_t countQuotes(std::string_view text);

/// Reads the fields of one record one after the other.
class CsvFields
{
public:
    CsvFields(std::string_view record, char delimiter)
        : m_text(record)
        , m_delimiter(delimiter)
    {
    }
    /// The next field; false when there is none. The view points into the record, or into `scratch`
    /// when quotes had to be taken out.
    bool next(std::string_view& field, std::string& scratch);

private:
    bool quoted(std::string_view& field, std::string& scratch);
    std::string_view m_text;
    std::size_t m_at = 0;
    char m_delimiter;
    bool m_isDone = false;
};

/// The field as it is written: quoted only where it must be.
void appendCsvField(std::string& out, std::string_view field, char delimiter);
/// A number as JSON writes it, nothing else: no leading zeros, no '+', no spaces.
bool isCanonicalNumber(std::string_view text);

}
