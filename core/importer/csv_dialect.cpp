// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/csv_dialect.h"

#include "importer/text_rows.h"

#include <map>
#include <set>

namespace attune::importer {
namespace {

using formats::CsvRecord;

std::vector<std::string> fieldsOf(std::string_view text, const CsvRecord& record, char delimiter)
{
    std::vector<std::string> all;
    formats::CsvFields fields(text.substr(record.begin, record.length), delimiter);
    std::string_view field;
    std::string scratch;
    while (fields.next(field, scratch) && all.size() <= kMostColumns)
        all.emplace_back(field);
    return all;
}

/// Names are short, filled, different from each other and no numbers.
bool looksLikeHeader(const std::vector<std::string>& cells)
{
    std::set<std::string_view> seen;
    for (const auto& cell : cells)
        if (seen.insert(cell); cell.empty() || cell.size() > 80 || cell.find('\n') != std::string::npos || formats::isCanonicalNumber(cell))
            return false;
    // A name may stand twice ("id,name,name"); a row of repeated values is data.
    return !cells.empty() && seen.size() * 2 > cells.size();
}

std::vector<CsvRecord> recordsOf(const Head& head, formats::CsvDialect dialect)
{
    std::vector<CsvRecord> records;
    formats::scanCsvSlowly(head.text, 0, head.text.size(), dialect, records);
    if (!head.isWhole && records.size() > 1)
        records.pop_back();  // cut by the end of the head
    if (records.size() > 200)
        records.resize(200);
    return records;
}

CsvGuess guessWith(const Head& head, formats::CsvDialect dialect)
{
    CsvGuess guess;
    guess.dialect = dialect;
    const auto records = recordsOf(head, dialect);
    std::map<std::uint32_t, std::size_t> counts;
    for (const auto& record : records)
        ++counts[record.fields];
    std::size_t most = 0;
    for (const auto& [fields, count] : counts)
        if (count >= most) {
            most = count;
            guess.fields = fields;
        }
    guess.records = records.size();
    guess.agreement = records.empty() ? 0 : static_cast<double>(most) / static_cast<double>(records.size());
    guess.hasHeader = !records.empty() && looksLikeHeader(fieldsOf(head.text, records.front(), dialect.delimiter));
    return guess;
}

char lineEndOf(std::string_view text)
{
    return text.find('\n') == std::string_view::npos && text.find('\r') != std::string_view::npos ? '\r' : '\n';
}

/// In prose a comma is followed by a space; in data hardly ever.
bool looksLikeProse(const Head& head, char delimiter)
{
    std::size_t delimiters = 0, spaced = 0;
    for (std::size_t i = 0; i + 1 < head.text.size(); ++i)
        if (head.text[i] == delimiter) {
            ++delimiters;
            spaced += head.text[i + 1] == ' ';
        }
    return spaced * 2 > delimiters;
}

bool hasName(const Head& head, std::string_view extension)
{
    return head.fileName.ends_with(extension);
}

}

CsvGuess guessDialect(const Head& head, const ImportOptions& options)
{
    const char lineEnd = lineEndOf(head.text);
    CsvGuess best;
    best.dialect = {options.delimiter ? options.delimiter : ',', lineEnd};
    const std::string candidates = options.delimiter ? std::string(1, options.delimiter) : std::string(",\t;|");
    double bestScore = -1;
    for (const char delimiter : candidates) {
        const CsvGuess guess = guessWith(head, {delimiter, lineEnd});
        const double score = guess.fields < 2 ? 0 : guess.agreement + 0.01 * static_cast<double>(std::min<std::size_t>(guess.fields, 20));
        if (score > bestScore) {
            best = guess;
            bestScore = score;
        }
    }
    if (options.header != "auto")
        best.hasHeader = options.header == "yes";
    return best;
}

int csvLikelihood(const Head& head)
{
    if (head.text.empty() || !looksLikeText(head.text))
        return 0;
    const bool isNamed = hasName(head, ".csv") || hasName(head, ".tsv");
    const CsvGuess guess = guessDialect(head, {});
    if (guess.fields < 2)
        return isNamed && guess.records > 0 ? 35 : 0;
    if (isNamed)
        return guess.agreement > 0.5 ? 75 : 50;
    if (guess.records < 2 || guess.agreement < 0.9 || looksLikeProse(head, guess.dialect.delimiter))
        return 0;
    return guess.hasHeader && guess.records > 2 ? 70 : guess.records >= 5 ? 45 : 20;
}

std::vector<std::string> uniqueColumnNames(std::vector<std::string> names)
{
    std::set<std::string> taken;
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::string name = names[i].empty() ? fmt::format("column_{}", i + 1) : names[i];
        for (int n = 2; taken.contains(name); ++n)
            name = fmt::format("{}_{}", names[i].empty() ? fmt::format("column_{}", i + 1) : names[i], n);
        taken.insert(name);
        names[i] = name;
    }
    return names;
}

}
