// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace attune::formats {
namespace {

using Fields = std::vector<std::string>;

Fields fieldsOf(std::string_view record, char delimiter = ',')
{
    Fields all;
    CsvFields fields(record, delimiter);
    std::string_view field;
    std::string scratch;
    while (fields.next(field, scratch))
        all.emplace_back(field);
    return all;
}

std::vector<Fields> rowsOf(std::string_view text, CsvDialect dialect = {})
{
    std::vector<CsvRecord> records;
    scanCsvSlowly(text, 0, text.size(), dialect, records);
    std::vector<Fields> rows;
    for (const auto& record : records)
        rows.push_back(fieldsOf(text.substr(record.begin, record.length), dialect.delimiter));
    return rows;
}

/// Random text made of what CSV is about, well-formed or not.
std::string randomCsv(std::mt19937& generator, bool isRegular)
{
    std::string text;
    const int rows = static_cast<int>(generator() % 40);
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < 3; ++c) {
            std::string field;
            for (auto n = generator() % 30; n > 0; --n)
                field += "ab,\"\n\r x"[generator() % 8];
            if (c)
                text += ',';
            if (isRegular)
                appendCsvField(text, field, ',');
            else
                text += field;
        }
        text += generator() % 2 ? "\n" : "\r\n";
    }
    return text;
}

}

// The examples of RFC 4180, section 2.
TEST(Csv, ReadsTheRfcExamples)
{
    EXPECT_EQ(rowsOf("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n"), (std::vector<Fields> {{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
    EXPECT_EQ(rowsOf("aaa,bbb,ccc\r\nzzz,yyy,xxx"), (std::vector<Fields> {{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
    EXPECT_EQ(rowsOf("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx"), (std::vector<Fields> {{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
    EXPECT_EQ(rowsOf("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx"), (std::vector<Fields> {{"aaa", "b\r\nbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
    EXPECT_EQ(rowsOf("\"aaa\",\"b\"\"bb\",\"ccc\""), (std::vector<Fields> {{"aaa", "b\"bb", "ccc"}}));
}

TEST(Csv, KeepsEmptyFieldsAndSpaces)
{
    EXPECT_EQ(rowsOf(",\"\", a ,\n"), (std::vector<Fields> {{"", "", " a ", ""}}));
    EXPECT_EQ(rowsOf("a;b\n", {';', '\n'}), (std::vector<Fields> {{"a", "b"}}));
    EXPECT_EQ(rowsOf("a,b\rc,d\r", {',', '\r'}), (std::vector<Fields> {{"a", "b"}, {"c", "d"}}));
}

TEST(Csv, ReadsQuotesInTheWrongPlaceLiterally)
{
    EXPECT_EQ(rowsOf("5\" disk,x\n"), (std::vector<Fields> {{"5\" disk", "x"}}));
    EXPECT_EQ(rowsOf("\"a\"b,c\n"), (std::vector<Fields> {{"ab", "c"}}));
}

TEST(Csv, TellsARecordThatIsNotClosed)
{
    std::vector<CsvRecord> records;
    const std::string_view text = "a,b\n\"open,x\ny";
    scanCsvSlowly(text, 0, text.size(), {}, records);

    ASSERT_EQ(records.size(), 2u);
    EXPECT_TRUE(records[0].isClosed);
    EXPECT_FALSE(records[1].isClosed);
}

TEST(Csv, FastScanAgreesWithTheSlowOne)
{
    std::mt19937 generator(7);
    int compared = 0;
    for (int i = 0; i < 3000; ++i) {
        const std::string text = randomCsv(generator, i % 2 == 0);
        std::vector<CsvRecord> slow, fast;
        scanCsvSlowly(text, 0, text.size(), {}, slow);
        const auto piece = scanCsv(text, 0, text.size(), true, false, {}, fast);
        if (i % 2 == 0)
            ASSERT_TRUE(piece.isRegular) << testing::PrintToString(text);
        if (!piece.isRegular)
            continue;
        ++compared;
        ASSERT_EQ(slow.size(), fast.size()) << testing::PrintToString(text);
        for (std::size_t r = 0; r < slow.size(); ++r) {
            ASSERT_EQ(slow[r].begin, fast[r].begin) << testing::PrintToString(text);
            ASSERT_EQ(slow[r].length, fast[r].length) << testing::PrintToString(text);
            ASSERT_EQ(slow[r].fields, fast[r].fields) << testing::PrintToString(text);
        }
    }
    EXPECT_GT(compared, 1500);
}

TEST(Csv, FindsRecordsFromTheMiddle)
{
    std::mt19937 generator(11);
    for (int i = 0; i < 500; ++i) {
        const std::string text = randomCsv(generator, true);
        std::vector<CsvRecord> whole, parts;
        scanCsvSlowly(text, 0, text.size(), {}, whole);
        const std::uint64_t cut = text.empty() ? 0 : generator() % text.size();
        scanCsv(text, 0, cut, true, false, {}, parts);
        if (cut > 0)
            scanCsv(text, cut, text.size(), false, countQuotes(std::string_view(text).substr(0, cut)) % 2 == 1, {}, parts);
        // A record that begins exactly at the cut belongs to the second part only if the cut is a record start.
        const bool cutsAtStart = std::any_of(whole.begin(), whole.end(), [&](const auto& r) { return r.begin == cut; });
        if (cut > 0 && !cutsAtStart)
            ASSERT_EQ(parts.size(), whole.size()) << cut << testing::PrintToString(text);
    }
}

TEST(Csv, WritesFieldsThatReadBack)
{
    for (const std::string field : {"", "a", "a,b", "\"", "a\"b", "line\nline", "\r", " x "}) {
        std::string written;
        appendCsvField(written, field, ',');
        EXPECT_THAT(fieldsOf(written), testing::ElementsAre(field));
    }
}

TEST(Csv, KnowsCanonicalNumbers)
{
    for (const char* yes : {"0", "-1", "10", "0.5", "1e5", "2E-4", "-0.25"})
        EXPECT_TRUE(isCanonicalNumber(yes)) << yes;
    for (const char* no : {"", "007", "+1", " 1", "1.", ".5", "1e", "0x1", "nan", "1,5", "-"})
        EXPECT_FALSE(isCanonicalNumber(no)) << no;
}

}
