// SPDX-License-Identifier: GPL-3.0-or-later
#include "command_line.h"

#include <gmock/gmock.h>

namespace attune::cli {
namespace {

using testing::HasSubstr;

class Usage : public CommandLine {};

TEST_F(Usage, NamesWhatIsWrongAndWhatWasMeant)
{
    struct Case { std::vector<std::string> arguments; const char* says; const char* hints; };
    for (const auto& c : std::vector<Case> {
             {{"frobnicate"}, "\"frobnicate\" is no command", "Known here"},
             {{"frobnicate", "-m", "x"}, "frobnicate", "Known here"},
             {{"modle", "list"}, "modle", "Did you mean model?"},
             {{"recipe", "chekc"}, "\"chekc\" is no command of recipe", "Did you mean check?"},
             {{"run"}, "attune run needs a command", "compare"},
             {{"run", "list", "--jsn"}, "--jsn is no flag of attune run list", "Did you mean --json?"},
             {{"run", "show"}, "RUN is missing", "attune run show --help"},
             {{"run", "show", "a", "b"}, "takes no \"b\"", "--help"},
             {{"run", "compare", "a"}, "at least 2", "--help"},
             {{"run", "metrics", "a", "--format", "cvs"}, "--format cannot be cvs", "csv"},
             {{"model", "fit", "x", "--batch-size"}, "--batch-size needs a value", "--help"},
         }) {
        auto arguments = c.arguments;
        arguments.insert(arguments.begin(), "--json");
        const auto answer = attune(arguments);
        EXPECT_EQ(answer.code, 2) << c.says;
        EXPECT_EQ(answer.out, "") << c.says;
        EXPECT_THAT(answer.error()["message"].get<std::string>(), HasSubstr(c.says));
        EXPECT_THAT(answer.error()["hint"].get<std::string>(), HasSubstr(c.hints)) << c.says;
        EXPECT_EQ(answer.error()["code"], "E-200");
    }
}

TEST_F(Usage, RefusesABadNameOfARunBeforeAnythingIsRead)
{
    const auto answer = attune({"--json", "run", "start", "nosuch.yaml", "--name", "a/b"});

    EXPECT_EQ(answer.code, 2);
    EXPECT_EQ(answer.out, "");
    EXPECT_THAT(answer.error()["message"].get<std::string>(), HasSubstr("a/b"));
}

TEST_F(Usage, SpeaksWordsWithoutJson)
{
    const auto answer = attune({"recipe", "chekc"});

    EXPECT_EQ(answer.code, 2);
    EXPECT_THAT(answer.err, HasSubstr("Did you mean check?"));
    EXPECT_FALSE(answer.err.starts_with("{"));
}

TEST_F(Usage, HelpsAtEveryLevel)
{
    for (const auto& arguments : std::vector<std::vector<std::string>> {{"--help"}, {"run", "--help"}, {"run", "metrics", "--help"}, {"recipe", "check", "-h"}}) {
        const auto answer = attune(arguments);
        EXPECT_EQ(answer.code, 0);
        EXPECT_GT(answer.out.size(), 80u);
    }
}

TEST_F(Usage, EveryCommandHasASummary)
{
    for (const Command* command : all())
        EXPECT_GT(command->summary.size(), 10u) << command->path;
}

}
}
