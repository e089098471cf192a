// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/dataset_export.h"

#include "base/file.h"
#include "importer/import.h"
#include "importer/source_dataset.h"
#include "support/paths.h"

#include <gtest/gtest.h>

namespace attune::pipeline {
namespace {

class ParquetExport : public testing::Test
{
protected:
    void SetUp() override
    {
        if (!fs::exists(tests::binaryDir() + "/lib/libattune_parquet.so"))
            GTEST_SKIP() << "built without Arrow";
    }
    importer::DatasetPtr import(const std::string& path, const std::string& folder)
    {
        const auto header = importer::importFiles({path}, dir.path(folder), {}, {});
        EXPECT_TRUE(header) << header.error().message;
        return *importer::SourceDataset::open("test", dir.path(folder));
    }
    static std::string rows(const importer::Dataset& data)
    {
        std::string text;
        for (std::int64_t row = 0; row < data.rows(); ++row)
            text += toLine(*data.values(row)) + "\n";
        return text;
    }

    tests::TempDir dir;
};

}

TEST_F(ParquetExport, GivesTheSameRowsBack)
{
    // Conversations whose messages differ in their fields, values that are not there, nulls, several kinds in a column, nested lists.
    const std::string text =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Grüße 🙂\\n\\\"q\\\"\"},{\"role\":\"assistant\",\"content\":\"ok\",\"tool_calls\":[{\"name\":\"f\"}]}],\"n\":1,\"mixed\":\"x\",\"x\":0.1,\"empty\":{},\"tags\":null}\n"
        "{\"messages\":[],\"n\":null,\"mixed\":{\"a\":[1,\"b\"]},\"x\":1e300,\"empty\":{},\"tags\":[[\"a\"],[]]}\n"
        "{\"messages\":[{\"role\":\"user\",\"content\":\"\"}],\"n\":-5,\"mixed\":3,\"x\":-0.5,\"empty\":{\"k\":1},\"tags\":null,\"yes\":true,\"only\":[{\"p\":{\"q\":[1.5,2.0]}}]}\n";
    const auto first = import(dir.write("a.jsonl", text), "first");

    const auto report = exportDataset(*first, dir.path("a.parquet"), "columns", {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->rows, 3);
    EXPECT_GT(report->bytes, 100u);

    EXPECT_EQ(rows(*import(dir.path("a.parquet"), "second")), rows(*first));
}

TEST_F(ParquetExport, WritesStylesAndManyRowGroups)
{
    std::string text;
    for (int i = 0; i < 50'000; ++i)
        text += fmt::format("{{\"question\":\"What is {}?\",\"answer\":\"{}\"}}\n", i, i % 7 == 0 ? "" : std::to_string(i));
    const auto first = import(dir.write("a.jsonl", text), "first");
    ASSERT_TRUE(exportDataset(*first, dir.path("chat.parquet"), "messages", {}));
    ASSERT_TRUE(exportDataset(*first, dir.path("a.parquet"), "columns", {}));

    const auto chat = import(dir.path("chat.parquet"), "second");
    EXPECT_EQ(chat->rows(), 50'000);
    EXPECT_EQ(chat->columns()[0].role, importer::ColumnRole::Messages);
    EXPECT_EQ(chat->record(49'999)->messages[1].content, "49999");
    EXPECT_EQ(rows(*import(dir.path("a.parquet"), "third")), rows(*first));
}

TEST_F(ParquetExport, IsTheSameFileEachTime)
{
    const auto data = import(dir.write("a.csv", "a,b\n1,x\n2,y\n"), "first");
    ASSERT_TRUE(exportDataset(*data, dir.path("1.parquet"), "columns", {}));
    ASSERT_TRUE(exportDataset(*data, dir.path("2.parquet"), "columns", {}));

    EXPECT_EQ(*readFile(dir.path("1.parquet")), *readFile(dir.path("2.parquet")));
    EXPECT_EQ(rows(*import(dir.path("1.parquet"), "second")), rows(*data));
}

TEST_F(ParquetExport, RefusesWhatMakesNoSense)
{
    const auto data = import(dir.write("a.csv", "a,b\n1,x\n"), "first");

    EXPECT_EQ(exportDataset(*data, dir.path("a.parquet.gz"), "columns", {}).error().code, ErrorCode::Usage);
    EXPECT_EQ(exportDataset(*data, dir.path("a.parquet"), "messages", {}).error().code, ErrorCode::RoleMissing);
    EXPECT_EQ(exportDataset(*data, dir.path("no/such/a.parquet"), "columns", {}).error().exitCode(), 4);
    EXPECT_FALSE(fs::exists(dir.path("a.parquet")));
}

}
