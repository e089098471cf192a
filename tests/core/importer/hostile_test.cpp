// SPDX-License-Identifier: GPL-3.0-or-later
#include "importer/import.h"

#include "formats/compressed_writer.h"
#include "importer/preview.h"
#include "importer/source_dataset.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <random>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace attune::importer {
namespace {

constexpr std::int64_t kError = -1;
constexpr double kMostSeconds = 10;

/// A file that someone might drop: how it is made, and the rows it must give (kError: a clear error).
struct Hostile {
    std::string name;
    std::function<std::string()> make;
    std::int64_t rows = kError;
};
void PrintTo(const Hostile& file, std::ostream* out)
{
    *out << file.name;
}

std::string repeat(const std::string& text, int times)
{
    std::string out;
    for (int i = 0; i < times; ++i)
        out += text;
    return out;
}

std::string utf16(const std::string& ascii, bool bigEndian = false)
{
    std::string out = bigEndian ? "\xFE\xFF" : "\xFF\xFE";
    for (const char c : ascii)
        out += bigEndian ? std::string {'\0', c} : std::string {c, '\0'};
    return out;
}

std::string packed(const std::string& text, const std::string& kind)
{
    const tests::TempDir dir;
    auto out = formats::CompressedWriter::create(dir.path("packed"), kind);
    out->write(text);
    EXPECT_TRUE(out->commit());
    return *readFile(dir.path("packed"));
}

std::string noise(std::size_t bytes, unsigned seed)
{
    std::mt19937 random(seed);
    std::string out(bytes, '\0');
    for (char& c : out)
        c = static_cast<char>(random());
    return out;
}

const std::string kRow = "{\"a\":\"x\"}\n", kNul(1, '\0');

std::vector<Hostile> files()
{
    const auto is = [](const std::string& text) { return [text] { return text; }; };
    return {
        {"nothing.json", is("")}, {"bom_only.csv", is("\xEF\xBB\xBF")}, {"bom_and_spaces.jsonl", is("\xEF\xBB\xBF \r\n\t")}, {"utf16_bom_only.json", is("\xFE\xFF")}, {"one_newline.txt", is("\n")}, {"one_nul.jsonl", is(kNul)},
        {"one_brace.json", is("{")}, {"one_bracket.json", is("[")}, {"one_quote.json", is("\""), 1}, {"backslash.json", is("\\"), 1},
        {"bom_twice.jsonl", is("\xEF\xBB\xBF\xEF\xBB\xBF" + kRow + kRow), 1}, {"bom_in_the_middle.jsonl", is(kRow + "\xEF\xBB\xBF" + kRow + kRow), 2},
        {"utf16.jsonl", [] { return utf16(repeat(kRow, 100)); }, 100}, {"utf16_big.csv", [] { return utf16("a,b\n" + repeat("1,2\n", 50), true); }, 50}, {"utf16_cut.jsonl", [] { return utf16(repeat(kRow, 10)).substr(0, 171); }, 8},
        {"utf16_half_surrogate.jsonl", [] { return utf16("{\"a\":\"") + std::string("\x3D\xD8", 2) + utf16("\"}\n" + kRow).substr(2); }, 2},
        {"nul_lines.jsonl", [] { return kRow + repeat(kNul, 4096) + "\n" + kRow; }, 2}, {"nul_at_the_end.jsonl", [] { return repeat(kRow, 5) + repeat(kNul, 4096); }, 5}, {"nul_in_a_cell.csv", [] { return "a,b\n" + repeat("1,2\n", 40) + "x" + kNul + ",y\n" + repeat("3,4\n", 40); }, 81},
        {"cut_in_a_string.jsonl", is(kRow + "{\"a\":\"xyz"), 1}, {"cut_in_an_escape.jsonl", is(kRow + "{\"a\":\"\\u00"), 1}, {"cut_in_a_character.jsonl", is(kRow + "{\"a\":\"\xE2\x82"), 1}, {"cut_array.json", is("[{\"a\":1},{\"a\":2},{\"a\":"), 2},
        {"cut_csv.csv", is("a,b\n1,2\n3,\"4"), 1}, {"cut_in_the_header.zst", [] { return packed(kRow, "zstd").substr(0, 5); }},
        {"deep_arrays.json", [] { return repeat("[", 10'000) + repeat("]", 10'000); }}, {"deep_objects.json", [] { return repeat("{\"a\":", 10'000) + "1" + repeat("}", 10'000); }}, {"deep_line.jsonl", [] { return kRow + "{\"a\":" + repeat("[", 10'000) + repeat("]", 10'000) + "}\n" + kRow; }, 2},
        {"deep_in_columns.json", [] { return "{\"a\":[" + repeat("[", 10'000) + repeat("]", 10'000) + "],\"b\":[1]}"; }}, {"a_million_brackets.txt", [] { return repeat("[", 1'000'000); }},
        {"long_line.csv", [] { return "a,b\n1," + std::string(50'000'000, 'x') + "\n2,3\n"; }, 2}, {"long_number.jsonl", [] { return "{\"a\":" + std::string(1'000'000, '9') + "}\n" + kRow; }, 1}, {"long_key.jsonl", [] { return "{\"" + std::string(1'000'000, 'k') + "\":1}\n"; }, 1},
        {"long_element.json", [] { return "[{\"a\":\"" + std::string(50'000'000, 'x') + "\"},{\"a\":1}]"; }, 2}, {"many_columns.csv", [] { return repeat("c,", 50'000) + "c\n" + repeat("1,", 50'000) + "1\n"; }}, {"many_empty_lines.jsonl", [] { return repeat("\n", 2'000'000) + kRow; }, 1},
        {"mixed_schemas.jsonl", [] { return kRow + "{\"b\":{\"c\":[1,{\"d\":null}]}}\n{\"a\":[1,\"x\",null]}\n{\"a\":1e5}\n{\"a\":true}\n{\"a\":null}\n"; }, 6}, {"chat_and_alpaca.jsonl", [] { return "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}\n{\"instruction\":\"b\",\"output\":\"c\"}\n{\"messages\":\"no list\"}\n{\"messages\":[1,null,{\"role\":5}]}\n"; }, 4},
        {"json_in_csv.csv", is("a,b\n\"{\"\"x\"\": 1}\",2\n\"[1,2]\",3\n"), 2}, {"csv_in_jsonl.jsonl", [] { return repeat(kRow, 20) + "a,b,c\n1,2,3\n" + kRow; }, 21}, {"two_documents.json", is("{\"a\":1}\n{\"a\":2}\n"), 2},
        {"ragged.csv", [] { return "a,b,c\n" + repeat("1,2,3\n", 30) + "1\n1,2\n1,2,3,4\n" + repeat("4,5,6\n", 30); }, 60}, {"stray_quotes.csv", [] { return "a,b\n" + repeat("x\"y,\"z\"\n", 30); }, 30}, {"only_quotes.csv", [] { return repeat("\"", 100'001); }}, {"only_commas.csv", [] { return repeat(",,,\n", 100); }, 100},
        {"carriage_returns.csv", is("a,b\r1,2\r3,4\r5,6\r"), 3}, {"mixed_line_ends.jsonl", is("{\"a\":1}\r\n{\"a\":2}\n{\"a\":3}\r\n"), 3}, {"duplicate_headers.csv", is("id,name,name\n1,2,3\n"), 1}, {"same_headers.csv", is("a,a,a\n1,2,3\n"), 2}, {"quoted_newlines.csv", [] { return "a,b\n" + repeat("\"x\n\n\ny\",\"\n\"\n", 500); }, 500},
        {"picture.jsonl", [] { return "\x89PNG\r\n\x1A\n" + noise(5'000, 1); }}, {"jpeg.csv", [] { return "\xFF\xD8\xFF\xE0" + noise(5'000, 2); }}, {"noise.txt", [] { return noise(200'000, 3); }}, {"noise.json", [] { return "{" + noise(200'000, 4); }}, {"program.json", is("\x7F" "ELF" + repeat(kNul, 2'000))},
        {"sqlite.csv", is("SQLite format 3" + repeat(kNul, 500))}, {"zip.jsonl", [] { return "PK\x03\x04" + noise(2'000, 5); }}, {"pdf.md", [] { return "%PDF-1.7\n" + noise(5'000, 6); }}, {"gzip_in_gzip.gz", [] { return packed(packed(kRow, "gzip"), "gzip"); }},
        {"bomb.gz", [] { return packed(std::string(100'000'000, ' '), "gzip"); }}, {"long_zst.zst", [] { return packed(repeat(kRow, 500'000), "zstd"); }, 500'000},
        {"control_characters.jsonl", is("{\"a\":\"x\x01y\"}\n" + kRow), 1}, {"escaped_nul.jsonl", is("{\"a\":\"\\u0000\"}\n"), 1}, {"lone_surrogates.jsonl", is("{\"a\":\"\\udc00\\ud800\"}\n" + kRow), 1}, {"overlong.jsonl", is("{\"a\":\"\xC0\x80\"}\n" + repeat("{\"a\":\"\xC3\xA9\"}\n", 20)), 20},
        {"constructor_keys.jsonl", is("{\"__proto__\":{\"x\":1},\"constructor\":1,\"\":2,\"a\\u0000b\":3}\n"), 1}, {"same_key_twice.jsonl", is("{\"a\":1,\"a\":2}\n"), 1}, {"path_as_column.csv", is("../../etc/passwd,|rm -rf\n1,2\n"), 1}, {"formula.csv", is("a,b\n=1+2,@SUM(A1)\n"), 1},
        {"not_numbers.jsonl", is("{\"a\":NaN}\n{\"a\":Infinity}\n{\"a\":-}\n{\"a\":01}\n{\"a\":.5}\n" + kRow), 1}, {"single_quotes.jsonl", is("{'a':1}\n" + kRow), 1}, {"trailing_commas.jsonl", is("{\"a\":1,}\n{\"a\":[1,]}\n" + kRow), 1}, {"comments.json", is("// one\n[{\"a\":1} /* two */]"), 1},
    };
}

/// Imports a file whose rows do not fit on the "disk": a limit on the size of files.
bool failsClearlyOnAFullDisk()
{
    const tests::TempDir dir;
    const std::string path = dir.write("a.jsonl.gz", packed(repeat(kRow, 500'000), "gzip"));
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit {1'000'000, 1'000'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto header = importFiles({path}, dir.path("index"), {}, {});
    return !header && header.error().exitCode() == 5 && !header.error().hint.empty() && !SourceDataset::open("x", dir.path("index"));
}

class HostileFile : public testing::TestWithParam<Hostile>
{
};

}

TEST_P(HostileFile, GivesRowsOrAClearErrorSoon)
{
    const Hostile& hostile = GetParam();
    const tests::TempDir dir;
    const std::string path = dir.write(hostile.name, hostile.make());
    const auto begin = std::chrono::steady_clock::now();

    const auto header = importFiles({path}, dir.path("index"), {}, {});
    const auto preview = previewFile(path, {});

    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), kMostSeconds);
    if (hostile.rows == kError) {
        ASSERT_FALSE(header) << header->rows << " rows";
        EXPECT_EQ(header.error().exitCode(), 4);
        EXPECT_FALSE(header.error().hint.empty());
        return;
    }
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->rows, hostile.rows) << (header->problems.empty() ? "" : header->problems[0].message);
    EXPECT_EQ(header->skipped > 0, !header->problems.empty() && header->problems[0].line > 0) << "what is left out is listed";
    EXPECT_TRUE(preview) << preview.error().message;
    const auto data = SourceDataset::open("hostile", dir.path("index"));
    ASSERT_TRUE(data);
    for (std::int64_t row = 0; row < header->rows; row += std::max<std::int64_t>(1, header->rows / 100)) {
        EXPECT_TRUE((*data)->values(row));
        EXPECT_TRUE((*data)->record(row));
    }
}

INSTANTIATE_TEST_SUITE_P(Import, HostileFile, testing::ValuesIn(files()), [](const auto& file) {
    std::string name = file.param.name;
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
});

TEST(HostilePlace, GivesAClearErrorSoon)
{
    const tests::TempDir dir;
    fs::create_directories(dir.path("folder.jsonl"));
    fs::create_symlink(dir.path("b"), dir.path("a"));
    fs::create_symlink(dir.path("a"), dir.path("b"));
    fs::create_symlink(dir.path("nowhere"), dir.path("dangling.jsonl"));
    ASSERT_EQ(::mkfifo(dir.path("pipe.jsonl").c_str(), 0600), 0);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address {};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s", dir.path("socket").c_str());
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    for (const std::string& path : {dir.path("folder.jsonl"), dir.path("a"), dir.path("dangling.jsonl"), dir.path("pipe.jsonl"), dir.path("socket"), std::string("/dev/zero"), std::string("/proc/self/mem"), std::string(5000, 'x'), dir.path("no\nsuch"), std::string()}) {
        const auto header = importFiles({path}, dir.path("index"), {}, {});
        ASSERT_FALSE(header) << path;
        EXPECT_EQ(header.error().exitCode(), 4) << path << ": " << header.error().message;
        EXPECT_FALSE(previewFile(path, {})) << path;
    }
    ::close(listener);
}

TEST(HostilePlace, FollowsNoLinkLoopInAFolder)
{
    const tests::TempDir dir;
    fs::create_directories(dir.path("data/inner"));
    fs::create_directory_symlink(dir.path("data"), dir.path("data/inner/again"));
    std::ofstream(dir.path("data/inner/a.jsonl")) << kRow;

    const auto header = importFiles({dir.path("data")}, dir.path("index"), {}, {});

    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->rows, 1);
}

TEST(HostilePlace, SaysWhenAFileMayNotBeRead)
{
    const tests::TempDir dir;
    const std::string path = dir.write("secret.jsonl", kRow);
    fs::permissions(path, fs::perms::none);
    if (::access(path.c_str(), R_OK) == 0)
        GTEST_SKIP() << "this user may read everything";

    const auto header = importFiles({path}, dir.path("index"), {}, {});

    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, ErrorCode::FileUnreadable);
}

TEST(HostilePlace, LeavesNothingOfWorthWhenTheDiskIsFull)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own: its limit on file sizes is the disk
    EXPECT_EXIT(std::_Exit(failsClearlyOnAFullDisk() ? 0 : 1), testing::ExitedWithCode(0), "");
}

}
