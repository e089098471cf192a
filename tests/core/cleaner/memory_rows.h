// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/steps.h"

#include <gtest/gtest.h>

namespace attune::cleaner {

/// Rows in memory.
class MemoryRows : public RowSource
{
public:
    MemoryRows(std::vector<Column> columns, std::vector<Json> values)
        : m_columns(std::move(columns))
        , m_values(std::move(values))
    {
    }
    /// One column of text named "t".
    static MemoryRows ofTexts(const std::vector<std::string>& texts)
    {
        std::vector<Json> values;
        for (const auto& text : texts)
            values.push_back({{"t", text}});
        return MemoryRows({{"t", "text", importer::ColumnRole::Text}}, values);
    }
    /// One column of conversations named "m".
    static MemoryRows ofConversations(const std::vector<Json>& conversations)
    {
        std::vector<Json> values;
        for (const auto& messages : conversations)
            values.push_back({{"m", messages}});
        return MemoryRows({{"m", "list", importer::ColumnRole::Messages}}, values);
    }
    std::int64_t rows() const override { return static_cast<std::int64_t>(m_values.size()); }
    const std::vector<Column>& columns() const override { return m_columns; }
    Status read(std::int64_t row, Row& out) const override
    {
        out.reset(m_columns.size());
        const Json& values = m_values[static_cast<std::size_t>(row)];
        for (std::size_t c = 0; c < m_columns.size(); ++c)
            if (const auto it = values.find(m_columns[c].name); it != values.end())
                importer::setCell(out, c, *it);
        return {};
    }

private:
    std::vector<Column> m_columns;
    std::vector<Json> m_values;
};

/// What steps leave: all values of the rows, and what each step says.
struct Cleaned {
    std::vector<Json> rows;
    std::vector<StepReport> reports;
    std::vector<Column> columns;
};

inline Cleaned clean(const MemoryRows& rows, const std::string& steps)
{
    Cleaned cleaned;
    const auto parsed = parseSteps("steps:\n  - " + steps + "\n");
    if (!parsed) {
        ADD_FAILURE() << parsed.error().message;
        return cleaned;
    }
    const auto chain = StepChain::prepare(*parsed, rows.columns());
    if (!chain) {
        ADD_FAILURE() << chain.error().message;
        return cleaned;
    }
    auto result = runSteps(rows, *chain, {});
    if (!result) {
        ADD_FAILURE() << result.error().message;
        return cleaned;
    }
    cleaned.reports = result->reports;
    cleaned.columns = chain->columns();
    Row row;
    for (const std::int64_t number : result->selection) {
        EXPECT_TRUE(rows.read(number, row));
        chain->edit(row);
        Json values = Json::object();
        for (std::size_t c = 0; c < cleaned.columns.size(); ++c)
            values[cleaned.columns[c].name] = importer::toJson(row[c]);
        cleaned.rows.push_back(std::move(values));
    }
    return cleaned;
}

/// The texts that a step leaves of these.
inline std::vector<std::string> textsAfter(const std::vector<std::string>& texts, const std::string& step)
{
    std::vector<std::string> left;
    for (const auto& row : clean(MemoryRows::ofTexts(texts), step).rows)
        left.push_back(row["t"]);
    return left;
}

/// The error of steps that cannot be prepared, or "" (a test fails on that).
inline Error refusal(const MemoryRows& rows, const std::string& steps)
{
    const auto parsed = parseSteps("steps:\n  - " + steps + "\n");
    if (!parsed)
        return parsed.error();
    const auto chain = StepChain::prepare(*parsed, rows.columns());
    if (chain)
        ADD_FAILURE() << "accepted: " << steps;
    return chain ? Error {} : chain.error();
}

}
