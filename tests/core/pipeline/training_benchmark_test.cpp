// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/benchmark.h"

#include "support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::pipeline {

TEST(TrainingBenchmark, NamesTheRowThatIsWrongBeforeAnythingIsTrained)
{
    const tests::TempDir dir;
    const std::string good = "{\"question\":\"1+1?\",\"answer\":\"2\"}\n";
    const auto errorOf = [&](const std::string& rows) {
        BenchmarkOptions options;
        options.folder = dir.path("bench");
        options.rows = dir.write("rows.jsonl", rows);
        options.amount = 2;
        const auto lines = benchmarkTraining(options, {});
        EXPECT_FALSE(lines);
        return lines ? Error() : lines.error();
    };
    EXPECT_EQ(errorOf("").code, ErrorCode::DatasetEmpty);
    for (const char* bad : {"{broken", "[1]", "{\"question\":\"1+1?\"}", "{\"question\":\"1+1?\",\"answer\":2}"}) {
        const auto error = errorOf(good + bad);
        EXPECT_EQ(error.exitCode(), 4) << bad;
        EXPECT_THAT(error.where, testing::HasSubstr("line 2")) << bad;
    }
}

}
