// SPDX-License-Identifier: GPL-3.0-or-later
#include "command_line.h"

#include "base/file.h"

#include <gtest/gtest.h>

namespace attune::cli {

using Bench = CommandLine;

TEST_F(Bench, DataPrintsEveryTaskAndLeavesNothingBehind)
{
    const auto answer = attune({"--json", "bench", "data", "--rows", "300", "--python", "/no/such/python"});

    ASSERT_EQ(answer.code, 0) << answer.err;
    const Json lines = answer.json();
    EXPECT_GE(lines.size(), 8u);
    for (const auto& line : lines) {
        EXPECT_GT(line["attune"].get<double>(), 0) << line;
        EXPECT_TRUE(line["peer_value"].is_null()) << "no peer is there: " << line;
    }
    EXPECT_TRUE(fs::is_empty(folder.path("workspace/cache/benchmark")));
    EXPECT_EQ(attune({"bench", "data", "--rows", "0"}).code, 2);
    EXPECT_EQ(attune({"bench", "dta"}).code, 2);
}

TEST_F(Bench, PackingFillsItsBins)
{
    const auto answer = attune({"--json", "bench", "packing", "--rows", "200000", "--python", "/no/such/python"});

    ASSERT_EQ(answer.code, 0) << answer.err;
    const Json lines = answer.json();
    ASSERT_EQ(lines.size(), 4u);
    for (const auto& line : lines) {
        EXPECT_TRUE(line["peer_value"].is_null()) << line;
        if (line["unit"] == "%") {
            EXPECT_GT(line["attune"].get<double>(), 99.5) << line;
            EXPECT_LE(line["attune"].get<double>(), 100.0) << line;
        }
    }
}

TEST_F(Bench, TokenizerTakesAnyModelAndRows)
{
    const auto rows = folder.write("rows.jsonl", "{\"question\": \"How many? Two.\", \"answer\": \"It is 2.\\n#### 2\"}\n");
    const auto answer = attune({"--json", "bench", "tokenizer", "-m", tests::sourceDir() + "/tests/golden/training/model", "--rows", rows, "--megabytes", "1", "--python", "/no/such/python"});

    ASSERT_EQ(answer.code, 0) << answer.err;
    for (const auto& line : answer.json())
        EXPECT_GT(line["attune"].get<double>(), 0) << line;
    EXPECT_TRUE(fs::is_empty(folder.path("workspace/cache/benchmark")));
    EXPECT_EQ(attune({"bench", "tokenizer", "-m", "/no/such/model"}).code, 4);
}

}
