// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attune::cleaner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

/// Rows of one or more columns, held in memory.
class Table : public RowSource
{
public:
    Table(std::vector<Column> columns, std::vector<std::vector<Json>> rows)
        : m_columns(std::move(columns))
        , m_rows(std::move(rows))
    {
    }
    std::int64_t rows() const override { return static_cast<std::int64_t>(m_rows.size()); }
    const std::vector<Column>& columns() const override { return m_columns; }
    Status read(std::int64_t row, Row& out) const override
    {
        out.reset(m_columns.size());
        for (std::size_t c = 0; c < m_columns.size(); ++c)
            importer::setCell(out, c, m_rows[static_cast<std::size_t>(row)][c]);
        return {};
    }

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<Json>> m_rows;
};

/// The rows behind a redact_pii step with these options, one JSON line a row.
std::vector<std::string> redacted(const Table& table, const Json& options)
{
    const auto chain = StepChain::prepare({Step {"redact_pii", options, true}}, table.columns());
    EXPECT_TRUE(chain) << chain.error().message;
    const auto result = runSteps(table, *chain, {});
    EXPECT_TRUE(result);
    std::vector<std::string> lines;
    Row row;
    for (const std::int64_t i : result->selection) {
        EXPECT_TRUE(table.read(i, row));
        chain->edit(row);
        Json values = Json::array();
        for (std::size_t c = 0; c < table.columns().size(); ++c)
            values.push_back(importer::toJson(row[c]));
        lines.push_back(toLine(values.size() == 1 ? values[0] : values));
    }
    return lines;
}

Table texts(const std::vector<std::string>& rows)
{
    std::vector<std::vector<Json>> cells;
    for (const auto& row : rows)
        cells.push_back({row});
    return Table({{"text", "text", importer::ColumnRole::Text}}, cells);
}

}

TEST(RedactPii, PutsTags)
{
    EXPECT_THAT(redacted(texts({"Mail bob@example.org or call +49 30 901820.", "nothing here", "pay 4111 1111 1111 1111"}), Json::object()),
        ElementsAre("\"Mail [EMAIL] or call [PHONE].\"", "\"nothing here\"", "\"pay [CARD]\""));
}

TEST(RedactPii, ReportsWhatItChanged)
{
    const Table table = texts({"a@b.de", "x", "10.0.0.1"});
    const auto chain = StepChain::prepare({Step {"redact_pii", {{"kinds", {"email"}}}, true}}, table.columns());

    const auto result = runSteps(table, *chain, {});

    ASSERT_TRUE(result);
    EXPECT_EQ(result->reports[0].changed, 1);
    EXPECT_EQ(result->reports[0].rowsOut, 3);
}

TEST(RedactPii, LooksIntoConversationsAndNestedFields)
{
    const Table table({{"messages", "list", importer::ColumnRole::Messages}, {"meta", "object", importer::ColumnRole::Ignore}},
        {{Json {{{"role", "user"}, {"content", "I am bob@example.org"}, {"n", 1}}}, Json {{"client", {{"ip", "10.0.0.1"}, {"phone", "5552345678"}}}, {"tags", {"a\nb@c.de", "x"}}}}});

    EXPECT_THAT(redacted(table, Json::object()),
        ElementsAre("[[{\"role\":\"user\",\"content\":\"I am [EMAIL]\",\"n\":1}],{\"client\":{\"ip\":\"[IP]\",\"phone\":\"[PHONE]\"},\"tags\":[\"a\\n[EMAIL]\",\"x\"]}]"));
}

TEST(RedactPii, WritesTheReplacementAskedFor)
{
    EXPECT_THAT(redacted(texts({"a@b.de 10.0.0.1"}), {{"replacement", "<{kind}|{KIND}>"}}), ElementsAre("\"<email|EMAIL> <ip|IP>\""));
    EXPECT_THAT(redacted(texts({"a@b.de"}), {{"replacement", "XXX"}}), ElementsAre("\"XXX\""));
}

TEST(RedactPii, GivesTheSameValueTheSamePseudonym)
{
    const auto lines = redacted(texts({"DE89 3704 0044 0532 0130 00 and Bob@Example.org", "DE89370400440532013000 and bob@example.org", "GB29NWBK60161331926819 and eve@example.org"}), {{"mode", "pseudonym"}, {"seed", 7}});

    EXPECT_THAT(lines[0], MatchesRegex("\"\\[IBAN_[0-9A-F]{8}\\] and \\[EMAIL_[0-9A-F]{8}\\]\""));
    EXPECT_EQ(lines[0], lines[1]);
    EXPECT_NE(lines[0], lines[2]);
    EXPECT_NE(redacted(texts({"bob@example.org"}), {{"mode", "pseudonym"}, {"seed", 8}}), redacted(texts({"bob@example.org"}), {{"mode", "pseudonym"}, {"seed", 7}}));
    EXPECT_EQ(redacted(texts({lines[0], lines[2]}), Json::object()).size(), 2u);
    EXPECT_THAT(redacted(texts({lines[0]}), Json::object())[0], HasSubstr("EMAIL_")) << "pseudonyms are not found again";
}

TEST(RedactPii, DropsRowsWhenAsked)
{
    EXPECT_THAT(redacted(texts({"a@b.de", "x", "10.0.0.1"}), {{"mode", "drop"}, {"kinds", {"email"}}}), ElementsAre("\"x\"", "\"10.0.0.1\""));
}

TEST(RedactPii, LeavesIgnoredValuesAndOtherColumns)
{
    const Table table({{"a", "text", importer::ColumnRole::Ignore}, {"b", "text", importer::ColumnRole::Ignore}}, {{"info@x.de bob@x.de 10.1.1.1", "bob@x.de"}});

    EXPECT_THAT(redacted(table, {{"columns", {"a"}}, {"ignore", {"INFO@x.de"}}, {"ignore_patterns", {"^10\\."}}}), ElementsAre("[\"info@x.de [EMAIL] 10.1.1.1\",\"bob@x.de\"]"));
}

TEST(RedactPii, SaysWhatIsWrong)
{
    const std::vector<Column> columns {{"text", "text", importer::ColumnRole::Text}};

    EXPECT_EQ(StepChain::prepare({Step {"redact_pii", {{"kinds", {"emial"}}}, true}}, columns).error().hint, "Did you mean \"email\"?");
    EXPECT_FALSE(StepChain::prepare({Step {"redact_pii", {{"columns", {"nosuch"}}}, true}}, columns));
    EXPECT_FALSE(StepChain::prepare({Step {"redact_pii", {{"kinds", {"name"}}}, true}}, columns)) << "names need a list";
    EXPECT_FALSE(StepChain::prepare({Step {"redact_pii", {{"ignore_patterns", {"("}}}, true}}, columns));
}

}
