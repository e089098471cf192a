// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/steps.h"

#include "cleaner/duplicates.h"
#include "cleaner/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::cleaner {
namespace {

using testing::ElementsAre;

/// Rows in memory.
class Rows : public RowSource
{
public:
    Rows(std::vector<Column> columns, std::vector<Json> values)
        : m_columns(std::move(columns))
        , m_values(std::move(values))
    {
    }
    std::int64_t rows() const override { return static_cast<std::int64_t>(m_values.size()); }
    const std::vector<Column>& columns() const override { return m_columns; }
    Status read(std::int64_t row, Row& out) const override
    {
        out.reset(m_columns.size());
        for (std::size_t c = 0; c < m_columns.size(); ++c)
            if (const auto it = m_values[static_cast<std::size_t>(row)].find(m_columns[c].name); it != m_values[static_cast<std::size_t>(row)].end())
                importer::setCell(out, c, *it);
        return {};
    }

private:
    std::vector<Column> m_columns;
    std::vector<Json> m_values;
};

Rows textRows(const std::vector<std::string>& texts)
{
    std::vector<Json> values;
    for (const auto& text : texts)
        values.push_back({{"t", text}});
    return Rows({{"t", "text", importer::ColumnRole::Text}}, values);
}

/// Runs steps.yaml over rows and gives back what is left, with the reports.
struct Outcome {
    std::vector<std::string> texts;
    std::vector<StepReport> reports;
};
Outcome run(const Rows& rows, const std::string& yaml)
{
    const auto steps = parseSteps(yaml);
    EXPECT_TRUE(steps) << steps.error().message;
    const auto chain = StepChain::prepare(*steps, rows.columns());
    EXPECT_TRUE(chain) << chain.error().message;
    auto result = runSteps(rows, *chain, {});
    EXPECT_TRUE(result);
    Outcome outcome;
    outcome.reports = result->reports;
    Row row;
    for (const std::int64_t number : result->selection) {
        EXPECT_TRUE(rows.read(number, row));
        chain->edit(row);
        outcome.texts.emplace_back(importer::plainText(row[0]));
    }
    return outcome;
}

std::vector<std::string> after(const std::vector<std::string>& texts, const std::string& step)
{
    return run(textRows(texts), "steps:\n  - " + step + "\n").texts;
}

}

TEST(Steps, DoWhatTheContractSays)
{
    EXPECT_THAT(after({" a b \n", "c", "\xC2\xA0x\xE3\x80\x80"}, "{type: trim}"), ElementsAre("a b", "c", "x"));
    EXPECT_THAT(after({" a \t\n b "}, "{type: collapse_whitespace}"), ElementsAre(" a b "));
    EXPECT_THAT(after({"e\xCC\x81", "\xEF\xAC\x81"}, "{type: normalize_unicode}"), ElementsAre("é", "\xEF\xAC\x81"));
    EXPECT_THAT(after({"\xEF\xAC\x81"}, "{type: normalize_unicode, form: NFKC}"), ElementsAre("fi"));
    EXPECT_THAT(after({"ÄB"}, "{type: lowercase}"), ElementsAre("äb"));
    EXPECT_THAT(after({"", " \t", "x"}, "{type: drop_empty}"), ElementsAre("x"));
    EXPECT_THAT(after({"äö", "äöü"}, "{type: drop_short, column: t, min_chars: 3}"), ElementsAre("äöü"));
    EXPECT_THAT(after({"äö", "äöü"}, "{type: drop_long, column: t, max_chars: 2}"), ElementsAre("äö"));
    EXPECT_THAT(after({"a1b22"}, "{type: regex_replace, column: t, pattern: '([0-9]+)', replacement: '<$1>'}"), ElementsAre("a<1>b<22>"));
    EXPECT_THAT(after({"yes", "no way"}, "{type: regex_drop, column: t, pattern: 'n.\\s'}"), ElementsAre("yes"));
    EXPECT_THAT(after({"a", "b", "a"}, "{type: dedupe}"), ElementsAre("a", "b"));
    EXPECT_THAT(after({"A  b", "a b", "c"}, "{type: dedupe, method: normalized}"), ElementsAre("A  b", "c"));
}

TEST(Steps, FilterByEveryCondition)
{
    const std::vector<std::string> texts {"2", "10", "b"};
    EXPECT_THAT(after(texts, "{type: filter, column: t, op: '==', value: 2.0}"), ElementsAre("2"));
    EXPECT_THAT(after(texts, "{type: filter, column: t, op: '!=', value: b}"), ElementsAre("2", "10"));
    EXPECT_THAT(after(texts, "{type: filter, column: t, op: '<', value: 10}"), ElementsAre("2"));
    EXPECT_THAT(after(texts, "{type: filter, column: t, op: in, value: [10, b]}"), ElementsAre("10", "b"));
    EXPECT_THAT(after(texts, "{type: filter, column: t, op: contains, value: 1}"), ElementsAre("10"));
    EXPECT_THAT(after(texts, "{type: filter, column: t, op: not_contains, value: 1}"), ElementsAre("2", "b"));
    EXPECT_THAT(after(texts, "{type: filter, column: t, op: matches, value: '^[0-9]+$'}"), ElementsAre("2", "10"));
}

TEST(Steps, RunInOrderAndCount)
{
    const auto outcome = run(textRows({" a ", "a", "", "bb"}),
        "steps:\n  - {type: trim}\n  - {type: drop_empty}\n  - {type: lowercase, enabled: false}\n  - {type: dedupe}\n  - {type: drop_long, column: t, max_chars: 1}\n");

    EXPECT_THAT(outcome.texts, ElementsAre("a"));
    ASSERT_EQ(outcome.reports.size(), 4u);
    EXPECT_EQ(outcome.reports[0].changed, 1);
    EXPECT_EQ(outcome.reports[1].rowsOut, 3);
    EXPECT_EQ(outcome.reports[2].rowsOut, 2) << "duplicates are looked for after trimming";
    EXPECT_EQ(outcome.reports[3].rowsOut, 1);
}

TEST(Steps, ShuffleAndSampleTheSameWayForASeed)
{
    std::vector<std::string> texts;
    for (int i = 0; i < 100; ++i)
        texts.push_back(std::to_string(i));

    const auto shuffled = after(texts, "{type: shuffle, seed: 1}");
    EXPECT_EQ(shuffled, after(texts, "{type: shuffle, seed: 1}"));
    EXPECT_NE(shuffled, after(texts, "{type: shuffle, seed: 2}"));
    EXPECT_THAT(shuffled, testing::UnorderedElementsAreArray(texts));
    const auto sampled = after(texts, "{type: sample, rows: 10, seed: 1}");
    EXPECT_EQ(sampled.size(), 10u);
    EXPECT_TRUE(std::is_sorted(sampled.begin(), sampled.end(), [](const auto& a, const auto& b) { return std::stoi(a) < std::stoi(b); }));
}

TEST(Steps, EditTheContentsOfConversations)
{
    const Rows rows({{"messages", "list", importer::ColumnRole::Messages}}, {{{"messages", Json::array({{{"role", "user"}, {"content", " Hi "}}})}}});

    EXPECT_THAT(run(rows, "steps: [{type: trim}, {type: lowercase}]").texts, ElementsAre("[{\"role\":\"user\",\"content\":\"hi\"}]"));
}

TEST(Steps, RenameAndDropColumnsForLaterSteps)
{
    const Rows rows({{"a", "text"}, {"b", "text"}}, {{{"a", "x"}, {"b", " y "}}});

    EXPECT_THAT(run(rows, "steps: [{type: drop_column, column: a}, {type: rename, from: b, to: c}, {type: trim, columns: [c]}]").texts, ElementsAre("y"));
}

TEST(Steps, SurviveAWriteAndARead)
{
    const auto steps = parseSteps("steps:\n  - {type: regex_replace, column: t, pattern: '\"[a]: #', replacement: \"x\\ny\"}\n  - {type: trim, enabled: false}\n  - {type: filter, column: t, value: '007'}\n");
    ASSERT_TRUE(steps) << steps.error().message;

    const auto again = parseSteps(toYaml(*steps));

    ASSERT_TRUE(again) << toYaml(*steps);
    ASSERT_EQ(again->size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ((*again)[i].options, (*steps)[i].options);
        EXPECT_EQ((*again)[i].isEnabled, (*steps)[i].isEnabled);
    }
}

TEST(Steps, NameTheMistakeAndTheNearestWord)
{
    const auto type = parseSteps("steps: [{type: trimm}]");
    ASSERT_FALSE(type);
    EXPECT_NE(type.error().hint.find("trim"), std::string::npos);
    for (const char* bad : {"steps: [{type: trim, colums: [t]}]", "steps: [{type: trim, columns: [x]}]", "steps: [{type: drop_short, column: t}]", "steps: [{type: regex_drop, column: t, pattern: '('}]",
             "steps: [{type: drop_short, column: t, min_tokens: 3}]", "steps: [{type: drop_column, column: t}]", "steps: [{type: filter, column: t, op: '~'}]"}) {
        const auto steps = parseSteps(bad);
        ASSERT_TRUE(steps) << bad;
        const auto chain = StepChain::prepare(*steps, {{"t", "text"}});
        ASSERT_FALSE(chain) << bad;
        EXPECT_EQ(chain.error().exitCode(), 4) << bad;
    }
    for (const char* bad : {"a: [b", "- x", "steps: 3", "42", "steps: [{}]", "a: &a [*a]"})
        EXPECT_FALSE(parseSteps(bad)) << bad;
    EXPECT_FALSE(parseSteps(std::string(50'000, '[')));
    EXPECT_FALSE(parseSteps("steps: [{type: trim, \"" + std::string(400, '\xC3') + "\": 1}]")) << "a key that could be written but not read again";
}

TEST(Steps, EndAPatternThatWouldRunForever)
{
    EXPECT_THAT(after({std::string(40, 'a') + "!"}, "{type: regex_drop, column: t, pattern: '^(a+)+$'}"), testing::SizeIs(1));
}

TEST(Duplicates, CompareAllColumnsExactly)
{
    const Rows rows({{"a", "text"}, {"b", "mixed"}},
        {{{"a", "x"}, {"b", ""}}, {{"a", "x"}, {"b", nullptr}}, {{"a", "x"}}, {{"a", "x"}, {"b", 1}}, {{"a", "x"}, {"b", 1.0}}, {{"a", "x"}, {"b", "1"}}, {{"a", "xy"}, {"b", ""}}, {{"a", "x"}, {"b", ""}}});

    const auto groups = findDuplicates(rows, {}, {});

    ASSERT_TRUE(groups);
    ASSERT_EQ(groups->size(), 3u);
    EXPECT_EQ((*groups)[0].keep, 0);
    EXPECT_THAT((*groups)[0].drop, ElementsAre(7));
    EXPECT_EQ((*groups)[1].keep, 1) << "null and absent are the same";
    EXPECT_THAT((*groups)[1].drop, ElementsAre(2));
    EXPECT_THAT((*groups)[2].drop, ElementsAre(4)) << "1 and 1.0 are one number";
}

TEST(Duplicates, KeepTheLongestWhenAsked)
{
    DuplicateOptions options;
    options.method = DuplicateMethod::Normalized;
    options.keep = Keep::Longest;

    const auto groups = findDuplicates(textRows({"A b", "a   b", "a b"}), options, {});

    ASSERT_EQ(groups->size(), 1u);
    EXPECT_EQ((*groups)[0].keep, 1);
    EXPECT_THAT((*groups)[0].drop, ElementsAre(0, 2));
}

TEST(ComparableText, FoldsWhatPeopleDoNotSee)
{
    EXPECT_EQ(comparableText("  \xEF\xBC\xA1\xC2\xA0 B\n"), "a b");
    EXPECT_EQ(comparableText("\xEF\xAC\x81n"), "fin");
    EXPECT_EQ(comparableText(" \t "), "");
    EXPECT_EQ(comparableText("STRASSE \xCE\xA3"), comparableText("strasse \xCF\x83"));
}

}
