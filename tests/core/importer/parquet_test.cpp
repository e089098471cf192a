// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/parquet.h"

#include "base/file.h"
#include "importer/import.h"
#include "importer/preview.h"
#include "importer/source_dataset.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <sstream>

namespace attune::importer {
namespace {

using testing::HasSubstr;

std::string golden(const std::string& name)
{
    return tests::sourceDir() + "/tests/golden/parquet/" + name;
}

/// Arrow is optional: without its library only the error is tested.
class Parquet : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!fs::exists(tests::binaryDir() + "/lib/libattune_parquet.so"))
            GTEST_SKIP() << "built without Arrow";
    }
    Result<IndexHeader> import(const std::string& path) { return importFiles({path}, dir.path("index"), {}, {}); }
    std::shared_ptr<const SourceDataset> open() const { return *SourceDataset::open("test", dir.path("index")); }

    tests::TempDir dir;
};

std::vector<Json> expectedRows()
{
    std::vector<Json> rows;
    std::istringstream in(*readFile(golden("expected.jsonl")));
    for (std::string line; std::getline(in, line);)
        rows.push_back(*parseJson(line));
    return rows;
}

}

TEST_F(Parquet, ReadsWhatPyarrowWrote)
{
    const auto expected = expectedRows();
    for (const char* codec : {"snappy", "zstd", "gzip", "none"}) {
        const auto header = import(golden(codec + std::string(".parquet")));
        ASSERT_TRUE(header) << codec << ": " << header.error().message;
        ASSERT_EQ(header->rows, static_cast<std::int64_t>(expected.size()));
        EXPECT_EQ(header->skipped, 0);
        const auto data = open();
        for (std::int64_t row = 0; row < header->rows; ++row)
            EXPECT_EQ(*data->values(row), expected[static_cast<std::size_t>(row)]) << codec << " row " << row;
    }
}

TEST_F(Parquet, FindsConversationsInListsOfStructs)
{
    const auto header = import(golden("snappy.parquet"));

    ASSERT_TRUE(header);
    EXPECT_EQ(header->columns[0].role, ColumnRole::Messages);
    EXPECT_EQ(open()->record(3)->messages[0].role, "user");
    EXPECT_EQ(header->sources[0].layout.format, "jsonl") << "read from the rows written out";
}

TEST_F(Parquet, ShowsAPreview)
{
    const auto preview = previewFile(golden("zstd.parquet"), {});

    ASSERT_TRUE(preview) << preview.error().message;
    EXPECT_EQ(preview->format, "parquet");
    EXPECT_EQ(preview->rows, 12);
    EXPECT_EQ(preview->estimatedRows, 12);
    EXPECT_TRUE(preview->isWhole);
    EXPECT_EQ(preview->values[0]["label"], "red");
}

TEST_F(Parquet, AnswersDamagedFilesWithAnError)
{
    const std::string whole = *readFile(golden("zstd.parquet"));
    std::mt19937 random(7);
    int errors = 0;
    for (int i = 0; i < 400; ++i) {
        std::string bytes = whole;
        if (i % 4 == 0)
            bytes.resize(random() % whole.size());
        else
            for (int change = 0; change < 1 + i % 8; ++change)
                bytes[4 + random() % (bytes.size() - 4)] = static_cast<char>(random());
        const auto header = import(dir.write("damaged.parquet", bytes));
        errors += !header;
        if (!header) {
            EXPECT_EQ(header.error().exitCode(), 4) << header.error().message;
        }
    }
    EXPECT_GT(errors, 100);
    const auto cut = import(dir.write("cut.parquet", whole.substr(0, whole.size() / 2)));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::FileCorrupt);
    EXPECT_FALSE(import(dir.write("only.parquet", "PAR1")));
    EXPECT_FALSE(import(dir.write("ends.parquet", "PAR1PAR1")));
    EXPECT_FALSE(import(dir.write("huge.parquet", "PAR1" + std::string(40, 'x') + "\xFF\xFF\xFF\x7FPAR1")));
}

TEST_F(Parquet, StopsWhenAsked)
{
    std::stop_source stop;
    stop.request_stop();
    JobContext context;
    context.stop = stop.get_token();

    const auto header = importFiles({golden("snappy.parquet")}, dir.path("index"), {}, context);

    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, ErrorCode::Cancelled);
}

TEST(ParquetLibrary, SaysHowToGetItWhenItIsMissing)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own, in which the library is not open yet
    EXPECT_EXIT(
        {
            ::setenv("ATTUNE_PARQUET", "/nonexistent.so", 1);
            const tests::TempDir folder;
            const auto header = importFiles({golden("snappy.parquet")}, folder.path("index"), {}, {});
            const bool isClear = !header && header.error().code == ErrorCode::Unsupported && header.error().hint.find("deps.sh") != std::string::npos;
            std::_Exit(isClear ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
}

TEST(ParquetType, WidensToWhatAllValuesShare)
{
    using Kind = formats::ParquetType::Kind;
    const auto kindOf = [](const std::vector<Json>& values) {
        formats::ParquetType type;
        for (const auto& value : values)
            type.add(value);
        return type.kind;
    };
    EXPECT_EQ(kindOf({nullptr, 1, 2}), Kind::Integer);
    EXPECT_EQ(kindOf({1, 2.5}), Kind::Number);
    EXPECT_EQ(kindOf({2.5, 9007199254740993}), Kind::Json) << "a double would round it";
    EXPECT_EQ(kindOf({9007199254740993, 2.5}), Kind::Json);
    EXPECT_EQ(kindOf({"a", 1}), Kind::Json);
    EXPECT_EQ(kindOf({18446744073709551615u}), Kind::Json);
    EXPECT_EQ(kindOf({Json::object()}), Kind::Json);
    EXPECT_EQ(kindOf({Json::array(), Json {1}}), Kind::List);
    EXPECT_EQ(kindOf({nullptr}), Kind::Null);
    formats::ParquetType deep;
    Json nested = Json::array();
    for (int i = 0; i < 150; ++i)
        nested = Json::array({nested});
    deep.add(nested);
    EXPECT_TRUE(deep.isMixed());
}

}
