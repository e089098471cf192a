// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/classes.h"
#include "cleaner/random.h"
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

/// Every row stays in its place; drawn rows of the smaller classes follow behind, class by class.
class Oversample : public PreparedStep
{
public:
    Oversample(std::size_t column, std::uint64_t seed)
        : m_column(column)
        , m_seed(seed)
    {
    }
    Result<std::optional<Selection>> select(const RowSource& rows, const JobContext& context) const override
    {
        ATTUNE_TRY(const auto classes, classesOf(rows, m_column, context));
        std::size_t largest = 0;
        for (const auto& members : classes.members)
            largest = std::max(largest, members.size());
        Selection chosen(static_cast<std::size_t>(rows.rows()));
        for (std::size_t i = 0; i < chosen.size(); ++i)
            chosen[i] = static_cast<std::int64_t>(i);
        Random random(m_seed);
        for (const auto& members : classes.members) {
            std::size_t missing = largest - members.size();
            // Whole rounds first, so that no row is drawn a third time before each came twice.
            for (; missing >= members.size(); missing -= members.size())
                chosen.insert(chosen.end(), members.begin(), members.end());
            Selection drawn = members;
            random.shuffle(drawn);
            drawn.resize(missing);
            std::sort(drawn.begin(), drawn.end());
            chosen.insert(chosen.end(), drawn.begin(), drawn.end());
        }
        return std::optional(std::move(chosen));
    }

private:
    std::size_t m_column;
    std::uint64_t m_seed;
};

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    ATTUNE_TRY(const std::size_t column, columnOption(options, columns));
    return std::make_unique<Oversample>(column, options.at("seed").get<std::uint64_t>());
}

}

const Rule& oversample()
{
    static const Rule rule {"oversample", "Repeat rows of small classes",
        "Repeats rows until every class is as large as the largest; the copies follow at the end.",
        OptionSchema({columnOptionRow(),
            {.key = "seed", .type = OptionType::Integer, .defaultValue = 42, .label = "Seed", .help = "The same seed repeats the same rows.", .minimum = 0}}), prepare};
    return rule;
}

}
