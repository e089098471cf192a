// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

#include "base/file.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace attune {
namespace {

constexpr ErrorCode kCodes[] = {
#define ATTUNE_ERROR(number, name, kind, text) ErrorCode::name,
#include "base/error_codes.inc"
#undef ATTUNE_ERROR
};

TEST(ErrorCodes, AreAllInTheManual)
{
    const auto manual = readFile(tests::sourceDir() + "/packaging/MANUAL.md");
    ASSERT_TRUE(manual);
    for (const ErrorCode code : kCodes) {
        const std::string row = fmt::format("| E-{} | {} | {} |\n", static_cast<int>(code), exitCodeOf(kindOf(code)), descriptionOf(code));
        EXPECT_NE(manual->find(row), std::string::npos) << "packaging/MANUAL.md lacks this row: " << row;
    }
}

}
}
