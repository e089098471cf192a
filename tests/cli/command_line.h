// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "cli/command.h"
#include "support/paths.h"

#include <gtest/gtest.h>

#include <sstream>

namespace attune::cli {

/// Runs commands in-process on a workspace of its own.
class CommandLine : public testing::Test
{
protected:
    struct Answer {
        int code = 0;
        std::string out, err;
        Json json() const { return parseJson(out).value_or(Json()); }
        Json error() const { return parseJson(err).value_or(Json())["error"]; }
    };

    Answer attune(std::vector<std::string> arguments, const std::string& input = {})
    {
        arguments.insert(arguments.begin(), {"--workspace", folder.path("workspace")});
        std::istringstream in(input);
        std::ostringstream out, err;
        Answer answer;
        answer.code = run(arguments, in, out, err);
        answer.out = out.str();
        answer.err = err.str();
        return answer;
    }

    tests::TempDir folder;
};

}
