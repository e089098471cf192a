// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/classes.h"
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

class Balance : public PreparedStep
{
public:
    Balance(std::size_t column, std::int64_t most)
        : m_column(column)
        , m_most(most)
    {
    }
    Result<std::optional<Selection>> select(const RowSource& rows, const JobContext& context) const override
    {
        ATTUNE_TRY(const auto classes, classesOf(rows, m_column, context));
        std::int64_t most = m_most;
        if (most == 0 && !classes.members.empty()) {
            most = INT64_MAX;
            for (const auto& members : classes.members)
                most = std::min(most, static_cast<std::int64_t>(members.size()));
        }
        Selection chosen;
        for (const auto& members : classes.members)
            chosen.insert(chosen.end(), members.begin(), members.begin() + std::min(most, static_cast<std::int64_t>(members.size())));
        std::sort(chosen.begin(), chosen.end());
        return std::optional(std::move(chosen));
    }

private:
    std::size_t m_column;
    std::int64_t m_most;
};

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    const Json& most = options.at("max_per_class");
    return std::make_unique<Balance>(column, most.is_null() ? 0 : most.get<std::int64_t>());
}

}

const Rule& balance()
{
    static const Rule rule {"balance", "Balance classes",
        "Keeps at most so many rows of each class: the first ones.",
        OptionSchema({columnOptionRow(),
            {.key = "max_per_class", .type = OptionType::Integer, .label = "Rows per class", .help = "The most rows of one value of the column; the smallest class's size when left out.", .unit = "rows", .minimum = 1, .isNullable = true}}), prepare};
    return rule;
}

}
