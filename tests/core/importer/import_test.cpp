// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/import.h"

#include "base/hash.h"
#include "formats/compressed_writer.h"
#include "importer/preview.h"
#include "importer/source_dataset.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace attune::importer {
namespace {

using testing::HasSubstr;
using tests::TempDir;

/// Imports texts under names and reads rows back.
class Import : public testing::Test
{
protected:
    Result<IndexHeader> importText(const std::string& name, const std::string& text, const ImportOptions& options = {})
    {
        return importFiles({dir.write(name, text)}, folder(), options, {});
    }
    std::string folder() const { return dir.path("index"); }
    std::shared_ptr<const SourceDataset> open() const { return *SourceDataset::open("test", folder()); }
    /// All rows as JSON, one a line.
    std::string rows() const
    {
        std::string all;
        const auto data = open();
        for (std::int64_t row = 0; row < data->rows(); ++row)
            all += toLine(data->values(row).value()) + "\n";
        return all;
    }
    static std::string utf16(const std::string& ascii, bool bigEndian, bool withMark)
    {
        std::string out = withMark ? (bigEndian ? "\xFE\xFF" : "\xFF\xFE") : "";
        for (const char c : ascii)
            out += bigEndian ? std::string {'\0', c} : std::string {c, '\0'};
        return out;
    }
    static std::string compressed(const TempDir& dir, const std::string& text, const std::string& kind)
    {
        auto out = formats::CompressedWriter::create(dir.path("packed"), kind);
        out->write(text);
        EXPECT_TRUE(out->commit());
        return *readFile(dir.path("packed"));
    }

    TempDir dir;
};

const std::string kTwoRows = "{\"q\": \"a\", \"n\": 1}\n{\"q\": \"b\\u00e9\\n\\ud83d\\ude42\", \"n\": 2.50}\n";

}

TEST_F(Import, ReadsJsonLines)
{
    const auto header = importText("a.jsonl", kTwoRows);

    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->rows, 2);
    EXPECT_EQ(header->skipped, 0);
    EXPECT_EQ(header->columns[0].type, "text");
    EXPECT_EQ(header->columns[1].type, "number");
    EXPECT_EQ(header->sources[0].hash, hash128(kTwoRows).hex());
    EXPECT_EQ(rows(), "{\"q\":\"a\",\"n\":1}\n{\"q\":\"bé\\n🙂\",\"n\":2.5}\n");
}

TEST_F(Import, GivesTheSameRowsWhateverTheFileIsCalled)
{
    ASSERT_TRUE(importText("picture.png", kTwoRows));

    EXPECT_EQ(open()->header().sources[0].layout.format, "jsonl");
}

TEST_F(Import, LeavesBrokenLinesOutAndSaysWhich)
{
    const auto header = importText("a.jsonl", "{\"q\": 1}\n{broken\n\n[1]\n{\"q\": \"\x01\"}\n{\"q\": 2}\n{\"q\": \"cut");

    ASSERT_TRUE(header);
    EXPECT_EQ(header->rows, 2);
    EXPECT_EQ(header->skipped, 4);
    ASSERT_EQ(header->problems.size(), 4u);
    EXPECT_EQ(header->problems[0].line, 2);
    EXPECT_EQ(header->problems[1].line, 4);
    EXPECT_THAT(header->problems[1].message, HasSubstr("object"));
    EXPECT_EQ(header->problems[3].line, 7);
}

TEST_F(Import, NumbersLinesAcrossChunks)
{
    std::string text;
    for (int i = 0; i < 60'000; ++i)
        text += fmt::format("{{\"i\": {}, \"t\": \"{}\"}}\n", i, std::string(100, 'x'));
    text += "{oops\n";
    text += "{\"i\": 60001}\n";

    const auto header = importText("a.jsonl", text);

    ASSERT_TRUE(header);
    EXPECT_EQ(header->rows, 60'001);
    ASSERT_EQ(header->problems.size(), 1u);
    EXPECT_EQ(header->problems[0].line, 60'001);
    EXPECT_EQ(open()->values(31'234)->at("i"), 31'234);
}

TEST_F(Import, ReadsJsonArraysAndTheirKin)
{
    for (const std::string text : {"[{\"q\": \"a\"}, {\"q\": \"b\"}]", "{\"data\": [{\"q\": \"a\"}, {\"q\": \"b\"}], \"version\": 1}", "{\"q\": [\"a\", \"b\"]}", "{\n \"q\": [\n  \"a\",\n  \"b\"\n ]\n}\n"}) {
        const auto header = importText("a.json", text);
        ASSERT_TRUE(header) << text << header.error().message;
        EXPECT_EQ(rows(), "{\"q\":\"a\"}\n{\"q\":\"b\"}\n") << text;
    }
}

TEST_F(Import, ReadsABareListOfTexts)
{
    ASSERT_TRUE(importText("a.json", "[\"one\", \"two\\n\"]"));

    EXPECT_EQ(rows(), "{\"text\":\"one\"}\n{\"text\":\"two\\n\"}\n");
}

TEST_F(Import, KeepsTheCompleteElementsOfACutArray)
{
    const auto header = importText("a.json", "[{\"q\": 1},\n {\"q\": 2},\n {\"q\": \"cu");

    ASSERT_TRUE(header);
    EXPECT_EQ(header->rows, 2);
    EXPECT_EQ(header->skipped, 1);
    EXPECT_EQ(header->problems[0].line, 3);
}

TEST_F(Import, ReadsCsvWithQuotedNewlines)
{
    const auto header = importText("a.csv", "id,text\r\n1,\"a\r\nb\"\r\n007,\"say \"\"hi\"\"\"\r\n2,\n");

    ASSERT_TRUE(header);
    EXPECT_EQ(rows(), "{\"id\":\"1\",\"text\":\"a\\r\\nb\"}\n{\"id\":\"007\",\"text\":\"say \\\"hi\\\"\"}\n{\"id\":\"2\",\"text\":\"\"}\n");
    EXPECT_EQ(header->columns[0].type, "text") << "007 is no number";
}

TEST_F(Import, ShowsCsvColumnsOfNumbersAsNumbers)
{
    const auto header = importText("a.csv", "x;y\n1;a\n2.5;b\n;c\n");

    ASSERT_TRUE(header);
    EXPECT_EQ(header->columns[0].type, "number");
    EXPECT_EQ(header->sources[0].layout.delimiter, ';');
}

TEST_F(Import, LeavesRaggedAndCutCsvRowsOut)
{
    const auto header = importText("a.csv", "a,b\n1,2\n1\n1,2,3\n4,5\n6,\"cut\nhere");

    ASSERT_TRUE(header);
    EXPECT_EQ(header->rows, 2);
    EXPECT_EQ(header->skipped, 3);
    EXPECT_EQ(header->problems[0].line, 3);
    EXPECT_EQ(header->problems[2].line, 6);
}

TEST_F(Import, ReadsOnBehindAStrayQuote)
{
    const auto header = importText("a.csv", "a,b\n1,2\n3,\"stray\n5,6\n7,8\n");

    ASSERT_TRUE(header);
    EXPECT_EQ(header->rows, 3);
    EXPECT_EQ(header->skipped, 1);
}

TEST_F(Import, ReadsLargeCsvWithQuotesInTheWrongPlace)
{
    std::string text = "a,b\n", expected;
    for (int i = 0; i < 200'000; ++i)
        text += i % 1000 == 7 ? fmt::format("5\" disk {},x\n", i) : fmt::format("\"row, {}\nnext\",y\n", i);

    const auto header = importText("a.csv", text);

    ASSERT_TRUE(header);
    EXPECT_EQ(header->rows, 200'000);
    EXPECT_EQ(header->skipped, 0);
    EXPECT_EQ(open()->values(100'007)->at("a"), "5\" disk 100007");
    EXPECT_EQ(open()->values(199'999)->at("a"), "row, 199999\nnext");
}

TEST_F(Import, SplitsTextAsAsked)
{
    const std::string text = "# Title\n\nFirst line\nsecond line \n\n\nLast";
    ASSERT_TRUE(importText("a.md", text));
    EXPECT_EQ(rows(), "{\"text\":\"# Title\"}\n{\"text\":\"First line\\nsecond line \"}\n{\"text\":\"Last\"}\n");
    ImportOptions options;
    options.split = "line";
    ASSERT_EQ(importText("a.txt", text, options)->rows, 4);
    options.split = "document";
    ASSERT_TRUE(importText("a.txt", text, options));
    EXPECT_EQ(open()->values(0)->at("text"), text);
}

TEST_F(Import, RepairsEncodings)
{
    const std::string csv = "text,label\nna\xEFve caf\xE9,x\n\x80 5,y\nplain,z\n";
    struct Case {
        std::string bytes, encoding;
    };
    for (const auto& [bytes, encoding] : {Case {"\xEF\xBB\xBF" + kTwoRows, "UTF-8 with byte order mark"}, Case {utf16(kTwoRows, false, true), "UTF-16 LE"}, Case {utf16(kTwoRows, true, true), "UTF-16 BE"},
             Case {utf16(kTwoRows, false, false), "UTF-16 LE"}, Case {kTwoRows, "UTF-8"}}) {
        const auto header = importText("a.jsonl", bytes);
        ASSERT_TRUE(header) << encoding << header.error().message;
        EXPECT_EQ(header->sources[0].encoding, encoding);
        EXPECT_EQ(header->columns[0].name, "q");
        EXPECT_EQ(open()->values(1)->at("q"), "bé\n🙂");
    }
    const auto header = importText("a.csv", csv);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->sources[0].encoding, "Windows-1252");
    EXPECT_EQ(header->sources[0].hash, hash128(csv).hex());
    EXPECT_EQ(open()->values(0)->at("text"), "naïve café");
    EXPECT_EQ(open()->values(1)->at("text"), "€ 5");
}

TEST_F(Import, LeavesSingleLinesThatAreNotUtf8Out)
{
    std::string text;
    for (int i = 0; i < 20; ++i)
        text += "{\"q\": \"żółć\"}\n";

    const auto header = importText("a.jsonl", text + "{\"q\": \"caf\xE9\"}\n");

    ASSERT_TRUE(header);
    EXPECT_EQ(header->rows, 20);
    EXPECT_EQ(header->skipped, 1);
    EXPECT_THAT(header->problems[0].message, HasSubstr("UTF-8"));
}

TEST_F(Import, ExpandsGzipAndZstd)
{
    for (const char* kind : {"gzip", "zstd"}) {
        const auto header = importText("a.jsonl.x", compressed(dir, kTwoRows, kind));
        ASSERT_TRUE(header) << kind << header.error().message;
        EXPECT_EQ(header->rows, 2);
        EXPECT_EQ(header->sources[0].compression, kind);
    }
}

TEST_F(Import, KeepsWhatCameBeforeACutInAGzipFile)
{
    std::string text;
    for (int i = 0; i < 20'000; ++i)
        text += fmt::format("{{\"i\": {}, \"h\": \"{}\"}}\n", i, hash128(std::to_string(i)).hex());
    const std::string packed = compressed(dir, text, "gzip");

    const auto header = importText("a.gz", packed.substr(0, packed.size() / 2));

    ASSERT_TRUE(header) << header.error().message;
    EXPECT_GT(header->rows, 5'000);
    EXPECT_LT(header->rows, 15'000);
    EXPECT_THAT(header->problems[0].message, HasSubstr("cut off"));
}

TEST_F(Import, JoinsSeveralFilesOfDifferentFormats)
{
    const auto header = importFiles({dir.write("1.jsonl", "{\"a\": \"x\"}\n"), dir.write("2.csv", "b,a\nB,A\n")}, folder(), {}, {});

    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(rows(), "{\"a\":\"x\"}\n{\"a\":\"A\",\"b\":\"B\"}\n");
}

TEST_F(Import, SaysWhenTheSourceChangedOrVanished)
{
    ASSERT_TRUE(importText("a.jsonl", kTwoRows));
    dir.write("a.jsonl", kTwoRows + kTwoRows);
    const auto changed = open()->values(0);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, ErrorCode::SourceChanged);
    EXPECT_EQ(changed.error().message, "The file " + dir.path("a.jsonl") + " of the dataset test has changed since it was imported.");
    EXPECT_EQ(changed.error().hint, "Put the old file back, or import it again with --replace.");

    fs::remove(dir.path("a.jsonl"));
    const auto vanished = open()->values(0);
    ASSERT_FALSE(vanished);
    EXPECT_EQ(vanished.error().code, ErrorCode::SourceChanged);
    EXPECT_EQ(vanished.error().message, "The file " + dir.path("a.jsonl") + " of the dataset test is gone.");
    EXPECT_EQ(vanished.error().hint, "Put it back, or import it from its new place with --replace.");

    dir.write("a.jsonl", kTwoRows);  // the same bytes again, at another time
    EXPECT_TRUE(open()->values(0));
}

TEST_F(Import, ReadsItsCopyWhenTheSourceIsGone)
{
    ImportOptions options;
    options.copy = true;
    ASSERT_TRUE(importText("a.jsonl", kTwoRows, options));
    fs::remove(dir.path("a.jsonl"));

    EXPECT_TRUE(open()->values(1));
}

TEST_F(Import, RefusesADamagedIndex)
{
    ASSERT_TRUE(importText("a.jsonl", kTwoRows));
    const std::string bytes = *readFile(folder() + "/index.bin");
    for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
        std::ofstream(folder() + "/index.bin", std::ios::binary) << bytes.substr(0, cut);
        EXPECT_FALSE(SourceDataset::open("test", folder())) << cut;
    }
}

TEST_F(Import, AnswersHostileFilesClearly)
{
    const std::string deep(10'000, '['), deepObject = [] {
        std::string text;
        for (int i = 0; i < 10'000; ++i)
            text += "{\"a\":";
        return text;
    }();
    struct Case {
        std::string name, bytes;
        bool isGood;
    };
    std::string manyRows;
    for (int i = 0; i < 100; ++i)
        manyRows += fmt::format("{},{}\n", i, i);
    std::string wide = "{";
    for (int i = 0; i < 20'000; ++i)
        wide += fmt::format("{}\"k{}\":1", i ? "," : "", i);
    wide += "}\n";
    std::string manyKeys;
    for (int i = 0; i < 5'000; ++i)
        manyKeys += fmt::format("{{\"k{}\":{}}}\n", i, i);
    const std::string nul(1, '\0');
    const std::vector<Case> cases {
        {"empty.jsonl", "", false}, {"bom.jsonl", "\xEF\xBB\xBF", false}, {"bom16.jsonl", "\xFF\xFE", false}, {"spaces.jsonl", " \n\t\r\n ", false},
        {"nul.jsonl", "{\"a\":1}\n" + nul + nul + "\n{\"a\":2}\n", true}, {"nuls.txt", std::string(5'000, '\0'), false}, {"nul-in-string.jsonl", "{\"a\":\"x" + nul + "y\"}\n{\"a\":\"z\"}\n", true},
        {"truncated.jsonl", "{\"a\":1}\n{\"a\":", true}, {"only-cut.jsonl", "{\"a\":", false}, {"deep.jsonl", deep + "\n{\"a\":1}\n", true}, {"deep-only.json", deep, false},
        {"deep-closed.json", "[" + deep + std::string(10'000, ']') + "]", false}, {"deep-object.json", deepObject, false}, {"deep-object.jsonl", deepObject + "\n{\"a\":2}\n", true},
        {"wide.jsonl", wide, true}, {"many-keys.jsonl", manyKeys, true}, {"mixed.jsonl", "{\"a\":1}\n{\"a\":\"x\"}\n{\"b\":[1]}\n{\"a\":{\"c\":1}}\n", true},
        {"scalars.jsonl", "1\n\"x\"\nnull\ntrue\n", false}, {"array-lines.jsonl", "[1,2]\n[3]\n", false}, {"number.json", "42", false}, {"string.json", "\"x\"", false}, {"null.json", "null", false},
        {"empty-array.json", "[]", false}, {"empty-object.json", "{}", false}, {"empty-objects.jsonl", "{}\n{}\n", false}, {"object.json", "{\"a\":1,\"b\":{\"c\":2}}", true}, {"numbers.json", "[1,2,3]", false},
        {"arrays.json", "[[1],[2]]", true}, {"trailing.json", "[{\"a\":1}] garbage", true}, {"no-comma.json", "[{\"a\":1} {\"a\":2}]", true}, {"commas.json", "[,,{\"a\":1},,]", true},
        {"bad-utf8.jsonl", "{\"a\":\"\xC3\x28 \xC3\xA9 \xC3\xA9 \xC3\xA9\"}\n{\"a\":\"\xC3\xA9\xC3\xA9\"}\n", true}, {"overlong.jsonl", "{\"a\":\"\xC0\xAF\"}\n", true}, {"surrogate.jsonl", "{\"a\":\"\\ud800\"}\n{\"a\":1}\n", true},
        {"huge-number.jsonl", "{\"a\":" + std::string(400, '9') + "}\n{\"a\":12345678901234567890123}\n", true}, {"exponent.jsonl", "{\"a\":1e400}\n{\"a\":1}\n", true}, {"nan.jsonl", "{\"a\":NaN}\n{\"a\":1}\n", true},
        {"duplicate-keys.jsonl", "{\"a\":1,\"a\":2}\n", true}, {"empty-key.jsonl", "{\"\":1}\n", true}, {"crlf.jsonl", "{\"a\":1}\r\n{\"a\":2}\r\n", true}, {"no-newline.jsonl", "{\"a\":1}", true},
        {"comment.jsonl", "// x\n{\"a\":1}\n", true}, {"pretty.json", "{\n\"a\":1\n}\n{\n\"a\":2\n}\n", false}, {"header-only.csv", "a,b\n", false}, {"one-column.csv", "text\nhello\nworld\n", true},
        {"ragged.csv", "a,b\n1\n1,2,3\n", false}, {"quote.csv", "\"", false}, {"quotes.csv", "a,b\n\"\"\"\"\"\"\"\n", false}, {"unclosed.csv", "a,b\n1,2\n\"x,y\n3,4\n", true}, {"blank-lines.csv", "a,b\n\n\n1,2\n\n", true},
        {"dup-header.csv", "a,a,\n1,2,3\n", true}, {"nul.csv", "a,b\n1," + nul + "\n2,3\n" + manyRows, true}, {"semicolon.csv", "a;b\n1;2\n", true}, {"tab.txt", "a\tb\n1\t2\n3\t4\n", true}, {"cr.csv", "a,b\r1,2\r3,4\r", true},
        {"png.jsonl", "\x89PNG\r\n\x1a\n" + nul + nul + nul + "\rIHDR" + std::string(200, '\x01'), false}, {"elf.csv", "\x7F" "ELF\x02\x01\x01" + std::string(300, '\0'), false},
        {"zip.json", "PK\x03\x04" + std::string(100, '\x02'), false}, {"pdf.txt", "%PDF-1.7\n%\x01\x02\x03\x04\n" + std::string(200, '\x03'), false}, {"parquet", "PAR1" + std::string(50, '\x04') + "PAR1", false},
        {"bad.gz", "\x1F\x8B\x08garbage", false}, {"bad.zst", "\x28\xB5\x2F\xFDgarbage", false}, {"prose.txt", "Dear all,\nthis is a letter, with commas.\nBye, me\n", true}, {"one.txt", "x", true},
        {"long.txt", std::string(3'000'000, 'x'), true}, {"utf16-odd.txt", "\xFF\xFE" "a" + nul + "b", true}, {"utf32.txt", std::string("\xFF\xFE\0\0a\0\0\0", 8), true},
    };
    ASSERT_GE(cases.size(), 60u);
    for (const auto& c : cases) {
        const auto header = importText(c.name, c.bytes);
        EXPECT_EQ(header.has_value(), c.isGood) << c.name << ": " << (header ? fmt::format("{} rows", header->rows) : header.error().message);
        if (header) {
            EXPECT_GT(header->rows, 0) << c.name;
            for (std::int64_t row = 0; row < std::min<std::int64_t>(header->rows, 5); ++row)
                EXPECT_TRUE(open()->values(row)) << c.name << row;
        } else {
            EXPECT_EQ(header.error().exitCode(), 4) << c.name;
            EXPECT_FALSE(header.error().hint.empty()) << c.name;
        }
        const auto preview = previewFile(dir.path(c.name), {});
        EXPECT_EQ(preview.has_value() && preview->rows > 0, c.isGood) << c.name << ": preview";
    }
}

TEST_F(Import, KeepsALineOfFiftyMegabytes)
{
    const std::string giant(50'000'000, 'y');

    const auto header = importText("a.jsonl", "{\"a\":\"x\"}\n{\"a\":\"" + giant + "\"}\n{\"a\":\"z\"}\n");

    ASSERT_TRUE(header);
    EXPECT_EQ(header->rows, 3);
    EXPECT_EQ(open()->values(1)->at("a").get<std::string>().size(), giant.size());
}

TEST_F(Import, NamesWhatCannotBeRead)
{
    EXPECT_EQ(importFiles({dir.path("nosuch.jsonl")}, folder(), {}, {}).error().code, ErrorCode::FileMissing);
    fs::create_directory(dir.path("empty"));
    EXPECT_EQ(importFiles({dir.path("empty")}, folder(), {}, {}).error().code, ErrorCode::DatasetEmpty);
    fs::create_symlink(dir.path("loop"), dir.path("loop"));
    EXPECT_EQ(importFiles({dir.path("loop")}, folder(), {}, {}).error().exitCode(), 4);
    EXPECT_EQ(importFiles({"/dev/null"}, folder(), {}, {}).error().exitCode(), 4);
    ImportOptions options;
    options.roles = {{"prompt", "nosuch"}};
    EXPECT_EQ(importText("a.jsonl", kTwoRows, options).error().code, ErrorCode::Usage);
}

TEST_F(Import, StopsWhenAsked)
{
    std::stop_source stop;
    stop.request_stop();
    JobContext context;
    context.stop = stop.get_token();

    const auto header = importFiles({dir.write("a.jsonl", kTwoRows)}, folder(), {}, context);

    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, ErrorCode::Cancelled);
}

TEST_F(Import, FindsTheSameRowsWithOneThreadAndWithMany)
{
    std::string text = "a,b\n";
    for (int i = 0; i < 100'000; ++i)
        text += fmt::format("{},\"line\n{}\"\n", i, std::string(static_cast<std::size_t>(i % 90), '"') + std::string(static_cast<std::size_t>(i % 90), '"'));
    ImportOptions one, four;
    one.threads = 1;
    four.threads = 4;
    ASSERT_TRUE(importText("a.csv", text, one));
    const std::string index = *readFile(folder() + "/index.bin");
    ASSERT_TRUE(importFiles({dir.path("a.csv")}, folder(), four, {}));

    EXPECT_EQ(*readFile(folder() + "/index.bin"), index);
}

TEST(Preview, ShowsTheStartOfALargeFile)
{
    const TempDir dir;
    std::string text;
    for (int i = 0; i < 100'000; ++i)
        text += fmt::format("{{\"instruction\": \"Add {} and {}\", \"input\": \"{}\", \"output\": \"{}\"}}\n", i, i, i % 2 ? "quickly" : "", 2 * i);
    const auto preview = previewFile(dir.write("big.jsonl", text), {});

    ASSERT_TRUE(preview) << preview.error().message;
    EXPECT_FALSE(preview->isWhole);
    EXPECT_EQ(preview->skipped, 0);
    EXPECT_EQ(preview->values.size(), 20u);
    EXPECT_NEAR(static_cast<double>(preview->estimatedRows), 100'000, 5'000);
    EXPECT_EQ(preview->roles.style, "alpaca");
    EXPECT_EQ(preview->records[1].prompt, "Add 1 and 1\n\nquickly");
    EXPECT_EQ(preview->records[1].completion, "2");
}

}
